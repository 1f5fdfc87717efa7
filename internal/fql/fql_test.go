package fql_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/fql"
)

const event = `{"type":"track","event":"Order Completed","userId":"u-1","messageId":"m-1",
	"properties":{"email":"ann@example.com","price":10.5,"count":0,"paid":true,"none":null,"tags":["new","vip"],"product 1":{"price":3},"a.b":1,"list":[{"x":1},{"x":2}]},
	"context":{"page":{"url":"https://acme.test/checkout?x=1"},"app":{"version":"1.2.0"}}}`

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		`all`:                true,
		`type = "track"`:     true,
		`type = 'track'`:     true,
		`type="identify"`:    false,
		`type != "identify"`: true,
		`event = "Order Completed" and properties.price > 10`:         true,
		`type = "page" or type = "track" and properties.price > 99`:   false,
		`(type = "page" or type = "track") and properties.price > 10`: true,
		`type = "track" or type = "x" and false`:                      true,
		`!(type = "page")`:                                            true,
		`!contains(properties.email, "@example.com")`:                 false,
		`contains(properties.email, "@example.com")`:                  true,
		`contains(properties.tags, "vip")`:                            true,
		`contains(properties.price, "1")`:                             false,
		`match(properties.email, "*@example.com")`:                    true,
		`match(properties.email, "ann@*.[a-d]om")`:                    true,
		`match(properties.email, "ann?example.com")`:                  true,
		`match(properties.email, "ann\\?example.com")`:                false,
		`match(properties.email, "[^b]nn*")`:                          true,
		`match(context.page.url, "*/checkout*")`:                      true,
		`match(event, "Order")`:                                       false,
		`length(properties.tags) = 2`:                                 true,
		`length(properties.email) >= 15`:                              true,
		`length(properties.missing) = 0`:                              true,
		`length(properties) > 0`:                                      false,
		`lowercase(event) = "order completed"`:                        true,
		`uppercase(type) = "TRACK"`:                                   true,
		`snakecase(event) = "order_completed"`:                        true,
		`kebabcase("orderCompleted now") = "order-completed-now"`:     true,
		`titlecase("order_completed") = "Order Completed"`:            true,
		`lowercase(properties.price) = null`:                          true,
		`typeof(properties.price) = "number"`:                         true,
		`typeof(properties.missing) = "null"`:                         true,
		`typeof(properties.tags) = "array"`:                           true,
		`properties.price = 10.5`:                                     true,
		`properties.price = "10.5"`:                                   false,
		`string(properties.price) = "10.5"`:                           true,
		`number("10.5") = properties.price`:                           true,
		`number("") = null`:                                           true,
		`bool("true")`:                                                true,
		`bool(properties.count)`:                                      false,
		`properties.price < "99"`:                                     false,
		`properties.paid`:                                             true,
		`properties.count`:                                            false,
		`properties.email`:                                            false,
		`properties.none = null and properties.missing = null`:        true,
		`properties.none.deeper = null`:                               true,
		`userId in ("u-1", "u-2")`:                                    true,
		`userId in ["u-3"]`:                                           false,
		`"vip" in properties.tags`:                                    true,
		`properties.tags = ["new", "vip"]`:                            true,
		`properties.product\ 1.price = 3`:                             true,
		`properties.a\.b = 1`:                                         true,
		`properties.list.1.x = 2`:                                     true,
		`properties.tags.length = 2`:                                  false,
		`properties.count = -0`:                                       true,
		`properties.price >= 1.05e1`:                                  true,
		`messageId = "m-1"`:                                           true,
		`android = null`:                                              true,
	} {
		s, err := fql.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := s.Match([]byte(event)); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		``:                                `character 1: the statement is empty; write a condition, such as type = "track", or all`,
		`type = `:                         `character 8: want a field, a value or a function, got the end`,
		`type = "track`:                   `character 8: the string does not end; put a quote behind it`,
		`type == "track"`:                 `character 7: want a field, a value or a function, got =`,
		`type = "a" type`:                 "character 12: want `and`, `or` or the end, got type",
		`(type = "a"`:                     `character 12: want ), got the end`,
		`shout(type)`:                     `character 1: there is no function shout; there are contains, match, length, lowercase, uppercase, snakecase, kebabcase, titlecase, typeof, bool, string and number`,
		`contains(type)`:                  `character 1: contains takes 2 values, and is given 1`,
		`properties..x = 1`:               `character 1: the path properties..x has a dot too many`,
		`properties.a@b = 1`:              `character 13: '@' cannot stand here; in the name of a field, write a backslash before it`,
		`type in "track"`:                 `character 9: want a list, such as ("US", "CA"), got the string "track"`,
		`and`:                             `character 1: want a field, a value or a function, got and`,
		`properties.x = 1.2.3`:            `character 16: 1.2.3 is not a number; put a string into quotes`,
		strings.Repeat("!", 300) + "true": `character 201: it nests deeper than 200 levels`,
		strings.Repeat("(", 300):          `character 201: it nests deeper than 200 levels`,
		strings.Repeat("bool(", 300):      `character 1005: it nests deeper than 200 levels`,
	} {
		_, err := fql.Parse(text)
		if err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
}

// The logic is that of the truth table, however it is nested.
func TestLogic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, want := drawLogic(t, 3)
		s, err := fql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Match([]byte(event)); got != want {
			t.Fatalf("%s: %t, want %t", text, got, want)
		}
	})
}

func drawLogic(t *rapid.T, depth int) (string, bool) {
	kind := rapid.IntRange(0, 4).Draw(t, "kind")
	if depth == 0 || kind == 0 {
		if rapid.Bool().Draw(t, "truth") {
			return `type = "track"`, true
		}
		return `type = "page"`, false
	}
	a, x := drawLogic(t, depth-1)
	b, y := drawLogic(t, depth-1)
	switch kind {
	case 1:
		return "(" + a + ") and (" + b + ")", x && y
	case 2:
		return "(" + a + ") or (" + b + ")", x || y
	case 3:
		return "!(" + a + ")", !x
	}
	c, z := drawLogic(t, 0)
	return "(" + a + ") or (" + b + ") and " + c, x || y && z
}

// Whatever is given, reading and matching end, without a panic.
func FuzzParse(f *testing.F) {
	f.Add(`type = "track" and !contains(properties.a\ b, 'x') or length([1, 2]) in (1, 2)`, event)
	f.Add(`match(type, "*a*[b-d]\\e?")`, `{"type":1}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		s, err := fql.Parse(text)
		if err != nil {
			return
		}
		if s.Match([]byte(event)) != s.Match([]byte(event)) { //nolint:staticcheck // the same twice
			t.Fatalf("%q does not come to the same twice", text)
		}
	})
}
