package publicapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the parameters of a request, by their path: pagination.count, groupBy.0, filter.eventType.0. Clients write the same paths in four ways: with dots, with
// brackets, and with a mixture of both for objects and for lists.
type params map[string]string

const (
	countMax     = 1000 // entries of a page
	countDefault = 200
	listMax      = 1000 // entries of a list in a query
)

// newParams reads a query.
func newParams(query url.Values) params {
	p := params{}
	brackets := strings.NewReplacer("[", ".", "]", "")
	for name, values := range query {
		if len(values) > 0 {
			p[brackets.Replace(name)] = values[0]
		}
	}
	return p
}

// add takes in what stands in the body of a request that reads.
func (p params) add(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			p.add(strings.TrimPrefix(path+"."+name, "."), member)
		}
	case []any:
		for i, item := range v {
			p.add(path+"."+strconv.Itoa(i), item)
		}
	case nil:
	default:
		if _, known := p[path]; !known {
			p[path] = fmt.Sprint(v)
		}
	}
}

func (p params) text(name string) string { return p[name] }

// list is the values of a list, in their order. Commas separate values as well, where they can stand in none.
func (p params) list(name string, commas bool) []string {
	var out []string
	if whole := p[name]; whole != "" {
		out = []string{whole}
		if commas {
			out = strings.Split(whole, ",")
		}
	}
	var indexes []int
	for key := range p {
		if rest, ok := strings.CutPrefix(key, name+"."); ok {
			if i, err := strconv.Atoi(rest); err == nil {
				indexes = append(indexes, i)
			}
		}
	}
	slices.Sort(indexes)
	for _, i := range indexes {
		out = append(out, p[name+"."+strconv.Itoa(i)])
	}
	return out[:min(len(out), listMax)]
}

// one is a parameter that must be one of some values, in any case.
func (p params) one(name string, of ...string) (string, error) {
	value := strings.ToUpper(p[name])
	switch {
	case value == "":
		return "", required(name)
	case !slices.Contains(of, value):
		return "", invalid(name, "%q must be one of [%s]", name, strings.Join(of, ", "))
	}
	return value, nil
}

// time is a parameter that is a time; the zero time where it is absent.
func (p params) time(name string) (time.Time, error) {
	if p[name] == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, p[name])
	if err != nil {
		return time.Time{}, invalid(name, "%q must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z", name)
	}
	return t.UTC(), nil
}

// page is the part of a list that is asked for.
type page struct{ offset, count int }

// page reads what part of a list is asked for.
func (p params) page() (page, error) {
	out := page{count: countDefault}
	if text, ok := p["pagination.count"]; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > countMax {
			return page{}, invalid("pagination.count", `"pagination.count" must be a number from 1 to %d`, countMax)
		}
		out.count = n
	}
	if text := p["pagination.cursor"]; text != "" {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			raw, err = base64.RawStdEncoding.DecodeString(text)
		}
		n, wrong := strconv.Atoi(string(raw))
		if err != nil || wrong != nil || n < 0 {
			return page{}, invalid("pagination.cursor", `"pagination.cursor" must be a cursor of an earlier answer`)
		}
		out.offset = n
	}
	return out, nil
}

// pagination tells where a page lies.
type pagination struct {
	Current      string `json:"current"`
	Next         string `json:"next,omitempty"`
	Previous     string `json:"previous,omitempty"`
	TotalEntries int    `json:"totalEntries"`
}

func cursor(offset int) string {
	return base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(offset)))
}

// paged cuts the page that is asked for out of a list.
func paged[T any](c *call, name string, all []T) (result, error) {
	p, err := c.params.page()
	if err != nil {
		return nil, err
	}
	from := min(p.offset, len(all))
	to := min(from+p.count, len(all))
	at := pagination{Current: cursor(p.offset), TotalEntries: len(all)}
	if to < len(all) {
		at.Next = cursor(to)
	}
	if p.offset > 0 {
		at.Previous = cursor(max(0, p.offset-p.count))
	}
	return result{name: append([]T{}, all[from:to]...), "pagination": at}, nil
}

// body is the members of a request's body.
type body map[string]json.RawMessage

// take is a member of a body; nil when it is absent, or null.
func take[T any](b body, name string) (*T, error) {
	raw, ok := b[name]
	if !ok || string(raw) == "null" {
		return nil, nil //nolint:nilnil // absent is no mistake
	}
	v := new(T)
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, invalid(name, "%q must be %s", name, wanted(v))
	}
	return v, nil
}

// need is a member of a body that must be there.
func need[T any](b body, name string) (v T, err error) {
	given, err := take[T](b, name)
	if err != nil {
		return v, err
	}
	if given == nil {
		return v, required(name)
	}
	return *given, nil
}

// isNull tells whether a member is there, and null.
func (b body) isNull(name string) bool { return string(b[name]) == "null" }

// settings is the settings in a body, as they were written; nil when there are none.
func (b body) settings() (json.RawMessage, error) {
	const name = "settings"
	given, err := take[map[string]json.RawMessage](b, name)
	if err != nil || given == nil {
		return nil, err
	}
	return b[name], nil
}

func wanted(v any) string {
	switch v.(type) {
	case *string:
		return "a string"
	case *bool:
		return "a boolean"
	case *map[string]json.RawMessage, *body:
		return "an object"
	}
	return "of another form"
}
