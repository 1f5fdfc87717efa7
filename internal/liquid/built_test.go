package liquid_test

import (
	"errors"
	"testing"

	"penstock/internal/liquid"
)

// A binary without LiquidJS says so, at once and for every template.
func TestParseSaysWhetherLiquidJSIsBuiltIn(t *testing.T) {
	_, err := liquid.Parse("{{ event }}")
	if missing := errors.Is(err, liquid.ErrNotBuilt); missing == liquid.Built() {
		t.Errorf("parse: got error %v; LiquidJS is built in: %v", err, liquid.Built())
	}
}
