package pendowire

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// InflatedMax is how large what a jzb holds may be, in bytes. The agent packs at most 64 KiB, packed.
const InflatedMax = 4 << 20

// ErrInflatedTooLarge is a jzb that holds more than InflatedMax.
var ErrInflatedTooLarge = fmt.Errorf("it holds more than %d bytes", InflatedMax)

// Unpack returns the events that the agent sent: an array of JSON objects, in a body {"events": "<jzb>"}, or in the place of the jzb.
func Unpack(body jsontext.Value) (jsontext.Value, error) {
	events := member(body, "events")
	if events.Kind() == '"' {
		inflated, err := Inflate(text(events))
		if err != nil {
			return nil, err
		}
		events = inflated
	}
	if events.Kind() != '[' {
		return nil, errors.New("read events: there is no list of events")
	}
	return events, nil
}

// Inflate reads a jzb: JSON, compressed (RFC 1950), in base64url without padding.
func Inflate(jzb string) (jsontext.Value, error) {
	z, err := zlib.NewReader(base64.NewDecoder(base64.RawURLEncoding, bytes.NewReader([]byte(jzb))))
	if err != nil {
		return nil, fmt.Errorf("read jzb: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, InflatedMax+1))
	if err != nil {
		return nil, fmt.Errorf("read jzb: %w", err)
	}
	if len(out) > InflatedMax {
		return nil, fmt.Errorf("read jzb: %w", ErrInflatedTooLarge)
	}
	body, err := CheckBody(out)
	if err != nil {
		return nil, fmt.Errorf("read jzb: %w", err)
	}
	return body, nil
}

// Deflate writes a jzb.
func Deflate(text []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(text) // a buffer takes everything
	_ = z.Close()
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// PackedIn is the jzb of a body {"events": "<jzb>"}, as the agent posts it; "" when there is none.
func PackedIn(body []byte) string {
	checked, err := CheckBody(body)
	if err != nil {
		return ""
	}
	return text(member(checked, "events"))
}

// AskingVisitor is the visitor for whom the agent asks for guides, with a jzb; "" when it cannot be read.
func AskingVisitor(jzb string) string {
	question, err := Inflate(jzb)
	if err != nil {
		return ""
	}
	return id(member(question, "visitorId"))
}
