package e2e

import (
	"testing"

	"penstock/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// example is the workspace that `make run` serves.
const example = "../../examples/pendo/workspace.yaml"
