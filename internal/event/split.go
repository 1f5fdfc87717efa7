package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Splitter takes bodies apart. It is used for one body after the other and keeps its memory between them; it belongs to one goroutine at a
// time. The zero value is ready.
type Splitter struct {
	source  bytes.Buffer
	decoder jsontext.Decoder
	body    []byte
	typ     Type
	broken  bool // there are line breaks in the body

	members  []part // of all events
	events   []item
	envelope [fieldCount]span // of a batch: its own members
	shared   shared

	accepted []Accepted
	rejected []*Rejection
	ids      []byte
	writer   writer
	view     view
}

// span is a part of the body.
type span struct{ from, to int }

// part is a member of an event.
type part struct {
	field field
	name  span // with its quotes
	value span
}

// item is an event of the body, and where its members are.
type item struct {
	raw         span
	first, last int // of members; last is not among them
}

// Split scans a body once: it must be one JSON object, an event of type typ or a batch. The body must not be changed until the next call, and what
// the Splitter returns points into it. A nil Rejection means that it can be normalized.
//
// Names that are repeated are allowed: of the members that ingest knows the last one counts, what lies deeper is not looked at. Escapes of
// lone surrogates are allowed, and kept. Bytes that are not UTF-8 become U+FFFD. A byte order mark at the beginning is passed over.
func (s *Splitter) Split(body []byte, typ Type) *Rejection {
	body = bytes.TrimPrefix(body, []byte(byteOrderMark))
	if !utf8.Valid(body) {
		if r := notText(body); r != nil {
			return r
		}
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	s.body, s.typ, s.broken = body, typ, bytes.IndexByte(body, '\n') >= 0
	s.members, s.events = s.members[:0], s.events[:0]
	s.envelope = [fieldCount]span{}
	s.source = *bytes.NewBuffer(body)
	s.decoder.Reset(&s.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err := s.document()
	if r, ok := errors.AsType[*Rejection](err); ok {
		return r
	}
	if err != nil {
		return unreadable(body, err)
	}
	return nil
}

// notText refuses what is not text at all.
func notText(body []byte) *Rejection {
	r := Whole(BadRequest, "The body is not JSON: it is not UTF-8 text.", "")
	switch {
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}), bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		r.Message = "The body is not JSON: it begins with a byte order mark of UTF-16."
		r.Mend = "Send it as UTF-8."
	case bytes.HasPrefix(body, []byte{0x1F, 0x8B}):
		r.Message = "The body is not JSON: it is compressed with gzip."
		r.Mend = "Send the header Content-Encoding: gzip with it."
	default:
		return nil
	}
	return r
}

// document reads the one document that a body is.
func (s *Splitter) document() error {
	kind := s.decoder.PeekKind()
	if kind != '{' {
		value, err := s.decoder.ReadValue()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		return Whole(BadRequest, "The body is "+describe(value)+", not a JSON object.", s.objectMend(kind))
	}
	var err error
	if s.typ == Batch {
		err = s.readEnvelope()
	} else {
		err = s.readEvent()
	}
	if err != nil {
		return err
	}
	end := skipSpace(s.body, int(s.decoder.InputOffset()))
	if end < len(s.body) {
		return &jsontext.SyntacticError{ByteOffset: int64(end), Err: errTrailing}
	}
	if s.typ == Batch {
		return s.checkEnvelope()
	}
	return nil
}

func (s *Splitter) objectMend(kind jsontext.Kind) string {
	if kind == '[' {
		return `Send several events as {"batch": [ ... ]} to /v1/batch.`
	}
	return "Send the event as a JSON object."
}

