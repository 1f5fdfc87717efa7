//go:build e2e

package liquid_test

import (
	"testing"

	"penstock/internal/liquid"
)

// What `make test` tests has LiquidJS in it.
func TestLiquidJSIsBuiltIn(t *testing.T) {
	if !liquid.Built() {
		t.Fatal("LiquidJS is not built in; run `make internal/liquid/liquidjs/liquid.node.js`")
	}
}
