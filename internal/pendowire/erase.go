package pendowire

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// Erased is the type of what stands in the place of a call that was erased. Clients cannot send it: its calls are never shown.
const Erased = "$erased"

const tombstone = `{"type":"` + Erased + `"}`

// Erase returns a line of RECEIVED with a tombstone in the place of each call that is one of a person's, and the line itself when there is none. Where nothing else is
// left, what the request tells of its sender goes as well.
func Erase(line []byte, of func(*Call) bool) []byte {
	r, ok := ReadLine(line)
	if !ok {
		return line
	}
	d := &decoder{received: &r, rules: ReadRules(r.Rules)}
	events, batched, whole := d.events()
	if !whole {
		return line
	}
	var all []jsontext.Value
	found, left := false, 0
	for e := range events {
		c := d.call(e)
		d.common(&c, batched)
		switch {
		case c.Type == Erased:
		case of(&c):
			e, found = jsontext.Value(tombstone), true
		default:
			left++
		}
		all = append(all, e)
	}
	if !found {
		return line
	}
	body := jsontext.Value(r.Body)
	switch list := append(append([]byte{'['}, bytes.Join(raw(all), []byte{','})...), ']'); {
	case r.Via == ViaAgent:
		r.Body = append(append([]byte(`{"events":`), list...), '}')
	case batched && body.Kind() == '{':
		r.Body = append(append([]byte(`{"batch":`), list...), '}')
	case batched:
		r.Body = list
	default:
		r.Body = json.RawMessage(tombstone)
	}
	if left == 0 {
		r.Remote, r.Agent, r.Origin = "", "", ""
	}
	next, err := json.Marshal(r)
	if err != nil {
		panic("pendowire: encode received record: " + err.Error()) // of parts that were read
	}
	return next
}

func raw(values []jsontext.Value) [][]byte {
	all := make([][]byte, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}
