package pendowire_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// A line is read by hand; encoding/json says what is in it.
func TestReadLineReadsWhatJSONWrites(t *testing.T) {
	for _, want := range []record.Received{
		{At: 1700000000006, Via: "agent", Key: "k", WebhookID: "w", Redrive: 3, Remote: "192.0.2.1", Agent: "A \"quoted\" one", Origin: "https://acme.example", Rules: []string{"anonymous", "noGroup"}, Verdicts: []string{"signature_wrong"}, Body: json.RawMessage(`{"a": [1]}`)},
		{At: 1, Via: "segmentio", Body: json.RawMessage(`null`)},
	} {
		line, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := pendowire.ReadLine(line)
		want.Body = json.RawMessage(compact(t, want.Body))
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Error(ok, diff)
		}
	}
	if _, ok := pendowire.ReadLine([]byte(`{"at":1}`)); ok {
		t.Error("a line without a body was read")
	}
}

func compact(t *testing.T, b json.RawMessage) []byte {
	t.Helper()
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRulesRoundTrip(t *testing.T) {
	for bits := range 16 {
		want := pendowire.Rules{Anonymous: bits&1 > 0, NoIdentify: bits&2 > 0, NoGroup: bits&4 > 0, ContextAccount: bits&8 > 0}
		if got := pendowire.ReadRules(want.Names()); got != want {
			t.Errorf("%+v becomes %+v", want, got)
		}
	}
	if names := (pendowire.Rules{}).Names(); names != nil {
		t.Errorf("rules in which nothing is set have names: %v", names)
	}
}
