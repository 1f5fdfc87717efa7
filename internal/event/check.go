package event

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// view is one event while it is checked and written: for each field that ingest knows, the last member of it.
type view struct {
	splitter *Splitter
	item     item
	last     [fieldCount]int32 // index into members, plus 1
	typ      Type
	drop     [fieldCount]bool // an empty id that counts as absent
}

func (v *view) set(e item) {
	*v = view{splitter: v.splitter, item: e, typ: v.splitter.typ}
	for i := e.first; i < e.last; i++ {
		v.last[v.splitter.members[i].field] = int32(i) + 1 //nolint:gosec // bounded by the size of a body
	}
}

// value is the value of a field; nil when it is absent or null.
func (v *view) value(f field) []byte {
	if v.last[f] == 0 {
		return nil
	}
	value := v.splitter.part(v.splitter.members[v.last[f]-1].value)
	if value[0] == 'n' {
		return nil
	}
	return value
}

func (v *view) reject(code Code, message, mend string) *Rejection {
	return &Rejection{Code: code, Message: message, Mend: mend, Offset: v.item.raw.from, Raw: v.splitter.part(v.item.raw)}
}

// check tells why an event is not taken; nil: it is.
func (v *view) check() *Rejection {
	raw := v.splitter.part(v.item.raw)
	if raw[0] != '{' {
		return v.reject(BadRequest, "The event is "+describe(raw)+", not an object.", `Send each event as a JSON object.`)
	}
	if size := len(raw) + v.splitter.shared.bytes; size > EventBytesMax {
		message := fmt.Sprintf("Exceed payload limit: the event has %d bytes, at most %d.", size, EventBytesMax)
		if v.splitter.shared.bytes > 0 {
			message = fmt.Sprintf("Exceed payload limit: the event has %d bytes, and its batch adds %d; together at most %d.", len(raw), v.splitter.shared.bytes, EventBytesMax)
		}
		return v.reject(PayloadTooLarge, message, "Send less in it: a reference instead of a document, say.")
	}
	if len(raw) >= 2*DepthMax && deeper(raw, DepthMax) {
		return v.reject(BadRequest, fmt.Sprintf("The event has more than %d levels of nesting.", DepthMax), "Send it flatter.")
	}
	for _, step := range [...]func(*view) *Rejection{(*view).checkType, (*view).checkIDs, (*view).checkNames, (*view).checkObjects, (*view).checkMessageID} {
		if r := step(v); r != nil {
			return r
		}
	}
	return nil
}

// checkType finds the type: on a route of one type, that is it.
func (v *view) checkType() *Rejection {
	if v.typ != Batch {
		return nil
	}
	const mend = `It is one of "track", "identify", "page", "screen", "group", "alias".`
	value := v.value(fieldType)
	if value == nil {
		return v.reject(TypeNotDefined, `The event has no "type".`, `In a batch each event needs one. `+mend)
	}
	if value[0] == '"' && bytes.IndexByte(value, '\\') >= 0 {
		value = append(unquote([]byte{'"'}, value), '"')
	}
	var ok bool
	if v.typ, ok = typeOf(value); !ok {
		return v.reject(TypeUnknown, `The event's "type" is `+shorten(string(value))+".", mend)
	}
	return nil
}

// checkIDs sees to it that somebody is named. A number is taken for its text. An empty text counts as absent when another id is there.
func (v *view) checkIDs() *Rejection {
	ids := append(make([]field, 0, 3), fieldUserID, fieldAnonymousID)
	switch v.typ {
	case Group:
		ids = append(ids, fieldGroupID)
	case Alias:
		ids = append(ids, fieldPreviousID)
	case Track, Identify, Page, Screen, Batch:
	}
	named := false
	for _, f := range ids {
		value := v.value(f)
		switch {
		case value == nil:
		case string(value) == `""`:
			v.drop[f] = true
		case value[0] != '"' && !isNumber(value):
			return v.reject(IDNotString, `"`+idName(f)+`" is `+describe(value)+", not a text.", `Send ids as texts, such as "123".`)
		case len(value) > IDBytesMax:
			return v.reject(IDTooLong, fmt.Sprintf("%q has %d bytes, at most %d.", idName(f), len(value), IDBytesMax), "Send a shorter id.")
		default:
			named = true
		}
	}
	if named {
		return nil
	}
	for _, f := range ids {
		if v.drop[f] {
			return v.reject(IDNotString, `"`+idName(f)+`" is an empty text, and there is no other id.`, `Send the user's id in "userId", or an "anonymousId".`)
		}
	}
	r := v.reject(NoUserAnonID, `The event has neither "userId" nor "anonymousId".`, `Send at least one of them: "userId" for somebody who is known, "anonymousId" for a visitor.`)
	if v.last[fieldBatch] != 0 {
		r.Mend = `It has a "batch": send that to /v1/batch.`
	}
	return r
}

