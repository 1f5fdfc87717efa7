package event_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"penstock/internal/event"
)

var update = flag.Bool("update", false, "write what was got into testdata")

// received is 2026-11-23T12:00:00.000Z.
const received = 1795435200000

func facts() *event.Facts {
	n := byte(0)
	return &event.Facts{Project: "src_1", ReceivedAt: received, Random: func() [16]byte { n++; return [16]byte{15: n} }}
}

// TestNormalize runs testdata/normalize: the comment names the type of the route ("track client 203.0.113.7", "batch"), and want holds the lines,
// or the rejections, of body. In a body, \xHH of the comment line "escapes" stands for a byte that a text file cannot hold.
func TestNormalize(t *testing.T) {
	files, err := filepath.Glob("testdata/normalize/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			f := facts()
			route := strings.Fields(strings.SplitN(string(archive.Comment), "\n", 2)[0])
			for _, word := range route[1:] {
				switch word {
				case "client":
					f.Client = true
				case "import":
					f.Import = true
				default:
					f.IP = word
				}
			}
			body := unescape(strings.TrimSuffix(string(archive.Files[0].Data), "\n"))
			var s event.Splitter
			if r := s.Split([]byte(body), event.Type(route[0])); r != nil {
				fmt.Fprintf(&got, "! %d %s %s\n", r.Index, r.Code, r)
			} else {
				fmt.Fprintf(&got, "key %q\n", s.WriteKey())
				result := s.Normalize(f)
				for _, a := range result.Accepted {
					fmt.Fprintf(&got, "%d %s %s %s\n%s\n", a.Index, a.Type, a.MessageID, a.Library, a.Line)
					if !json.Valid(a.Line) || bytes.ContainsAny(a.Line, "\n") {
						t.Errorf("not one line of JSON: %s", a.Line)
					}
					if id := event.MessageID(a.Line); id != a.MessageID {
						t.Errorf("MessageID of the line is %q, want %q", id, a.MessageID)
					}
				}
				for _, r := range result.Rejected {
					fmt.Fprintf(&got, "! %d %s %s\n", r.Index, r.Code, r)
				}
			}
			if *update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "want", Data: got.Bytes()}}
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got.String()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// unescape puts bytes in the place of <HH>.
func unescape(s string) string {
	for _, b := range []byte{0x00, 0xFF, 0xFE, 0xEF, 0xBB, 0xBF, 0x0D, 0x1F, 0x8B, 0xC2, 0xA0} {
		s = strings.ReplaceAll(s, fmt.Sprintf("<%02X>", b), string([]byte{b}))
	}
	return s
}
