//go:build e2e

package liquid_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"penstock/internal/jsvalue"
	"penstock/internal/liquid"
)

// recording is what LiquidJS 10.27.0, set up as Destination Actions set it up and run by Node in UTC, made of templates and one event.
type recording struct {
	Event json.RawMessage `json:"event"`
	Cases []struct {
		Template json.RawMessage `json:"template"`
		Text     json.RawMessage `json:"text"`
		Error    json.RawMessage `json:"error"`
	} `json:"cases"`
}

func recorded(t testing.TB) recording {
	t.Helper()
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func render(source string, event jsvalue.Value) (string, error) {
	template, err := liquid.Parse(source)
	if err != nil {
		return "", err
	}
	return template.Render(event)
}

func TestRecordedTruth(t *testing.T) {
	r := recorded(t)
	if len(r.Cases) < 700 {
		t.Fatalf("testdata holds %d cases", len(r.Cases))
	}
	before := bytes.Clone(r.Event)
	event := jsvalue.Parse(r.Event)
	for _, c := range r.Cases {
		source := jsvalue.Parse(c.Template).Str()
		text, err := render(source, event)
		switch want := jsvalue.Parse(c.Error).Str(); {
		case err != nil && err.Error() != want:
			t.Errorf("%s\n got error %s\nwant %s%s", source, err, want, c.Text)
		case err == nil && (want != "" || text != jsvalue.Parse(c.Text).Str()):
			t.Errorf("%s\n got %q\nwant %s%s", source, text, c.Text, want)
		}
	}
	if !bytes.Equal(before, r.Event) {
		t.Error("the event was changed")
	}
}

func TestBounds(t *testing.T) {
	double := strings.Repeat("{% assign a = a | append: a %}", 29)
	for source, want := range map[string]string{
		strings.Repeat("é", liquid.UnitsMax):                                 "",
		strings.Repeat("é", liquid.UnitsMax+1):                               "liquid template values are limited to 1000 characters",
		`{% assign a = "0123456789" %}` + double:                             "memory alloc limit exceeded, line:1, col:540",
		"{{ (1..100000000) | size }}":                                        "memory alloc limit exceeded, line:1, col:1",
		strings.Repeat("{% if 1 %}", 60) + strings.Repeat("{% endif %}", 30): "tag {% if 1 %} not closed, line:1, col:291",
	} {
		_, err := render(source, jsvalue.Parse([]byte("{}")))
		if got := message(err); got != want {
			t.Errorf("%.60s: error %q, want %q", source, got, want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestOneRenderingDoesNotSeeAnother(t *testing.T) {
	event := jsvalue.Parse([]byte(`{"n":1}`))
	template, err := liquid.Parse(`{% increment n %}{% assign x = x | append: "a" %}{{ x }}{{ n }}`)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if text, err := template.Render(event); text != "1a2" || err != nil {
					t.Errorf("rendered %q, error %v", text, err)
				}
			}
		})
	}
	all.Wait()
}

func FuzzRender(f *testing.F) {
	r := recorded(f)
	for i, c := range r.Cases {
		if i%10 == 0 {
			f.Add(jsvalue.Parse(c.Template).Str(), string(r.Event))
		}
	}
	f.Fuzz(func(t *testing.T, source, event string) {
		v, ok := jsvalue.DecodeText(event)
		if !ok || v.Kind() != jsvalue.Object {
			return
		}
		raw := []byte(event)
		text, err := render(source, jsvalue.Parse(raw))
		if err != nil && (text != "" || strings.Contains(err.Error(), "broke off")) {
			t.Errorf("%q: %q, error %v", source, text, err)
		}
		if string(raw) != event {
			t.Errorf("%q changed the event", source)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	event := jsvalue.Parse(recorded(b).Event)
	template, err := liquid.Parse("{{ event | upcase }} for {{ properties.total | plus: 1 }}")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := template.Render(event); err != nil {
			b.Fatal(err)
		}
	}
}
