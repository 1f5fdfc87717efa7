package destination

import (
	"errors"
	"net/http"

	"penstock/internal/jsvalue"
	"penstock/internal/trigger"
)

// EvalAction tries an action without touching the network: {"id","destination","mode","settings","subscribe","partner_action","mapping","event"} (of mode
// batch: "events") gives {"id","requests":[{"method","url","headers","body"}]}, an empty list where nothing would be sent, or {"id","error":{...}}. When the
// case has "responses", "outcomes" says what each of them would mean.
func EvalAction(line []byte, lookup func(slug string) (Destination, bool)) []byte {
	c, refusal := readCase(line)
	if refusal != nil {
		return refusal
	}
	name := c.get("destination").Text()
	d, ok := lookup(name)
	if !ok { // types all begin so, and cases leave it out
		d, ok = lookup("actions-" + name)
	}
	if !ok {
		return c.refuse("no destination is called " + name + "; webhook is one")
	}
	o := c.begin()
	requests, err := evalAction(c, d)
	if err != nil {
		o.Set("error", errorValue(err))
		return endLine(o)
	}
	list := make([]jsvalue.Value, len(requests))
	for i := range requests {
		list[i] = requestValue(&requests[i])
	}
	o.Set("requests", jsvalue.OfArray(list))
	if responses := c.get("responses"); responses.Kind() == jsvalue.Array {
		o.Set("outcomes", outcomes(responses))
	}
	return endLine(o)
}

func evalAction(c evalCase, d Destination) ([]Request, error) {
	if err := CheckSettings(d, c.get("settings").AppendJSON(nil)); err != nil {
		return nil, err
	}
	text := c.get("subscribe").Str()
	if _, err := trigger.Parse(text); err != nil {
		return nil, nil //nolint:nilerr // a trigger that is not valid never matches
	}
	m, err := CompileLoosely(d, Spec{Action: c.get("partner_action").Str(), Trigger: text, Fields: c.get("mapping").AppendJSON(nil)}, c.get("settings").AppendJSON(nil))
	if errors.Is(err, ErrNoAction) {
		return nil, nil
	}
	if c.get("mode").Equals("batch") {
		return evalBatch(c, m, err)
	}
	event := c.event("event")
	if !triggered(text, event) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := m.Resolve(event)
	if err != nil {
		return nil, err
	}
	return m.Prepare("", p)
}

func triggered(text string, event []byte) bool {
	tr, err := trigger.Parse(text)
	if err != nil || event == nil {
		return false
	}
	matched, err := tr.Evaluate(event)
	return matched && err == nil
}

// evalBatch leaves out what does not match or is not valid; a mapping that fails for one event fails for all.
func evalBatch(c evalCase, m *Mapping, compileError error) ([]Request, error) {
	var payloads []Payload
	for _, e := range c.get("events").Elements() {
		event := e.AppendJSON(nil)
		if !triggered(c.get("subscribe").Str(), event) {
			continue
		}
		if compileError != nil {
			return nil, compileError
		}
		p, err := m.ResolveForBatch(event)
		if refused, ok := errors.AsType[*PayloadError](err); ok && refused.Code == CodePayloadValidation {
			continue
		}
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, p)
	}
	if len(payloads) == 0 {
		return nil, nil
	}
	return m.PrepareBatch("", payloads)
}

func requestValue(r *Request) jsvalue.Value {
	var o, headers jsvalue.Builder
	o.Set("method", jsvalue.OfString(r.Method))
	o.Set("url", jsvalue.OfString(r.URL))
	for _, h := range r.Headers {
		headers.Set(h[0], jsvalue.OfString(h[1]))
	}
	o.Set("headers", headers.Object())
	o.Set("body", jsvalue.OfString(string(r.Body)))
	return o.Object()
}

// outcomes says what answers mean: those with a status, and the faults destroy, hang and raw.
func outcomes(responses jsvalue.Value) jsvalue.Value {
	var out []jsvalue.Value
	for _, r := range responses.Elements() {
		member := func(name string) jsvalue.Value { return r.Get(jsvalue.NewKey(name)) }
		var result Result
		switch {
		case member("destroy").Truthy():
			result = Result{Class: ClassRetry, Suspect: true, Code: CodeReset}
		case member("hang").Truthy():
			result = Result{Class: ClassRetry, Suspect: true, Code: CodeTimedOut}
		case member("raw").Truthy():
			result = Result{Class: ClassRetry, Suspect: true, Code: CodeProtocol}
		default:
			header := http.Header{}
			for _, h := range member("headers").Members() {
				header.Set(h.Name, h.Value.Text())
			}
			status := http.StatusOK
			if s := member("status"); s.Kind() == jsvalue.Number {
				status = int(s.Float())
			}
			result = Classify(status, header)
		}
		var o jsvalue.Builder
		o.Set("class", jsvalue.OfString(string(result.Class)))
		o.Set("code", jsvalue.OfString(result.Code))
		if result.Reason != "" {
			o.Set("reason", jsvalue.OfString(result.Reason))
		}
		if result.After > 0 {
			o.Set("afterSeconds", jsvalue.OfNumber(result.After.Seconds()))
		}
		o.Set("suspect", jsvalue.OfBool(result.Suspect))
		out = append(out, o.Object())
	}
	return jsvalue.OfArray(out)
}
