package workspace

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"

	"github.com/go-json-experiment/json/jsontext"
)

// members walks the members of a valid JSON object in their order. What it yields is compact and a copy.
func members(v jsontext.Value) iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		dec := jsontext.NewDecoder(bytes.NewReader(v))
		if t, err := dec.ReadToken(); err != nil || t.Kind() != '{' {
			return
		}
		for dec.PeekKind() == '"' {
			name, err := dec.ReadToken()
			if err != nil {
				return
			}
			key := name.String()
			member, err := dec.ReadValue()
			if err != nil || !yield(key, compact(member)) {
				return
			}
		}
	}
}

// elements walks the items of a valid JSON array. What it yields is compact and a copy.
func elements(v jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		dec := jsontext.NewDecoder(bytes.NewReader(v))
		if t, err := dec.ReadToken(); err != nil || t.Kind() != '[' {
			return
		}
		for dec.PeekKind() != ']' {
			item, err := dec.ReadValue()
			if err != nil || !yield(compact(item)) {
				return
			}
		}
	}
}

// compact is v without white space between its tokens; a copy. Bytes that are not JSON come back as they are.
func compact(v []byte) jsontext.Value {
	c := jsontext.Value(bytes.Clone(v))
	if err := c.Compact(); err != nil {
		return bytes.Clone(v)
	}
	return c
}

// unquote is the string that a JSON string stands for.
func unquote(v jsontext.Value) string {
	s, err := jsontext.AppendUnquote(nil, v)
	_ = err // v is valid
	return string(s)
}

// object writes a JSON object with the given members.
func object(all iter.Seq2[string, jsontext.Value]) json.RawMessage {
	dst := []byte{'{'}
	for name, v := range all {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(quote(dst, name), ':')
		dst = append(dst, v...)
	}
	return append(dst, '}')
}

// MergeObject is a JSON object with the members of a patch, which is an object too or empty; a member that is null takes one out.
func MergeObject(base, patch json.RawMessage) json.RawMessage {
	changes := maps.Collect(members(jsontext.Value(patch)))
	return object(func(yield func(string, jsontext.Value) bool) {
		seen := map[string]bool{}
		for _, part := range []json.RawMessage{base, patch} {
			for name, v := range members(jsontext.Value(part)) {
				if change, ok := changes[name]; ok {
					v = change
				}
				if seen[name] || v.Kind() == 'n' {
					continue
				}
				seen[name] = true
				if !yield(name, v) {
					return
				}
			}
		}
	})
}
