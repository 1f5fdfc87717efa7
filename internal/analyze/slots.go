package analyze

import (
	"unicode/utf8"

	"penstock/internal/jsvalue"
)

// slotBytesMax is how much of a property's text is kept in a slot, in bytes.
const slotBytesMax = 200

// spread puts the properties of a Track Event into their slots.
func (n *numbers) spread(c *call) {
	if !c.accepted || c.event == 0 {
		return
	}
	for s := jsvalue.Scan(c.Data); s.Next(); {
		if slot := n.slot(c.app, c.event, key(&s)); slot != slotNone {
			c.slots[slot] = slotText(s.Value)
		}
	}
}

// slotText is a property as a slot holds it: JSON, written in one way; {} and [] for all objects and arrays; the beginning of a text that is too long.
func slotText(value []byte) string {
	switch value[0] {
	case '{':
		return "{}"
	case '[':
		return "[]"
	case '"':
		return jsonText(jsvalue.Parse(value).Str())
	}
	return string(value[:min(slotBytesMax, len(value))])
}

// jsonText writes a text as JSON, the beginning of it when it is too long.
func jsonText(s string) string {
	more := ""
	if len(s) > slotBytesMax {
		end := slotBytesMax
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s, more = s[:end], "…"
	}
	const hex = "0123456789abcdef"
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(append(b, more...), '"'))
}
