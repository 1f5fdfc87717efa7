package destinations_test

import (
	"testing"

	"penstock/destinations"
)

func TestEachDestinationIsFoundByItsType(t *testing.T) {
	all := destinations.Catalog()
	if len(all) == 0 {
		t.Fatal("the catalog is empty")
	}
	for _, d := range all {
		found, ok := destinations.Lookup(d.Definition().Slug)
		if !ok || found != d {
			t.Errorf("%s is found as %v", d.Definition().Slug, found)
		}
	}
	if _, ok := destinations.Lookup("nope"); ok {
		t.Error("a destination called nope is found")
	}
}
