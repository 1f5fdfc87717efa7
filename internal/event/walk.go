package event

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
)

// walker goes through the members of a JSON object that is known to be valid.
type walker struct {
	raw []byte
	at  int
}

// walk begins before the first member of an object.
func walk(object []byte) walker { return walker{raw: object, at: 1} }

// next returns the next member: the name with its quotes, and the value.
func (w *walker) next() (name, value []byte, ok bool) {
	w.at = skipSpace(w.raw, w.at)
	if w.at >= len(w.raw) || w.raw[w.at] == '}' {
		return nil, nil, false
	}
	if w.raw[w.at] == ',' {
		w.at = skipSpace(w.raw, w.at+1)
	}
	start := w.at
	w.at = skipString(w.raw, w.at)
	name = w.raw[start:w.at]
	w.at = skipSpace(w.raw, w.at)
	w.at = skipSpace(w.raw, w.at+1) // the colon
	start = w.at
	w.at = skipValue(w.raw, w.at)
	return name, w.raw[start:w.at], true
}

// member returns the last member of a name, which is given with its quotes, of a valid object; nil when it has none.
func member(object []byte, name string) []byte {
	var found []byte
	w := walk(object)
	for n, v, ok := w.next(); ok; n, v, ok = w.next() {
		if string(plainName(n)) == name {
			found = v
		}
	}
	return found
}

// MessageID is the messageId of a canonical line; "" when it has none.
func MessageID(line []byte) string {
	if len(line) == 0 {
		return ""
	}
	w := walk(line)
	for name, value, ok := w.next(); ok; name, value, ok = w.next() {
		if string(name) == `"messageId"` {
			return text(value)
		}
	}
	return ""
}

// Brief is what a list of events shows of one, and is filtered by. What is absent, or not a text, is "".
type Brief struct {
	Type, Event, Name, Category, UserID, AnonymousID, GroupID, PreviousID, ReceivedAt, Channel string
	// Library is context.library.name.
	Library string
	// Data tells that there is something in the properties or traits.
	Data bool
}

// BriefOf reads a canonical line.
func BriefOf(line []byte) (b Brief) {
	if len(line) == 0 || line[0] != '{' {
		return b
	}
	w := walk(line)
	for name, value, ok := w.next(); ok; name, value, ok = w.next() {
		if at := b.text(fieldOf(name)); at != nil {
			*at = text(value)
			continue
		}
		switch string(name) {
		case `"receivedAt"`:
			b.ReceivedAt = text(value)
		case `"channel"`:
			b.Channel = text(value)
		case `"context"`:
			b.Library = libraryOf(value)
		case `"properties"`, `"traits"`:
			b.Data = b.Data || value[0] == '{' && value[skipSpace(value, 1)] != '}'
		}
	}
	return b
}

// text is where the text of a field belongs; nil: nowhere.
func (b *Brief) text(f field) *string {
	switch f { //nolint:exhaustive // only these are texts that are shown
	case fieldType:
		return &b.Type
	case fieldEvent:
		return &b.Event
	case fieldName:
		return &b.Name
	case fieldCategory:
		return &b.Category
	case fieldUserID:
		return &b.UserID
	case fieldAnonymousID:
		return &b.AnonymousID
	case fieldGroupID:
		return &b.GroupID
	case fieldPreviousID:
		return &b.PreviousID
	}
	return nil
}

func libraryOf(context []byte) string {
	if context[0] != '{' {
		return ""
	}
	library := member(context, `"library"`)
	if len(library) == 0 || library[0] != '{' {
		return ""
	}
	return text(member(library, `"name"`))
}

// AppendSent appends a canonical line as its client sent it: without what only the server says (channel, projectId, version, receivedAt) and without
// timestamp, which is the server's reckoning; the client's own is originalTimestamp.
func AppendSent(dst, line []byte) []byte {
	if len(line) == 0 || line[0] != '{' {
		return append(dst, line...)
	}
	dst = append(dst, '{')
	empty := true
	w := walk(line)
	for name, value, ok := w.next(); ok; name, value, ok = w.next() {
		if f := fieldOf(name); f == fieldServer || f == fieldTimestamp {
			continue
		}
		dst = append(append(append(separate(dst, empty), name...), ':'), value...)
		empty = false
	}
	return append(dst, '}')
}

// plainName is a name, with its quotes, without the escapes that it need not have.
func plainName(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted
	}
	plain, err := jsontext.AppendQuote(nil, unquote(nil, quoted))
	if err != nil { // a lone surrogate: no name that is known
		return quoted
	}
	return plain
}

// unquote appends what a valid JSON string says. Lone surrogates become U+FFFD.
func unquote(dst, quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return append(dst, quoted[1:len(quoted)-1]...)
	}
	dst, _ = jsontext.AppendUnquote(dst, quoted) // it is known to be valid but for surrogates
	return dst
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at b[i]. It looks at eight bytes in one step.
func skipString(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i++; i < len(b); {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			q, s := w^ones*'"', w^ones*'\\'
			hit := ((q-ones)&^q | (s-ones)&^s) & highs
			if hit != 0 {
				i += bits.TrailingZeros64(hit) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i < len(b) && b[i] == '"' {
			return i + 1
		}
		i += 2 // a backslash, and what it escapes
	}
	return len(b)
}

// skipValue returns the index after the value that begins at b[i].
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue // between two values, inside of a container
		default:
			i = skipScalar(b, i)
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// deeper tells whether the arrays and objects of a valid value are nested more than so many levels.
func deeper(value []byte, levels int) bool {
	depth := 0
	for i := 0; i < len(value); {
		switch value[i] {
		case '"':
			i = skipString(value, i)
			continue
		case '{', '[':
			if depth++; depth > levels {
				return true
			}
		case '}', ']':
			depth--
		}
		i++
	}
	return false
}

func skipScalar(b []byte, i int) int {
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

// appendUnbroken appends a valid JSON value without its line breaks. Those can only be between tokens: in a string they are escaped.
func appendUnbroken(dst, value []byte) []byte {
	for {
		i := bytes.IndexByte(value, '\n')
		if i < 0 {
			return append(dst, value...)
		}
		part := value[:i]
		if i > 0 && part[i-1] == '\r' {
			part = part[:i-1]
		}
		dst = append(dst, part...)
		value = value[i+1:]
	}
}
