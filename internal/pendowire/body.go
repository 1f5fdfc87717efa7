package pendowire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// BodyError says where a body stops being one JSON text that can hold events, and what to do about it.
type BodyError struct {
	What   string
	Mend   string
	Line   int // from 1
	Column int // in characters, from 1
	Offset int // in bytes, from 0
}

// Error is one sentence for the sender.
func (e *BodyError) Error() string {
	return fmt.Sprintf("%s: line %d, column %d (byte %d); %s", e.What, e.Line, e.Column, e.Offset, e.Mend)
}

// BatchMax is how many events one body may hold. Segment's own batches have at most 1,000.
const BatchMax = 10_000

// pointerMax is how much of a path to a place is shown, in bytes.
const pointerMax = 200

// CheckBody checks that a body is one JSON object or array in UTF-8, and returns it without the space around it, and without newlines:
// as it came, if it has none. Its error is a *BodyError. The result may be a part of body, or overwrite it.
func CheckBody(body []byte) (jsontext.Value, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, bodyError(body, 0, "the body is empty")
	}
	if at := invalidUTF8(body); at >= 0 {
		return nil, bodyError(body, int64(at), "the body is not UTF-8")
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), lenient()...)
	v, err := dec.ReadValue()
	if err != nil {
		return nil, syntaxError(body, err)
	}
	if kind := v.Kind(); kind != '{' && kind != '[' {
		return nil, bodyError(body, 0, "the body is JSON, but no object")
	}
	end := dec.InputOffset()
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, bodyError(body, end, "more follows after the end of the JSON text")
	}
	v = part(body, end, v)
	if bytes.ContainsAny(v, "\r\n") {
		if err := v.Compact(lenient()...); err != nil {
			return nil, syntaxError(body, err)
		}
	}
	return v, nil
}

// CheckBatch tells whether a body, valid JSON, holds at most BatchMax events.
func CheckBatch(body jsontext.Value) bool {
	events, _ := Elements(body)
	n := 0
	for range events {
		if n++; n > BatchMax {
			return false
		}
	}
	return true
}

// invalidUTF8 is the index of the first byte that is not UTF-8, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func syntaxError(body []byte, err error) *BodyError {
	e, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return bodyError(body, int64(len(body)), "the body breaks off")
	}
	what := "the body is not JSON"
	if e.JSONPointer != "" {
		pointer := string(e.JSONPointer)
		what += ", near " + strings.ToValidUTF8(pointer[:min(pointerMax, len(pointer))], "")
	}
	return bodyError(body, e.ByteOffset, what)
}

func bodyError(body []byte, offset int64, what string) *BodyError {
	offset = min(offset, int64(len(body)))
	before := body[:offset]
	e := &BodyError{
		What:   what,
		Mend:   "send the entire event as JSON in UTF-8",
		Line:   bytes.Count(before, []byte{'\n'}) + 1,
		Column: utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1,
		Offset: int(offset),
	}
	for _, quote := range []string{"“", "”", "‘", "’"} {
		if bytes.HasPrefix(body[offset:], []byte(quote)) {
			e.Mend = "there is a typographic quote " + quote + ` here; write a straight one, "`
		}
	}
	return e
}