// readEvent reads the object that comes next as an event. Its values are checked and passed over, not decoded.
func (s *Splitter) readEvent() error {
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	e := item{raw: span{from: int(s.decoder.InputOffset()) - 1}, first: len(s.members)}
	for s.decoder.PeekKind() != '}' {
		m, err := s.readName()
		if err != nil {
			return err
		}
		if m.value, err = s.readValue(); err != nil {
			return err
		}
		s.members = append(s.members, m)
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	e.raw.to, e.last = int(s.decoder.InputOffset()), len(s.members)
	s.events = append(s.events, e)
	return nil
}

func (s *Splitter) readName() (part, error) {
	name, err := s.decoder.ReadValue()
	if err != nil {
		return part{}, err
	}
	to := int(s.decoder.InputOffset())
	m := part{name: span{from: to - len(name), to: to}}
	if m.field = fieldOf(name); m.field == other {
		m.field = fieldOf(plainName(name))
	}
	return m, nil
}

func (s *Splitter) readValue() (span, error) {
	value, err := s.decoder.ReadValue()
	to := int(s.decoder.InputOffset())
	return span{from: to - len(value), to: to}, err
}

// readEnvelope reads a batch.
func (s *Splitter) readEnvelope() error {
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	for s.decoder.PeekKind() != '}' {
		m, err := s.readName()
		if err != nil {
			return err
		}
		if m.field == fieldBatch && s.decoder.PeekKind() == '[' {
			m.value, err = s.readBatch()
		} else {
			m.value, err = s.readValue()
		}
		if err != nil {
			return err
		}
		s.envelope[m.field] = m.value
	}
	_, err := s.decoder.ReadToken()
	return err
}

// readBatch reads the array of events. If there was one before, it is forgotten: of repeated names the last one counts.
func (s *Splitter) readBatch() (span, error) {
	s.members, s.events = s.members[:0], s.events[:0]
	if _, err := s.decoder.ReadToken(); err != nil {
		return span{}, err
	}
	from := int(s.decoder.InputOffset()) - 1
	for kind := s.decoder.PeekKind(); kind != ']'; kind = s.decoder.PeekKind() {
		if kind == '{' {
			if err := s.readEvent(); err != nil {
				return span{}, err
			}
		} else {
			raw, err := s.readValue()
			if err != nil {
				return span{}, err
			}
			s.events = append(s.events, item{raw: raw})
		}
		if len(s.events) > BatchEventsMax {
			return span{}, Whole(PayloadTooLarge, fmt.Sprintf("Exceed payload limit: the batch has more than %d events.", BatchEventsMax), "Send fewer events in a batch.")
		}
	}
	_, err := s.decoder.ReadToken()
	return span{from: from, to: int(s.decoder.InputOffset())}, err
}

// checkEnvelope checks what a batch has besides its events.
func (s *Splitter) checkEnvelope() error {
	switch batch := s.part(s.envelope[fieldBatch]); {
	case batch == nil:
		return Whole(BadRequest, `The batch has no "batch" member.`, `Send {"batch": [ ... ]}, or a single event to the route of its type, such as /v1/track.`)
	case batch[0] != '[':
		return Whole(BadRequest, `The "batch" member is `+describe(batch)+", not an array.", `Send {"batch": [ ... ]}.`)
	case len(s.events) == 0:
		return Whole(EmptyBatch, "The batch has no events.", "Send at least one event in a batch.")
	}
	if v := s.part(s.envelope[fieldContext]); !isObject(v) {
		return Whole(ContextNotObject, `The batch's "context" is `+describe(v)+", not an object.", "Send an object, or leave it out.")
	}
	if v := s.part(s.envelope[fieldIntegrations]); !isObject(v) {
		return Whole(IntegrationsNotObject, `The batch's "integrations" are `+describe(v)+", not an object.", "Send an object, or leave it out.")
	}
	return nil
}

// part is a part of the body; nil when it is empty.
func (s *Splitter) part(at span) []byte {
	if at.from == at.to {
		return nil
	}
	return s.body[at.from:at.to]
}

// isObject tells whether a value is an object, or not there at all.
func isObject(value []byte) bool {
	return len(value) == 0 || value[0] == '{' || value[0] == 'n'
}

// Events is the number of events in the body.
func (s *Splitter) Events() int { return len(s.events) }

// WriteKey is the write key that the body names, or "": the batch's own, or the one of its first event that has one.
func (s *Splitter) WriteKey() string {
	if s.typ == Batch {
		if key := text(s.part(s.envelope[fieldWriteKey])); key != "" {
			return key
		}
	}
	for i := range s.members {
		if s.members[i].field == fieldWriteKey {
			if key := text(s.part(s.members[i].value)); key != "" {
				return key
			}
		}
	}
	return ""
}

// text is what a JSON string says; "" for anything else.
func text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	return string(unquote(nil, value))
}

// describe names the kind of a value.
func describe(value []byte) string {
	if len(value) == 0 {
		return "nothing"
	}
	switch value[0] {
	case '"':
		return "a text"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return string(value)
	case 'n':
		return "null"
	}
	return "a number"
}
