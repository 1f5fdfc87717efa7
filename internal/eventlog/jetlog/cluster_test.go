package jetlog_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/eventlogtest"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

// remote is a server of its own that a JetLog joins: nothing heals its files.
type remote struct {
	place
	server *server.Server
	logs   []*jetlog.JetLog
}

// listen starts the server.
func (p *remote) listen(t testing.TB, maxPayload int32) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, JetStream: true, StoreDir: p.dir, SyncAlways: true, MaxPayload: maxPayload})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(5 * time.Minute) {
		t.Fatal("server is not ready")
	}
	p.server = s
}

func (p *remote) config() jetlog.Config {
	return jetlog.Config{URL: p.server.ClientURL(), Replicas: 1, DurabilityQuorum: true}
}

func (p *remote) Open(t testing.TB) eventlog.Store {
	t.Helper()
	if p.server == nil {
		p.listen(t, 8<<20)
	}
	j, err := jetlog.Open(t.Context(), p.config(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.store, p.logs = j, append(p.logs, j)
	return j
}

func (p *remote) Close(t testing.TB) {
	t.Helper()
	for _, j := range p.logs {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	p.logs = nil
	if p.server != nil {
		p.server.Shutdown()
		p.server.WaitForShutdown()
		p.server = nil
	}
}

func TestRemoteStore(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, func(t testing.TB) eventlogtest.Place { return &remote{place: place{dir: t.TempDir()}} })
}

// Of several messages at the end of a subject that cannot be read, and others between, the end is found, and takes appends again.
func TestManyRottedMessagesAtTheEnd(t *testing.T) {
	p := &remote{place: place{dir: t.TempDir()}}
	t.Cleanup(func() { p.Close(t) })
	store := p.Open(t)
	h := record.Header{Kind: record.KindEvents, Lines: 1}
	for i := range uint64(12) {
		h.N, h.First = i/2+1, i/2
		m := eventlog.Message{Subject: subject(int(i % 2)), Data: record.AppendFrame(nil, &h, []byte("1\n")), Expect: max(i, 1) - 1}
		if _, err := store.Append(t.Context(), eventlog.Events, []eventlog.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	p.Close(t)
	for _, seq := range []uint64{3, 9, 11} { // of the first source, which has 1, 3, 5, 7, 9 and 11
		p.Rot(t, eventlog.Events, seq)
	}
	store = p.Open(t)
	for before, want := range map[uint64]uint64{0: 7, 99: 7, 12: 7, 11: 7, 9: 7, 8: 7, 7: 5, 5: 1, 4: 1, 3: 1, 2: 1} {
		m, err := store.Before(t.Context(), eventlog.Events, subject(0), before)
		if err != nil || m.Seq != want {
			t.Errorf("last message before %d: %d, %v; want %d", before, m.Seq, err, want)
		}
	}
	messages := func(expect uint64) []eventlog.Message {
		data := record.AppendFrame(nil, &h, []byte("1\n"))
		return []eventlog.Message{{Subject: subject(1), Data: data, Expect: 12}, {Subject: subject(0), Data: data, Expect: expect}}
	}
	_, err := store.Append(t.Context(), eventlog.Events, messages(7))
	conflict, ok := errors.AsType[*eventlog.ConflictError](err)
	if !ok || conflict.Subject != subject(0) || conflict.Stands != 11 {
		t.Fatalf("append at the last readable message: %v, want a conflict at 11", err)
	}
	if first, err := store.Append(t.Context(), eventlog.Events, messages(11)); err != nil || first != 13 {
		t.Fatalf("append at the unreadable message: %d, %v; want 13", first, err)
	}
}

func TestOneProcessHearsOfAnother(t *testing.T) {
	p := &remote{place: place{dir: t.TempDir()}}
	t.Cleanup(func() { p.Close(t) })
	hears, tells := p.Open(t), p.Open(t)
	h := record.Header{Kind: record.KindEvents, N: 1, Lines: 1}
	if _, err := tells.Append(t.Context(), eventlog.Events, []eventlog.Message{{Subject: subject(0), Data: record.AppendFrame(nil, &h, []byte("1\n"))}}); err != nil {
		t.Fatal(err)
	}
	<-hears.Advanced(eventlog.Events)
	if last, err := hears.Last(t.Context(), eventlog.Events); err != nil || last != 1 {
		t.Errorf("last: %d, %v; want 1", last, err)
	}
}

func TestClustersThatAreRefused(t *testing.T) {
	p := &remote{place: place{dir: t.TempDir()}}
	t.Cleanup(func() { p.Close(t) })
	p.listen(t, 64<<10)
	unsure := p.config()
	unsure.DurabilityQuorum = false
	for want, cfg := range map[string]jetlog.Config{
		"--durability=quorum": unsure,
		"raise max_payload":   p.config(),
		"no data folder":      {},
	} {
		if _, err := jetlog.Open(t.Context(), cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("open: %v, want an error that says %q", err, want)
		}
	}
}

func TestFullStorageIsTold(t *testing.T) {
	cfg := jetlog.DefaultConfig(t.TempDir())
	cfg.StorageBytesMax = 1 << 20
	j, err := jetlog.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	h := record.Header{Kind: record.KindEvents, N: 1, Lines: 1}
	data := record.AppendFrame(nil, &h, append(text(100<<10), '\n'))
	for _, n := range []int{1, 3} { // plainly, and as a batch
		msgs := make([]eventlog.Message, n)
		for i := range msgs {
			msgs[i] = eventlog.Message{Subject: subject(i), Data: data, Expect: eventlog.NoExpect}
		}
		full := error(nil)
		for i := 0; i < 20 && full == nil; i++ {
			_, full = j.Append(t.Context(), eventlog.Events, msgs)
		}
		if !strings.Contains(full.Error(), eventlog.ErrFull.Error()) {
			t.Errorf("append of %d messages to a full store: %v, want ErrFull", n, full)
		}
	}
}

func TestFolderThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := jetlog.Open(t.Context(), jetlog.DefaultConfig(dir), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("open: %v, want an error that names the folder", err)
	}
}
