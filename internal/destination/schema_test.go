package destination

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/jsvalue"
)

func TestCoercion(t *testing.T) {
	for _, c := range []struct {
		typ       FieldType
		raw, want string // want: JSON, or what it is not
	}{
		{TypeString, `"x"`, `"x"`},
		{TypeString, `5`, `"5"`},
		{TypeString, `1e21`, `"1e+21"`},
		{TypeString, `true`, `"true"`},
		{TypeString, `null`, `""`},
		{TypeString, `["x"]`, `"x"`},
		{TypeString, `[5]`, `"5"`},
		{TypeString, `[]`, "not a string"},
		{TypeString, `["a","b"]`, "not a string"},
		{TypeString, `{}`, "not a string"},
		{TypeString, `[["a"]]`, "not a string"},
		{TypePassword, `5`, `"5"`},
		{TypeNumber, `" 5 "`, `5`},
		{TypeNumber, `"1e2"`, `100`},
		{TypeNumber, `"0x10"`, `16`},
		{TypeNumber, `"+5"`, `5`},
		{TypeNumber, `".5"`, `0.5`},
		{TypeNumber, `"5."`, `5`},
		{TypeNumber, `true`, `1`},
		{TypeNumber, `false`, `0`},
		{TypeNumber, `null`, `0`},
		{TypeNumber, `["7"]`, `7`},
		{TypeNumber, `""`, "not a number"},
		{TypeNumber, `"x"`, "not a number"},
		{TypeNumber, `{}`, "not a number"},
		{TypeNumber, `12345678901234567890`, `12345678901234567890`},
		{TypeBoolean, `"true"`, `true`},
		{TypeBoolean, `"false"`, `false`},
		{TypeBoolean, `1`, `true`},
		{TypeBoolean, `0`, `false`},
		{TypeBoolean, `null`, `false`},
		{TypeBoolean, `[true]`, `true`},
		{TypeBoolean, `"yes"`, "not a boolean"},
		{TypeBoolean, `2`, "not a boolean"},
		{TypeObject, `{"a":1}`, `{"a":1}`},
		{TypeObject, `[{"a":1}]`, "not an object"},
		{TypeObject, `"x"`, "not an object"},
	} {
		v, wrong := coerce(c.typ, jsvalue.Parse([]byte(c.raw)))
		got := string(v.AppendJSON(nil))
		if wrong != "" {
			got = "not " + wrong
		}
		if got != c.want {
			t.Errorf("%s as %s: %s, want %s", c.raw, c.typ, got, c.want)
		}
	}
}

func TestURIs(t *testing.T) {
	for s, want := range map[string]bool{
		"https://acme.example": true, "https://acme.example/a?b=c#d": true, "http:/acme.example": true, "https:acme.example": true, "http://": true, "http:///a": true, "mailto:x@acme.example": true, "x:y": true, "urn:a:b": true,
		"https://[::1]:8443/a": true, "https://[v1.a:b]/": true, "https://u:p@acme.example:/": true, "https://acme.example:abc/a": true, "https://u@[::1]/": true, "a+b-c.d:x": true,
		"acme": false, "/a": false, "//acme.example": false, "": false, "http:": false, "a:?q": false, "https://a b": false, "https://acme.example/\n": false, "https://é.example": false, "https://acme.example/[a]": false,
		"https://acme.example/%zz": false, "https://acme.example/#a#b": false, "1http://a": false, `https://acme.example/"`: false, "https://[::1": false, "https://[zz]/": false, "https://[::1]x/": false, "a|b://x": false,
	} {
		if got := isURI(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestCleaning(t *testing.T) {
	fields := []Field{{Key: "s", Type: TypeString}, {Key: "n", Type: TypeNumber}, {Key: "o", Type: TypeObject}, {Key: "l", Type: TypeString, Multiple: true}, {Key: "app", Type: TypeBoolean, OfApp: true}}
	for _, c := range []struct {
		raw   string
		batch bool
		want  string
	}{
		{`{"s":"","n":"","o":{"a":null,"b":""},"l":"x","unknown":1,"app":true}`, false, `{"o":{"a":null,"b":""},"l":["x"]}`},
		{`{"s":"","n":"","o":"","l":["a",null,""]}`, true, `{"s":"","l":["a",""]}`},
		{`{"s":null,"n":null,"o":null,"l":null}`, true, `{}`},
		{`{"l":[]}`, false, `{"l":[]}`},
	} {
		values, errs := schema{fields: fields, batch: c.batch}.apply(jsvalue.Parse([]byte(c.raw)))
		if got := string(object(fields, values).AppendJSON(nil)); got != c.want || errs != nil {
			t.Errorf("%s: %s %v, want %s", c.raw, got, errs, c.want)
		}
	}
	_, errs := schema{fields: []Field{{Key: "a", Label: "a name", Type: TypeString, Required: true}, {Key: "b", Label: "bee", Type: TypeNumber, Required: true}}}.apply(jsvalue.Parse([]byte(`{"a":{}}`)))
	want := []FieldError{{"$", "", "The root value is missing the required field 'b'."}, {"$.a", "/a", "A name must be a string but it was an object."}}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Error(diff)
	}
	if _, errs := (schema{}).apply(jsvalue.Parse([]byte(`[]`))); len(errs) != 1 || errs[0].Message != "The root value must be an object but it was an array." {
		t.Errorf("%v", errs)
	}
}

func TestParseDefinitionChecks(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                "read definition",
		`{"slug":"a","nme":"b"}`:           "unknown field",
		`{"slug":"a","name":"A"}`:          "mode",
		definition(`{"key":"a"}`):          "label",
		definition(field(`"type":"text"`)): `type "text" is unknown`,
		definition(field(`"type":"string","format":"email"`)):                            `format "email" is unknown`,
		definition(field(`"type":"string"`) + "," + field(`"type":"string"`)):            "twice",
		definition(field(`"type":"string","default":{"@nope":1}`)):                       "invalid directive",
		strings.Replace(definition(field(`"type":"string"`)), `"type = 1"`, `"type"`, 1): "default trigger",
		strings.Replace(definition(field(`"type":"string"`)), `"presets":[]`, `"presets":[{"slug":"p","name":"P","description":"A p.","action":"x","trigger":"type = 1","fields":{}}]`, 1): `no action is called "x"`,
	} {
		if _, err := ParseDefinition([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := ParseDefinition([]byte(definition(field(`"type":"string"`)))); err != nil {
		t.Error(err)
	}
}

func field(rest string) string { return `{"key":"a","label":"A","description":"An a.",` + rest + `}` }

func definition(fields string) string {
	return `{"slug":"a","name":"A","mode":"cloud","settings":[],"presets":[],"actions":[{"slug":"send","defaultTrigger":"type = 1","fields":[` + fields + `]}]}`
}
