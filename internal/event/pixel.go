package event

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// FromQuery makes the body of an event from the query of a pixel: its "data" parameter is the whole event as JSON in base64, of either alphabet, with or
// without padding; without it, each parameter is a member, and a dot in its name leads into an object. A repeated parameter counts once, as it
// was first. The write key may stand beside data, and is not taken into the body there.
func FromQuery(query string) ([]byte, *Rejection) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, Whole(BadRequest, "The query cannot be read: "+err.Error()+".", "Escape it as a URL wants it: %20 for a space, %26 for an ampersand.")
	}
	if len(values) == 0 {
		return nil, Whole(BadRequest, "The pixel has no query.", "Send the event as ?data=, JSON in base64, or as parameters such as ?userId=u&event=E.")
	}
	if data := values.Get("data"); data != "" {
		body, err := decodeBase64(data)
		if err != nil {
			return nil, Whole(BadRequest, `"data" is not base64: `+err.Error()+".", "Send the event as JSON in base64.")
		}
		return body, nil
	}
	root := map[string]any{}
	for name := range values {
		if strings.Count(name, ".") > PixelDepthMax {
			return nil, Whole(BadRequest, "The parameter "+shorten(name)+" leads into more than "+strconv.Itoa(PixelDepthMax)+" objects.", "Send it flatter, or as JSON in data.")
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(values), shallowFirst) {
		putAt(root, name, parameter(name, values.Get(name)))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		panic(err) // texts always have a form
	}
	return out.Bytes(), nil
}

func decodeBase64(text string) ([]byte, error) {
	// A plus sign that was not escaped arrives as a space; nothing else in base64 does.
	text = strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(text)
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}

// parameter is the value of a parameter: a text, but in integrations, where false must be able to say no.
func parameter(name, text string) any {
	if strings.HasPrefix(name, "integrations.") && (text == "true" || text == "false") {
		return text == "true"
	}
	return text
}

// putAt puts a value where a dotted name leads. Where a text stands in the way, the rest of the name stays in one piece beside it, so that nothing is lost.
func putAt(object map[string]any, name string, value any) {
	for {
		head, rest, more := strings.Cut(name, ".")
		if !more {
			object[name] = value
			return
		}
		switch next := object[head].(type) {
		case nil:
			made := map[string]any{}
			object[head] = made
			object = made
		case map[string]any:
			object = next
		default:
			object[name] = value
			return
		}
		name = rest
	}
}

// shallowFirst orders names so that a text is there before a name that leads through it, whatever the order in the query.
func shallowFirst(a, b string) int {
	return cmp.Or(cmp.Compare(strings.Count(a, "."), strings.Count(b, ".")), cmp.Compare(a, b))
}
