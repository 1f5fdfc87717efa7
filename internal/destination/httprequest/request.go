// Package httprequest builds HTTP requests as Segment's client does: URLs as the WHATWG's standard reads them, headers in the order of the wire. It is for destinations
// whose mapping says where a request goes and what it carries.
package httprequest

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

const (
	userAgent   = "Segment (Actions)" // what endpoints that were written for Segment look for
	ownAgent    = "Penstock"          // when a mapping takes that header away
	contentType = "application/json"
)

// Spec is what a request is made of.
type Spec struct {
	URL       string
	Method    string
	Headers   jsvalue.Value // those of the mapping
	Body      []byte        // JSON; nil: none
	Signature string        // X-Signature; empty: none
	ID        string        // webhook-id: the same on every attempt; empty: none
	// SigningSecret is that of Standard Webhooks, which signs what has an ID; empty: it does not.
	SigningSecret string
}

// Build makes the request. The headers of the mapping replace the user agent and the signature, but not what frames the body.
func Build(spec Spec) (*destination.Request, *destination.PayloadError) {
	u, err := parseURL(spec.URL)
	if err != nil {
		return nil, err
	}
	var h headers
	h.put("user-agent", userAgent)
	if spec.Signature != "" {
		h.put("x-signature", spec.Signature)
	}
	if err := h.custom(spec.Headers); err != nil {
		return nil, err
	}
	if spec.Body != nil {
		h.put("content-type", contentType)
	}
	if spec.ID != "" {
		h.put("webhook-id", spec.ID)
		if spec.SigningSecret != "" {
			if err := h.signStandard(spec.SigningSecret, spec.ID, time.Now(), spec.Body); err != nil {
				return nil, err
			}
		}
	}
	if credentials := u.credentials(); credentials != "" {
		h.missing("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	}
	h.missing("user-agent", ownAgent)
	h.missing("accept", "*/*")
	h.put("content-length", strconv.Itoa(len(spec.Body)))
	h.missing("accept-encoding", "gzip,deflate")
	h.missing("host", u.hostPort())
	h.missing("connection", "keep-alive")
	return &destination.Request{Method: spec.Method, URL: u.String(), Headers: h.list, Body: spec.Body}, nil
}

// Sign is the signature of data under a secret: HMAC-SHA1, in hexadecimal digits.
func Sign(secret string, data []byte) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil))
}

// Origin is scheme://host:port of a URL; empty when it is none that requests can go to.
func Origin(url string) string {
	u, err := parseURL(url)
	if err != nil {
		return ""
	}
	port := u.port
	if port == "" {
		port = defaultPort(u.scheme)
	}
	return u.scheme + "://" + u.host + ":" + port
}

// Data is the JSON of a value; the bytes of what was cut out of an event are not copied. Undefined is nil.
func Data(v jsvalue.Value) []byte {
	if raw := v.Raw(); raw != nil {
		return raw
	}
	return v.AppendJSON(nil)
}

// List is the JSON array of values; undefined is null.
func List(values []jsvalue.Value) []byte {
	body := []byte{'['}
	for i, v := range values {
		if i > 0 {
			body = append(body, ',')
		}
		if v.Kind() == jsvalue.Undefined {
			body = append(body, "null"...)
		}
		body = v.AppendJSON(body)
	}
	return append(body, ']')
}
