package record_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/record"
)

// rewrittenLines is the lines of a record that replaces a frame of two.
func rewrittenLines() []string {
	h := record.Header{Kind: record.KindEvents, N: 5, Prev: 13, First: 40, Lines: 2, Bytes: 4096, At: 1700000000000, Dups: []record.Dup{{Line: 1, Of: record.Position{Seq: 12, Line: 3}}}}
	var lines []string
	for _, line := range record.AppendRewritten(nil, &h, []byte(`{"type":"$erased"}`+"\n"+`{"messageId":"m2"}`+"\n")) {
		lines = append(lines, string(line))
	}
	return lines
}

func TestRewrittenHoldsAFrame(t *testing.T) {
	h, left, err := record.DecodeRewritten(body(rewrittenLines()))
	want := record.Header{Kind: record.KindEvents, N: 5, Prev: 13, First: 40, Lines: 2, Bytes: 4096, At: 1700000000000, Dups: []record.Dup{{Line: 1, Of: record.Position{Seq: 12, Line: 3}}}}
	if diff := cmp.Diff(want, h); diff != "" || err != nil {
		t.Errorf("header (-want +got), %v:\n%s", err, diff)
	}
	if string(record.Line(left, 0)) != `{"type":"$erased"}` || string(record.Line(left, 1)) != `{"messageId":"m2"}` {
		t.Errorf("body: %s", left)
	}
	for name, c := range map[string]struct {
		lines []string
		want  error
	}{
		"a line too few":  {rewrittenLines()[:2], record.ErrBody},
		"no header":       {[]string{`{}`, "1", "2"}, record.ErrHeader},
		"not JSON":        {[]string{"P1", "1", "2"}, record.ErrHeader},
		"nothing at all":  {nil, record.ErrHeader},
		"a line too many": {append(rewrittenLines(), "3"), record.ErrBody},
	} {
		if _, _, err := record.DecodeRewritten(body(c.lines)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
