package webhook

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the algorithm of the signature is given
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	"penstock/internal/destination"
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

const (
	userAgent   = "Segment (Actions)" // what endpoints that were written for Segment look for
	ownAgent    = "Penstock"          // when a mapping takes that header away
	contentType = "application/json"
)

// prepare makes the request of a call. A batch goes to the address, and with the headers and the signature, of its first payload.
func prepare(call *destination.Call) (*destination.Request, *destination.PayloadError) {
	first := sendOf(call.Payload)
	u, err := parseURL(first.URL)
	if err != nil {
		return nil, err
	}
	body := bodyOf(call, first.Data)
	var h headers
	h.put("user-agent", userAgent)
	if secret := call.Settings.Text("sharedSecret"); secret != "" && first.Data.Kind() != jsvalue.Undefined {
		signed := body
		if call.Batch != nil {
			signed = first.Data.AppendJSON(nil)
		}
		h.put("x-signature", sign(secret, signed))
	}
	if err := h.custom(first.Headers); err != nil {
		return nil, err
	}
	if body != nil {
		h.put("content-type", contentType)
	}
	if call.ID != "" {
		h.put("webhook-id", call.ID)
		if secret := call.Settings.Text("signingSecret"); secret != "" {
			if err := h.signStandard(secret, call.ID, time.Now(), body); err != nil {
				return nil, err
			}
		}
	}
	if credentials := u.credentials(); credentials != "" {
		h.missing("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	}
	h.missing("user-agent", ownAgent)
	h.missing("accept", "*/*")
	h.put("content-length", strconv.Itoa(len(body)))
	h.missing("accept-encoding", "gzip,deflate")
	h.missing("host", u.hostPort())
	h.missing("connection", "keep-alive")
	return &destination.Request{Method: first.Method, URL: u.String(), Headers: h.list, Body: body}, nil
}

// bodyOf is the body of the request; nil: it has none. The bytes of an event that is sent as a whole are not copied.
func bodyOf(call *destination.Call, data jsvalue.Value) []byte {
	if call.Batch == nil {
		if raw := data.Raw(); raw != nil {
			return raw
		}
		return data.AppendJSON(nil)
	}
	body := []byte{'['}
	for i, p := range call.Batch {
		if i > 0 {
			body = append(body, ',')
		}
		if v := p.Value("data"); v.Kind() != jsvalue.Undefined {
			body = v.AppendJSON(body)
		} else {
			body = append(body, "null"...)
		}
	}
	return append(body, ']')
}

// sign is the signature of data: HMAC-SHA1, in hexadecimal digits.
func sign(secret string, data []byte) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil))
}
