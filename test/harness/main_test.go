package harness_test

import (
	"testing"

	"penstock/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
