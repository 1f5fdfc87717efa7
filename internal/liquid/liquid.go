// Package liquid renders the templates of the directive @liquid. It runs LiquidJS itself, the library that defines what such a template means, in a
// JavaScript engine written in Go; so filters, numbers, dates and the wording of errors are LiquidJS's own. What may not be used, and how much of everything, is
// decided in engine.js and by the bounds here.
//
// The code that runs is liquid.node.js of the release that npm/package.json pins, unchanged; the build brings it here (liquidjs/README.md). It reaches no file and no network: there is nothing to reach them with.
package liquid

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"penstock/internal/jsvalue"
)

// Bounds on a template. LiquidJS has bounds of its own, on time and memory, which are set in engine.js and looked at between the parts of a template.
const (
	UnitsMax  = 1000        // length of a template, in UTF-16 code units
	RenderMax = time.Second // how long one rendering may run; beyond it the engine is stopped wherever it is
	callsMax  = 2000        // depth of calls within the engine
)

// Error says why a template is not valid, or cannot be rendered. Messages that come from LiquidJS end with ", line:L, col:C".
type Error struct {
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// errTime is what LiquidJS too says when it notices that time is up.
var errTime = &Error{"template render limit exceeded"}

// ErrNotBuilt is the answer to every template in a binary that was built without LiquidJS.
var ErrNotBuilt = &Error{"this binary was built without LiquidJS, so @liquid cannot be used; build it with `make build`, or write the value with @template"}

// Template is a template that has been checked. It is safe for concurrent use.
type Template struct {
	source string
}

// Parse reads a template. Its error is an *Error.
func Parse(source string) (*Template, error) {
	if !Built() {
		return nil, ErrNotBuilt
	}
	if jsvalue.UnitLen(source) > UnitsMax {
		return nil, &Error{fmt.Sprintf("liquid template values are limited to %d characters", UnitsMax)}
	}
	err := run(func(e *engine) error {
		_, err := e.template(source)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Template{source}, nil
}

// Render makes the text that the template says of an event. Its error is an *Error.
func (t *Template) Render(event jsvalue.Value) (string, error) {
	var text string
	err := run(func(e *engine) error {
		template, err := e.template(t.source)
		if err != nil {
			return err
		}
		out, err := e.render(goja.Undefined(), template, e.vm.NewDynamicObject(&scope{engine: e, event: event}))
		if err == nil {
			text = plain(out)
		}
		return err
	})
	return text, err
}

// run lends an engine to a function, for a bounded time. An engine that had to be stopped is not used again.
func run(use func(e *engine) error) (err error) {
	e := lend()
	defer func() {
		if r := recover(); r != nil {
			err = &Error{fmt.Sprintf("the template engine broke off: %v", r)}
		}
	}()
	e.began = begin()
	watch := newWatch(e.vm, e.began)
	err = use(e)
	if watch.end() {
		return errTime
	}
	giveBack(e)
	return readError(err)
}

// readError takes out of an error of the engine what LiquidJS says.
func readError(err error) error {
	if err == nil {
		return nil
	}
	if thrown, ok := errors.AsType[*goja.Exception](err); ok {
		if object, ok := thrown.Value().(*goja.Object); ok {
			return &Error{object.Get("message").String()}
		}
		return &Error{thrown.Value().String()}
	}
	if _, ok := errors.AsType[*goja.StackOverflowError](err); ok {
		return &Error{"the template is nested too deeply"}
	}
	return &Error{err.Error()}
}

// plain is a string of the engine as text.
func plain(v goja.Value) string {
	text := v.String()
	if !strings.ContainsRune(text, utf8.RuneError) {
		return text
	}
	s, ok := v.(goja.String) // half characters are to be kept
	if !ok {
		return text
	}
	units := make([]uint16, s.Length())
	for i := range units {
		units[i] = s.CharAt(i)
	}
	return jsvalue.FromUnits(units)
}
