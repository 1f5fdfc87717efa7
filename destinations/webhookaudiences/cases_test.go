package webhookaudiences

import (
	"testing"

	"penstock/internal/destination"
	"penstock/internal/destination/destinationtest"
)

func TestCases(t *testing.T) { destinationtest.Run(t, New(), "testdata/send") }

func TestOriginIsThatOfTheURL(t *testing.T) {
	m, err := destination.Compile(New(), destination.Spec{
		Action: "send", Trigger: `type = "track"`, Fields: []byte(`{"url":"https://acme.example/in","method":"POST"}`),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Resolve([]byte(`{"type":"track"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Origin(p); got != "https://acme.example:443" {
		t.Errorf("origin %q", got)
	}
}
