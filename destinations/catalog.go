// Package destinations is the catalog: the explicit list of the destinations that Penstock can deliver to. There is one folder for each.
package destinations

import (
	"slices"
	"sync"

	"penstock/destinations/webhook"
	"penstock/destinations/webhookaudiences"
	"penstock/internal/destination"
)

// catalog is made once, since definitions are read from JSON. A destination is added by its line.
//
//nolint:gochecknoglobals // a constant table
var catalog = sync.OnceValue(func() []destination.Destination {
	return []destination.Destination{
		webhook.New(),
		webhookaudiences.New(),
	}
})

// Catalog lists all destinations.
func Catalog() []destination.Destination { return slices.Clone(catalog()) }

// Lookup finds a destination by its type, the slug of its definition, such as actions-webhook.
func Lookup(slug string) (destination.Destination, bool) {
	for _, d := range catalog() {
		if d.Definition().Slug == slug {
			return d, true
		}
	}
	return nil, false
}
