package record_test

import (
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/record"
)

func TestPositionText(t *testing.T) {
	for text, want := range map[string]record.Position{"12.3": {Seq: 12, Line: 3}, "12": {Seq: 12}, "0.0": {}} {
		if got, err := record.ParsePosition(text); err != nil || got != want {
			t.Errorf("parse %q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", "12.", ".3", "12.-1", "-1.2", "a.b", "12.3.4", " 12.3"} {
		if got, err := record.ParsePosition(text); err == nil {
			t.Errorf("parse %q: %v, want an error", text, got)
		}
	}
}

func TestSpanText(t *testing.T) {
	for text, want := range map[string]record.Span{"12.3": {Seq: 12, From: 3, To: 3}, "12.3-9": {Seq: 12, From: 3, To: 9}} {
		var got record.Span
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("parse %q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "12.3-", "12.3-2", "12.3-a", "-3"} {
		var got record.Span
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("parse %q: %v, want an error", text, got)
		}
	}
	for _, s := range []record.Span{{}, {Seq: 1, From: -1}, {Seq: 1, From: 2, To: 1}} {
		if text, err := s.MarshalText(); err == nil {
			t.Errorf("write %+v: %s, want an error", s, text)
		}
	}
}

func TestPositionsAndSpansRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) record.Position {
			return record.Position{Seq: rapid.Uint64Min(1).Draw(t, name+" seq"), Line: rapid.IntRange(0, 1<<30).Draw(t, name+" line")}
		}
		p, q := draw("p"), draw("q")
		if back, err := record.ParsePosition(p.String()); err != nil || back != p {
			t.Fatalf("%s read back: %v, %v", p, back, err)
		}
		want := cmp.Or(cmp.Compare(p.Seq, q.Seq), cmp.Compare(p.Line, q.Line))
		if p.Compare(q) != want || q.Compare(p) != -want {
			t.Fatalf("compare %s with %s: %d and %d, want %d", p, q, p.Compare(q), q.Compare(p), want)
		}
		s := record.Span{Seq: p.Seq, From: p.Line, To: p.Line + rapid.IntRange(0, 1000).Draw(t, "more")}
		text, err := s.MarshalText()
		var back record.Span
		if err != nil || back.UnmarshalText(text) != nil || back != s || back.Len() != s.To-s.From+1 {
			t.Fatalf("%+v written as %s, %v, read back as %+v", s, text, err, back)
		}
	})
}
