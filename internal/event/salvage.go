package event

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// Some SDKs of phones have sent batches with NUL bytes between events, a comma before the first, commas missing or doubled, or several batches one after
// the other in one body. Salvage repairs such a body: between the parts of a batch it passes over NUL bytes and commas, wherever they are, and what it
// hands out is put together with the right ones. It changes nothing within an event or a member: what is not JSON there is left
// out and told. A body that is cut off, or in which it is not clear where an event ends, is not repaired.

// Document is one batch of a broken body, repaired: it is JSON.
type Document struct {
	Body []byte
	// Indexes are the places of its events among all of the broken body, from 0.
	Indexes []int
}

// Salvaged is what could be made of a broken body.
type Salvaged struct {
	Documents []Document
	// Broken are the events that are not JSON.
	Broken []*Rejection
}

// Salvage repairs the body of a batch that Split has found not to be JSON. ok is false when that cannot be done, or would leave no event.
func Salvage(body []byte) (s Salvaged, ok bool) {
	body = bytes.TrimPrefix(body, []byte(byteOrderMark))
	m := mender{body: bytes.ToValidUTF8(body, []byte("\uFFFD"))}
	for m.skip(); m.at < len(m.body); m.skip() {
		if len(m.out.Documents) == SalvageDocumentsMax || !m.document() {
			return Salvaged{}, false
		}
	}
	return m.out, m.events > len(m.out.Broken)
}

// mender goes through a broken body.
type mender struct {
	body   []byte
	at     int
	events int
	out    Salvaged
}

// skip passes over what may stand between two parts, and more of it than may.
func (m *mender) skip() {
	for m.at < len(m.body) {
		switch m.body[m.at] {
		case ' ', '\t', '\r', '\n', ',', 0:
			m.at++
		default:
			return
		}
	}
}

// document repairs one batch.
func (m *mender) document() bool {
	if m.body[m.at] != '{' {
		return false
	}
	m.at++
	d := Document{Body: []byte{'{'}}
	batches := 0
	for m.skip(); m.at < len(m.body); m.skip() {
		if m.body[m.at] == '}' {
			m.at++
			d.Body = append(d.Body, '}')
			m.out.Documents = append(m.out.Documents, d)
			return batches == 1
		}
		name, ok := m.value()
		if !ok || name[0] != '"' || !m.colon() {
			return false
		}
		if len(d.Body) > 1 {
			d.Body = append(d.Body, ',')
		}
		d.Body = append(append(d.Body, name...), ':')
		if fieldOf(plainName(name)) == fieldBatch {
			batches++
			if !m.batch(&d) {
				return false
			}
			continue
		}
		value, ok := m.value()
		if !ok {
			return false
		}
		d.Body = append(d.Body, value...)
	}
	return false // cut off
}

// colon passes over the colon after a name.
func (m *mender) colon() bool {
	m.at = skipSpace(m.body, m.at)
	if m.at == len(m.body) || m.body[m.at] != ':' {
		return false
	}
	m.at = skipSpace(m.body, m.at+1)
	return m.at < len(m.body)
}

// batch repairs the array of events.
func (m *mender) batch(d *Document) bool {
	if m.body[m.at] != '[' {
		return false
	}
	m.at++
	d.Body = append(d.Body, '[')
	for m.skip(); m.at < len(m.body); m.skip() {
		if m.body[m.at] == ']' {
			m.at++
			d.Body = append(d.Body, ']')
			return true
		}
		from := m.at
		end, ok := balanced(m.body, from)
		if !ok || m.events == BatchEventsMax {
			return false
		}
		m.at = end
		if err := valid(m.body[from:end]); err != nil {
			m.tell(from, end, err)
		} else {
			if len(d.Indexes) > 0 {
				d.Body = append(d.Body, ',')
			}
			d.Body = append(d.Body, m.body[from:end]...)
			d.Indexes = append(d.Indexes, m.events)
		}
		m.events++
	}
	return false // cut off
}

// tell notes an event that is not JSON.
func (m *mender) tell(from, end int, err error) {
	raw := m.body[from:end]
	r := unreadable(raw, err)
	r.Index, r.Raw, r.Offset = m.events, raw, from
	m.out.Broken = append(m.out.Broken, r)
}

// value takes a whole value that is JSON.
func (m *mender) value() ([]byte, bool) {
	from := m.at
	end, ok := from, true
	switch m.body[from] {
	case '"':
		end = skipString(m.body, from)
	case '{', '[':
		end, ok = balanced(m.body, from)
	default:
		for end < len(m.body) && m.body[end] > ' ' && m.body[end] != ',' && m.body[end] != '}' && m.body[end] != ']' {
			end++
		}
	}
	if !ok || end == from || valid(m.body[from:end]) != nil {
		return nil, false
	}
	m.at = end
	return m.body[from:end], true
}

// balanced is where the object that begins at b[from] ends: at the bracket that closes the first. Strings are passed over.
func balanced(b []byte, from int) (end int, ok bool) {
	if b[from] != '{' && b[from] != '[' {
		return from, false
	}
	depth := 0
	for i := from; i < len(b); {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if i++; depth == 0 {
			return i, true
		}
	}
	return len(b), false
}

// valid tells what is wrong with a text that should be one JSON value.
func valid(text []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadValue(); err != nil {
		return err
	}
	if end := int(d.InputOffset()); end < len(text) {
		return &jsontext.SyntacticError{ByteOffset: int64(end), Err: errors.New("text after the value")}
	}
	return nil
}
