package httprequest

import (
	"slices"
	"strings"

	"penstock/internal/destination"
	"penstock/internal/jsvalue"
)

// headers are those of a request, in the order in which they are sent; names in lower case.
type headers struct{ list [][2]string }

func (h *headers) find(name string) int {
	return slices.IndexFunc(h.list, func(pair [2]string) bool { return pair[0] == name })
}

// put sets a header; one that is there keeps its place.
func (h *headers) put(name, value string) {
	if i := h.find(name); i >= 0 {
		h.list[i][1] = value
		return
	}
	h.list = append(h.list, [2]string{name, value})
}

// missing sets a header if it is not there.
func (h *headers) missing(name, value string) {
	if h.find(name) < 0 {
		h.list = append(h.list, [2]string{name, value})
	}
}

func (h *headers) remove(name string) {
	if i := h.find(name); i >= 0 {
		h.list = slices.Delete(h.list, i, i+1)
	}
}

// custom sets the headers of a mapping, sorted by their spelling. Two spellings of one name are joined; the text "undefined" takes a header away; names
// that are all digits come first of all, as they do in a JavaScript object.
func (h *headers) custom(v jsvalue.Value) *destination.PayloadError {
	members := slices.Clone(v.Members())
	slices.SortStableFunc(members, func(a, b jsvalue.Member) int { return slices.Compare(jsvalue.Units(a.Name), jsvalue.Units(b.Name)) })
	var own headers
	for _, m := range members {
		name, value := strings.ToLower(m.Name), m.Value.Text()
		if value != "undefined" && !legalValue(value) {
			return illegal(value + " is not a legal HTTP header value")
		}
		if !legalName(m.Name) {
			return illegal(m.Name + " is not a legal HTTP header name")
		}
		if i := own.find(name); i >= 0 {
			own.list[i][1] += ", " + value
		} else {
			own.put(name, value)
		}
	}
	var numbered [][2]string
	for _, pair := range own.list {
		switch {
		case pair[1] == "undefined":
			h.remove(pair[0])
		case pair[0] == "content-length" || pair[0] == "transfer-encoding" || pair[0] == "trailer":
			// How the body is framed is the transport's: two opinions about it in one request are an attack on who reads it.
		case strings.Trim(pair[0], "0123456789") == "" && (pair[0][0] != '0' || pair[0] == "0"):
			numbered = append(numbered, pair)
		default:
			h.put(pair[0], pair[1])
		}
	}
	slices.SortStableFunc(numbered, func(a, b [2]string) int { return len(a[0]) - len(b[0]) })
	h.list = append(numbered, h.list...)
	return nil
}

func illegal(message string) *destination.PayloadError {
	return &destination.PayloadError{Code: destination.CodePayloadValidation, Message: message}
}

func legalName(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z' || r > '~') && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	})
}

func legalValue(s string) bool {
	return !jsvalue.HasLone(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\t' && (r < ' ' || r == 0x7f || (r > 0x7f && r < 0x80) || r > 0xff)
	})
}