func idName(f field) string {
	switch f { //nolint:exhaustive // only these are ids
	case fieldUserID:
		return "userId"
	case fieldAnonymousID:
		return "anonymousId"
	case fieldGroupID:
		return "groupId"
	case fieldPreviousID:
		return "previousId"
	}
	return "messageId"
}

func isNumber(value []byte) bool { return value[0] == '-' || '0' <= value[0] && value[0] <= '9' }

// checkNames checks the event of a track call, and the name and category of a page or screen.
func (v *view) checkNames() *Rejection {
	switch v.typ {
	case Track:
		value := v.value(fieldEvent)
		switch {
		case value == nil || string(value) == `""`:
			return v.reject(EventNotDefined, `The track call has no "event".`, `Send the name of what happened in "event", such as "Plan Upgraded".`)
		case value[0] != '"':
			return v.reject(EventNotString, `"event" is `+describe(value)+", not a text.", `Send the name as a text, such as "Plan Upgraded".`)
		}
		return v.checkLength("event", value)
	case Page, Screen:
		if r := v.checkName("name", v.value(fieldName), NameNotString); r != nil {
			return r
		}
		return v.checkName("category", v.value(fieldCategory), CategoryNotString)
	case Identify, Group, Alias, Batch:
	}
	return nil
}

func (v *view) checkName(name string, value []byte, code Code) *Rejection {
	switch {
	case value == nil:
		return nil
	case value[0] != '"':
		return v.reject(code, `"`+name+`" is `+describe(value)+", not a text.", "Send a text, or leave it out.")
	case len(value) == len(`""`):
		return v.reject(code, `"`+name+`" is an empty text.`, "Send a text, or leave it out.")
	}
	return v.checkLength(name, value)
}

func (v *view) checkLength(name string, value []byte) *Rejection {
	if len(value) <= NameBytesMax {
		return nil
	}
	return v.reject(NameTooLong, fmt.Sprintf("%q has %d bytes, at most %d.", name, len(value), NameBytesMax), "Send a short name, and the rest as a property.")
}

// checkObjects checks what must be objects, where it is there.
func (v *view) checkObjects() *Rejection {
	for _, o := range [...]struct {
		field field
		name  string
		code  Code
	}{
		{fieldProperties, "properties", PropertiesNotObject},
		{fieldTraits, "traits", TraitsNotObject},
		{fieldContext, "context", ContextNotObject},
		{fieldIntegrations, "integrations", IntegrationsNotObject},
	} {
		if value := v.value(o.field); !isObject(value) {
			return v.reject(o.code, `"`+o.name+`" is `+describe(value)+", not an object.", `Send {"name": value, ...}, or leave it out.`)
		}
	}
	return nil
}

// checkMessageID checks the event's own id, if it has one.
func (v *view) checkMessageID() *Rejection {
	value := v.value(fieldMessageID)
	switch {
	case value == nil || isNumber(value):
		return nil
	case value[0] != '"':
		return v.reject(IDNotString, `"messageId" is `+describe(value)+", not a text.", "Send a UUID as a text, or leave it out.")
	case len(value)-len(`""`) <= MessageIDCharsMax:
		return nil
	}
	if n := utf8.RuneCount(unquote(nil, value)); n > MessageIDCharsMax {
		return v.reject(IDTooLong, fmt.Sprintf(`"messageId" has %d characters, at most %d.`, n, MessageIDCharsMax), "Send a UUID, or leave it out.")
	}
	return nil
}
