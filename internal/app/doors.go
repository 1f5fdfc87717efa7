package app

import (
	"net/http"

	"penstock/internal/access"
)

// doors is everything that the server answers to. Each route stands behind a gate, or is open to anybody and says why.
type doors struct {
	mux *http.ServeMux
	all []door
}

// door is one route.
type door struct {
	pattern string
	open    string       // why anybody may come in; empty: the gate decides
	gate    *access.Gate // nil: it is open
}

func newDoors() *doors { return &doors{mux: http.NewServeMux()} }

// open returns what routes are registered with that anybody may use.
func (d *doors) open(why string) *opened { return &opened{doors: d, why: why} }

// opened registers routes that are open.
type opened struct {
	doors *doors
	why   string
}

// Handle registers a route, as http.ServeMux does.
func (o *opened) Handle(pattern string, handler http.Handler) {
	o.doors.all = append(o.doors.all, door{pattern: pattern, open: o.why})
	o.doors.mux.Handle(pattern, handler)
}

// guarded puts paths behind a gate.
func (d *doors) guarded(gate *access.Gate, paths ...string) {
	for _, path := range paths {
		d.all = append(d.all, door{pattern: path, gate: gate})
		d.mux.Handle(path, gate)
	}
}
