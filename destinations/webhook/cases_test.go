package webhook

import (
	"testing"

	"penstock/internal/destination/destinationtest"
)

func TestCases(t *testing.T) { destinationtest.Run(t, New(), "testdata/send") }
