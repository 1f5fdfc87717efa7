// Package webhookaudiences is Webhook Audiences: Webhooks (Actions) for the events of audiences, with extras that an audience carries. README.md says how to use it.
package webhookaudiences

import (
	"context"
	_ "embed" // of the definition
	"fmt"
	"strconv"

	"penstock/internal/destination"
	"penstock/internal/destination/httprequest"
	"penstock/internal/jsvalue"
)

//go:embed definition.json
var definitionJSON []byte

// Audiences is the destination.
type Audiences struct {
	definition *destination.Definition
}

// New makes the destination. It panics when the definition that is built in is not valid.
func New() *Audiences {
	definition, err := destination.ParseDefinition(definitionJSON)
	if err != nil {
		panic(fmt.Sprintf("webhookaudiences: %v", err))
	}
	return &Audiences{definition: definition}
}

// Definition describes it.
func (a *Audiences) Definition() *destination.Definition { return a.definition }

// Perform sends the payload, or the batch of them, in one request.
func (a *Audiences) Perform(ctx context.Context, call *destination.Call) destination.Result {
	r, err := prepare(call)
	if err != nil {
		return destination.Result{Class: destination.ClassRejected, Code: err.Code, Reason: err.Message + ": mend the mapping, or the extras of the audience"}
	}
	return destination.Send(ctx, call, r)
}

// Prepare gives the request that Perform would send.
func (a *Audiences) Prepare(call *destination.Call) ([]destination.Request, error) {
	r, err := prepare(call)
	if err != nil {
		return nil, err
	}
	return []destination.Request{*r}, nil
}

// Origin is where the payload goes to.
func (a *Audiences) Origin(call *destination.Call) string {
	return httprequest.Origin(call.Payload.Value("url").Str())
}

// codeExtras is the code of an event whose extras cannot be read.
const codeExtras = "INVALID_REQUEST_DATA"

// prepare makes the request of a call. The signature is that of the data before extras are added; a batch has address, headers, signature and extras of its
// first payload.
func prepare(call *destination.Call) (*destination.Request, *destination.PayloadError) {
	first := call.Payload
	extras, err := extrasOf(first)
	if err != nil {
		return nil, err
	}
	spec := httprequest.Spec{URL: first.Value("url").Str(), Method: first.Value("method").Str(), Headers: first.Value("headers"), ID: call.ID}
	data := first.Value("data")
	if secret := call.Settings.Text("sharedSecret"); secret != "" && data.Kind() != jsvalue.Undefined {
		spec.Signature = httprequest.Sign(secret, httprequest.Data(data))
	}
	if call.Batch == nil {
		spec.Body = httprequest.Data(spread(data, extras))
		return httprequest.Build(spec)
	}
	list := make([]jsvalue.Value, len(call.Batch))
	for i, p := range call.Batch {
		list[i] = spread(p.Value("data"), extras)
	}
	spec.Body = httprequest.List(list)
	return httprequest.Build(spec)
}

// extrasOf reads the extras that the event carries: JSON in a string, as members.
func extrasOf(p destination.Payload) ([]jsvalue.Member, *destination.PayloadError) {
	text := p.Value("extras")
	if !text.Truthy() {
		return nil, nil
	}
	v, ok := jsvalue.DecodeText(text.Text())
	if !ok {
		return nil, &destination.PayloadError{Code: codeExtras, Message: "Invalid extraSettings JSON"}
	}
	switch v.Kind() {
	case jsvalue.Object:
		return v.Members(), nil
	case jsvalue.Array:
		return indexed(v.Elements()), nil
	case jsvalue.String:
		units := jsvalue.Units(v.Str())
		chars := make([]jsvalue.Value, len(units))
		for i := range units {
			chars[i] = jsvalue.OfString(jsvalue.FromUnits(units[i : i+1]))
		}
		return indexed(chars), nil
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Boolean, jsvalue.Number:
	}
	return nil, nil
}

func indexed(values []jsvalue.Value) []jsvalue.Member {
	members := make([]jsvalue.Member, len(values))
	for i, v := range values {
		members[i] = jsvalue.Member{Name: strconv.Itoa(i), Value: v}
	}
	return members
}

// spread is data with extras, which win; without extras it is data itself, or an empty object.
func spread(data jsvalue.Value, extras []jsvalue.Member) jsvalue.Value {
	if len(extras) == 0 && data.Kind() != jsvalue.Undefined {
		return data
	}
	var out jsvalue.Builder
	for _, m := range data.Members() {
		out.Set(m.Name, m.Value)
	}
	for _, m := range extras {
		out.Set(m.Name, m.Value)
	}
	return out.Object()
}
