package destination

import (
	"encoding/json"
	"errors"

	"penstock/internal/jsvalue"
	"penstock/internal/mapping"
	"penstock/internal/trigger"
)

// evalCase is a case of `penstock eval`: one line of NDJSON in the shape of the recordings that the tests use. What it does not need is ignored.
type evalCase struct{ v jsvalue.Value }

// readCase reads a line. When it is no JSON object, the answer to it is the second result.
func readCase(line []byte) (c evalCase, refusal []byte) {
	if !json.Valid(line) {
		return evalCase{}, evalCase{}.refuse("the line is not JSON")
	}
	c.v = jsvalue.Parse(line)
	if c.v.Kind() != jsvalue.Object {
		return evalCase{}, evalCase{}.refuse("the line must be a JSON object, and is " + article(c.v.Kind()))
	}
	return c, nil
}

// get is a member of the case.
func (c evalCase) get(name string) jsvalue.Value { return c.v.Get(jsvalue.NewKey(name)) }

// event is the JSON text that the case gives under name, or, taking precedence, as a text under name and "_json"; nil: neither.
func (c evalCase) event(name string) []byte {
	if text := c.get(name + "_json"); text.Kind() == jsvalue.String {
		return text.Bytes()
	}
	if v := c.get(name); v.Kind() != jsvalue.Undefined {
		return v.AppendJSON(nil)
	}
	return nil
}

// begin begins the answer to the case.
func (c evalCase) begin() *jsvalue.Builder {
	var o jsvalue.Builder
	if id := c.get("id"); id.Kind() != jsvalue.Undefined {
		o.Set("id", id)
	}
	return &o
}

// endLine ends an answer.
func endLine(o *jsvalue.Builder) []byte { return o.Object().AppendJSON(nil) }

// refuse is the answer to a case that cannot be tried.
func (c evalCase) refuse(message string) []byte {
	o := c.begin()
	o.Set("error", messages(message))
	return endLine(o)
}

func messages(texts ...string) jsvalue.Value {
	list := make([]jsvalue.Value, len(texts))
	for i, text := range texts {
		list[i] = jsvalue.OfString(text)
	}
	var o jsvalue.Builder
	o.Set("messages", jsvalue.OfArray(list))
	return o.Object()
}

// EvalTrigger tries a trigger on an event: {"id","subscription","event"} gives {"id","valid","matches"}, and "error" with the position when the
// trigger is not valid. matches is null where Segment's evaluator throws.
func EvalTrigger(line []byte) []byte {
	c, refusal := readCase(line)
	if refusal != nil {
		return refusal
	}
	text := c.get("subscription")
	if text.Kind() != jsvalue.String {
		return c.refuse("the member subscription must be a string: the trigger")
	}
	o := c.begin()
	tr, err := trigger.Parse(text.Str())
	o.Set("valid", jsvalue.OfBool(err == nil))
	if e, ok := errors.AsType[*trigger.Error](err); ok {
		o.Set("matches", jsvalue.OfBool(false))
		var about jsvalue.Builder
		about.Set("message", jsvalue.OfString(e.Message))
		about.Set("position", jsvalue.OfNumber(float64(e.Pos)))
		about.Set("expected", jsvalue.OfString(e.Expected))
		o.Set("error", about.Object())
		return endLine(o)
	}
	event := c.event("event")
	if event == nil { // undefined: nothing matches it
		o.Set("matches", jsvalue.OfBool(false))
		return endLine(o)
	}
	matched, err := tr.Evaluate(event)
	switch {
	case err != nil:
		o.Set("matches", jsvalue.OfNull())
		o.Set("error", messages(err.Error()))
	case jsvalue.Parse(event).Kind() == jsvalue.Null:
		o.Set("matches", jsvalue.OfNull())
		o.Set("error", messages("the event is null"))
	default:
		o.Set("matches", jsvalue.OfBool(matched))
	}
	return endLine(o)
}

// EvalMapping resolves a mapping for an event: {"id","mapping","payload"} gives {"id","output"}, without output where the result is undefined, or
// {"id","error":{"messages":[...]}}.
func EvalMapping(line []byte) []byte {
	c, refusal := readCase(line)
	if refusal != nil {
		return refusal
	}
	if c.get("mapping").Kind() == jsvalue.Undefined {
		return c.refuse("the member mapping is missing")
	}
	o := c.begin()
	out, err := evalMapping(c.get("mapping"), c.event("payload"))
	if err != nil {
		o.Set("error", errorValue(err))
		return endLine(o)
	}
	o.Set("output", out)
	return endLine(o)
}

func evalMapping(m jsvalue.Value, event []byte) (jsvalue.Value, error) {
	compiled, err := mapping.Compile(m.AppendJSON(nil))
	if err == nil {
		return compiled.Resolve(event)
	}
	if kind := jsvalue.Parse(event).Kind(); kind != jsvalue.Object && kind != jsvalue.Undefined {
		return jsvalue.Value{}, &mapping.Error{Messages: []string{"data must be an object, got " + kind.String()}}
	}
	return jsvalue.Value{}, err
}

// errorValue is an error as `penstock eval` tells it: {"messages":[...]}, with "code" and "fields" where there are.
func errorValue(err error) jsvalue.Value {
	if e, ok := errors.AsType[*mapping.Error](err); ok {
		return messages(e.Messages...)
	}
	e, ok := errors.AsType[*PayloadError](err)
	if !ok {
		return messages(err.Error())
	}
	var o jsvalue.Builder
	for _, m := range messages(e.Message).Members() {
		o.Set(m.Name, m.Value)
	}
	o.Set("code", jsvalue.OfString(e.Code))
	if len(e.Fields) > 0 {
		fields := make([]jsvalue.Value, len(e.Fields))
		for i, f := range e.Fields {
			var field jsvalue.Builder
			field.Set("path", jsvalue.OfString(f.Path))
			field.Set("pointer", jsvalue.OfString(f.Pointer))
			field.Set("message", jsvalue.OfString(f.Message))
			fields[i] = field.Object()
		}
		o.Set("fields", jsvalue.OfArray(fields))
	}
	return o.Object()
}
