package jetlog_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/eventlogtest"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

// Parts of a stored message: the frame's header and body, and what is around it.
const (
	inHeader = iota
	inBody
	inLength
	inHeadersBit
	inSequence
	inTime
	inSubjectLength
	inSubject
	inHeaders
	inChecksum
)

// place is a data folder.
type place struct {
	dir   string
	store *jetlog.JetLog
	part  int // of the stored message that rots
	// spoil is done to the files after a message has rotted.
	spoil func(t testing.TB, dir string)
}

func (p *place) Open(t testing.TB) eventlog.Store {
	t.Helper()
	j, err := jetlog.Open(t.Context(), jetlog.DefaultConfig(p.dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.store = j
	return j
}

func (p *place) Close(t testing.TB) {
	t.Helper()
	if p.store == nil {
		return
	}
	if err := p.store.Close(); err != nil {
		t.Error(err)
	}
	p.store = nil
}

func (p *place) Remove(t testing.TB, stream eventlog.Stream, seq uint64) {
	t.Helper()
	if err := p.store.Remove(t.Context(), stream, seq); err != nil {
		t.Fatal(err)
	}
}

// Rot changes a byte of the frame on disk, in the file of the block that holds it.
func (p *place) Rot(t testing.TB, stream eventlog.Stream, seq uint64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "jetstream", "$G", "streams", string(stream), "msgs", "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at, n, ok := findRecord(data, seq)
		if !ok {
			continue
		}
		frame := at + bytes.Index(data[at:at+n], []byte("P1 "))
		switch p.part {
		case inHeader:
			data[frame+30] ^= 0x2c
		case inBody:
			data[at+n-8-3] ^= 0x2c
		default:
			data[at+map[int]int{
				inLength: 1, inHeadersBit: 3, inSequence: 5, inTime: 15, inSubjectLength: 20, inSubject: 22 + len("events.defa"), inHeaders: frame - at - 3, inChecksum: n - 2,
			}[p.part]] ^= map[bool]byte{true: 0x80, false: 4}[p.part == inHeadersBit]
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if p.spoil != nil {
			p.spoil(t, filepath.Dir(file))
		}
		return
	}
	t.Fatalf("message %d is in no block of %s", seq, stream)
}

// findRecord walks the records of a block: length (with the headers' bit), sequence, time, and the rest.
func findRecord(block []byte, seq uint64) (at, n int, ok bool) {
	for at+12 <= len(block) {
		n = int(binary.LittleEndian.Uint32(block[at:]) &^ (1 << 31))
		if n < 12 {
			break
		}
		if binary.LittleEndian.Uint64(block[at+4:]) == seq {
			return at, n, true
		}
		at += n
	}
	return 0, 0, false
}

func TestStore(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, func(t testing.TB) eventlogtest.Place { return &place{dir: t.TempDir()} })
}

// noIndex removes what the server writes when it is stopped, and now and then; without it, it reads its blocks anew.
func noIndex(t testing.TB, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "index.db")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// Whether the server was stopped in order or not, a bit that flips in a frame costs that frame and nothing else.
func TestDamage(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]int{"frame's header": inHeader, "frame's body": inBody} {
		for how, spoil := range map[string]func(testing.TB, string){"stopped in order": nil, "not stopped in order": noIndex} {
			t.Run(name+", "+how, func(t *testing.T) {
				eventlogtest.Damage(t, func(t testing.TB) eventlogtest.Place { return &place{dir: t.TempDir(), part: part, spoil: spoil} })
			})
		}
	}
}

// A bit that flips in what the server keeps around a frame costs nothing.
func TestRotAroundTheFrame(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]int{
		"length": inLength, "headers bit": inHeadersBit, "sequence": inSequence, "time": inTime, "subject's length": inSubjectLength,
		"subject": inSubject, "headers": inHeaders, "checksum": inChecksum,
	} {
		for _, seq := range []uint64{1, 3, 5} {
			t.Run(fmt.Sprintf("%s of %d", name, seq), func(t *testing.T) {
				place := &place{dir: t.TempDir(), part: part, spoil: noIndex}
				t.Cleanup(func() { place.Close(t) })
				store := place.Open(t)
				var want []eventlog.Stored
				for i := range uint64(5) {
					h := record.Header{Kind: record.KindEvents, N: i/2 + 1, Lines: 1, First: i / 2}
					m := eventlog.Message{Subject: subject(int(i % 2)), Data: record.AppendFrame(nil, &h, []byte("1\n")), Expect: max(i, 1) - 1}
					if _, err := store.Append(t.Context(), eventlog.Events, []eventlog.Message{m}); err != nil {
						t.Fatal(err)
					}
					want = append(want, eventlog.Stored{Seq: i + 1, Subject: m.Subject, Data: m.Data})
				}
				place.Close(t)
				place.Rot(t, eventlog.Events, seq)
				got, err := place.Open(t).Read(t.Context(), eventlog.Events, ">", 1, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// A reader would take "nothing there" for the end of the stream, and pass over all that is there: so no answer in time is an error.
func TestReadWithoutAnAnswerIsAnError(t *testing.T) {
	p := &place{dir: t.TempDir()}
	store := p.Open(t)
	defer p.Close(t)
	data := record.AppendFrame(nil, &record.Header{Kind: record.KindEvents, N: 1, Lines: 1}, []byte("{}\n"))
	if _, err := store.Append(t.Context(), eventlog.Events, []eventlog.Message{{Subject: "events.ws1.s1", Data: data}}); err != nil {
		t.Fatal(err)
	}
	if found, err := store.Read(t.Context(), eventlog.Events, "events.>", 1, 1<<20); err != nil || len(found) != 1 {
		t.Fatalf("got %d messages, %v", len(found), err)
	}
	if found, err := store.Read(t.Context(), eventlog.Events, "events.>", 2, 1<<20); err != nil || len(found) != 0 {
		t.Errorf("after the end: got %d messages, %v", len(found), err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if found, err := store.Read(late, eventlog.Events, "events.>", 1, 1<<20); err == nil {
		t.Errorf("without time for an answer: got %d messages, and no error", len(found))
	}
}
