package pendowire_test

import (
	"errors"
	"strings"
	"testing"

	"penstock/internal/pendowire"
)

func TestCheckBodyKeepsTheBytes(t *testing.T) {
	for body, want := range map[string]string{
		` {"b" : 1,"a":1.00, "b":"\u00e9<&>"} `: `{"b" : 1,"a":1.00, "b":"\u00e9<&>"}`,
		"\n[ 1 ]\n":                             `[ 1 ]`,
		`{"a":"\ud800 \u0000"}`:                 `{"a":"\ud800 \u0000"}`,
		"{\"a\":\n\"\\ud800\"}":                 `{"a":"\ud800"}`,
		"{\n  \"a\": 1.00,\r\n  \"a\": 2\n}":    `{"a":1.00,"a":2}`,
	} {
		got, err := pendowire.CheckBody([]byte(body))
		if err != nil || string(got) != want {
			t.Errorf("%q becomes %q, %v; want %q", body, got, err, want)
		}
	}
}

func TestCheckBodyNamesThePlace(t *testing.T) {
	for _, c := range []struct {
		body, what   string
		line, column int
	}{
		{"", "is empty", 1, 1},
		{" \n ", "is empty", 1, 1},
		{`"text"`, "no object", 1, 1},
		{"{\"é\":1,\n \"b\": }", "not JSON, near /b", 2, 7},
		{`{"writeKey": “abc”}`, "typographic quote “", 1, 14},
		{`{"a":1} {"b":2}`, "more follows", 1, 8},
		{`{"a":`, "", 1, 6},
		{"{\"a\":\"\xff\"}", "not UTF-8", 1, 7},
	} {
		_, err := pendowire.CheckBody([]byte(c.body))
		e, ok := errors.AsType[*pendowire.BodyError](err)
		if !ok || e.Line != c.line || e.Column != c.column || !strings.Contains(e.Error(), c.what) {
			t.Errorf("%q: got %v, want %q at line %d, column %d", c.body, err, c.what, c.line, c.column)
		}
	}
}
