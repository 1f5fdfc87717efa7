package webhook

import (
	"penstock/internal/destination"
	"penstock/internal/destination/httprequest"
	"penstock/internal/jsvalue"
)

// send is the payload of the action of that name. Its tags are the keys of the definition's fields, which a test ties together.
type send struct {
	URL       string        `json:"url"`
	Method    string        `json:"method"`
	BatchSize jsvalue.Value `json:"batch_size"` //nolint:tagliatelle // the field's key
	Headers   jsvalue.Value `json:"headers"`
	Data      jsvalue.Value `json:"data"`
	BatchKeys jsvalue.Value `json:"batch_keys"` //nolint:tagliatelle // the field's key
}

func sendOf(p destination.Payload) send {
	return send{
		URL: p.Value("url").Str(), Method: p.Value("method").Str(), BatchSize: p.Value("batch_size"),
		Headers: p.Value("headers"), Data: p.Value("data"), BatchKeys: p.Value("batch_keys"),
	}
}

// prepare makes the request of a call. A batch goes to the address, and with the headers and the signature, of its first payload.
func prepare(call *destination.Call) (*destination.Request, *destination.PayloadError) {
	first := sendOf(call.Payload)
	spec := httprequest.Spec{
		URL: first.URL, Method: first.Method, Headers: first.Headers, Body: httprequest.Data(first.Data),
		ID: call.ID, SigningSecret: call.Settings.Text("signingSecret"),
	}
	if secret := call.Settings.Text("sharedSecret"); secret != "" && spec.Body != nil {
		spec.Signature = httprequest.Sign(secret, spec.Body)
	}
	if call.Batch != nil {
		list := make([]jsvalue.Value, len(call.Batch))
		for i, p := range call.Batch {
			list[i] = p.Value("data")
		}
		spec.Body = httprequest.List(list)
	}
	return httprequest.Build(spec)
}
