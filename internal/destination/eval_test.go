package destination_test

import (
	"testing"

	"penstock/internal/destination"
)

func none(string) (destination.Destination, bool) { return nil, false }

func TestEvalAnswersEveryLine(t *testing.T) {
	evalAction := func(line []byte) []byte { return destination.EvalAction(line, none) }
	for _, c := range []struct {
		eval       func([]byte) []byte
		line, want string
	}{
		{destination.EvalTrigger, `{"id":"a","subscription":"type = \"track\"","event":{"type":"track"}}`, `{"id":"a","valid":true,"matches":true}`},
		{destination.EvalTrigger, `{"id":1,"subscription":"type = \"track\"","event":{"type":"page"},"tags":[]}`, `{"id":1,"valid":true,"matches":false}`},
		{destination.EvalTrigger, `{"id":"a","subscription":"type = \"track\""}`, `{"id":"a","valid":true,"matches":false}`},
		{destination.EvalTrigger, `{"id":"a","subscription":"type != \"x\"","event":null}`, `{"id":"a","valid":true,"matches":null,"error":{"messages":["the event is null"]}}`},
		{destination.EvalTrigger, `{"id":"a","subscription":"() and type = \"x\"","event":{}}`, `{"id":"a","valid":true,"matches":null,"error":{"messages":["the trigger holds empty parentheses, which cannot be evaluated"]}}`},
		{destination.EvalTrigger, `{"id":"a","subscription":"x>5","event":{}}`, "{\"id\":\"a\",\"valid\":false,\"matches\":false,\"error\":{\"message\":\"the character `>` cannot follow a name; put a space before an operator, and a backslash before a character that belongs to the name\",\"position\":1,\"expected\":\"a space, `.`, `(`, `=` or `!` after the name\"}}"},
		{destination.EvalTrigger, `{"id":"a","subscription":5}`, `{"id":"a","error":{"messages":["the member subscription must be a string: the trigger"]}}`},
		{destination.EvalTrigger, `{"id":`, `{"error":{"messages":["the line is not JSON"]}}`},
		{destination.EvalTrigger, `[]`, `{"error":{"messages":["the line must be a JSON object, and is an array"]}}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"v":{"@path":"$.n"}},"payload":{"n":12345678901234567890}}`, `{"id":"a","output":{"v":12345678901234567890}}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"v":{"@path":"$.n"}},"payload":{"n":1},"payload_json":"{\"n\":1.50}"}`, `{"id":"a","output":{"v":1.50}}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"@path":"$.n"},"payload":{}}`, `{"id":"a"}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"@path":"$.n"}}`, `{"id":"a"}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"@nope":1},"payload":5}`, `{"id":"a","error":{"messages":["data must be an object, got number"]}}`},
		{destination.EvalMapping, `{"id":"a","mapping":{"a":{"@nope":1},"b":{"@path":5}},"payload":{}}`, `{"id":"a","error":{"messages":["/a has an invalid directive: @nope.","/b/@path should be a string or a mapping directive but it is a number."]}}`},
		{destination.EvalMapping, `{"id":"a"}`, `{"id":"a","error":{"messages":["the member mapping is missing"]}}`},
		{destination.EvalMapping, ``, `{"error":{"messages":["the line is not JSON"]}}`},
		{evalAction, `{"id":"a","destination":"fax"}`, `{"id":"a","error":{"messages":["no destination is called fax; webhook is one"]}}`},
		{evalAction, `x`, `{"error":{"messages":["the line is not JSON"]}}`},
	} {
		if got := string(c.eval([]byte(c.line))); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}
