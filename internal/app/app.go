// Package app is the composition root: it makes the parts out of the configuration, starts them in their order, and stops them in the reverse. Nothing else
// knows the whole.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"penstock/internal/access"
	"penstock/internal/accounts"
	"penstock/internal/analyze"
	"penstock/internal/audit"
	"penstock/internal/cdn"
	"penstock/internal/deliver"
	"penstock/internal/duck"
	"penstock/internal/erase"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/journal"
	"penstock/internal/ledger"
	"penstock/internal/pendoapi/keys"
	"penstock/internal/retain"
	"penstock/internal/seen"
	"penstock/internal/workspace"
	"penstock/ui"
)

// server is the parts of a running Penstock.
type server struct {
	cfg      Config
	parts    *parts
	listener net.Listener
	url      string      // under which this server is reached
	clients  sync.Map    // of mapping ids to *http.Client
	ready    atomic.Bool // everything has started, and nothing stops yet

	began     time.Time
	store     *jetlog.JetLog
	log       *eventlog.Log
	secrets   *secrets
	trail     *audit.Trail
	accounts  *accounts.Accounts
	index     *seen.Index
	workspace *workspace.Store
	people    workspace.KV // exclude list and do-not-process
	keys      *keys.Store  // of the Pendo-compatible public API
	ledger    *ledger.Ledger
	journal   *journal.Journal
	analyzer  *analyze.Analyzer
	deliver   *deliver.Engine
	keeper    *retain.Keeper
	erasures  *erase.Engine
	sdk       *cdn.Handler
	pages     *ui.Handler
	doors     *doors
}

// Run starts a server, calls ready once it takes events, and runs it until ctx ends or a part of it fails. What was accepted is on the disk when it
// returns, and the rest of the work goes on at the next start.
func Run(ctx context.Context, cfg Config, ready func(Started)) (err error) {
	s := &server{cfg: cfg, parts: newParts(cfg.Logger), began: time.Now().UTC()}
	defer func() {
		s.ready.Store(false)
		err = errors.Join(err, s.parts.stop(context.WithoutCancel(ctx)))
	}()
	started, err := s.start(ctx)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	ready(started)
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.parts.failed:
		return err
	}
}

// start brings the parts up in the order in which they stand on each other: the log, the configuration, what reads the log, what takes requests, and
// last what sends them.
func (s *server) start(ctx context.Context) (Started, error) {
	if err := os.MkdirAll(s.cfg.DataDir, 0o700); err != nil {
		return Started{}, fmt.Errorf("make data folder: %w", err)
	}
	token, made, err := adminToken(s.cfg.DataDir, s.cfg.AdminToken)
	if err != nil {
		return Started{}, err
	}
	openAccounts := func(ctx context.Context) error { return s.openAccounts(ctx, token) }
	for _, step := range []func(context.Context) error{s.lock, s.listen, s.openLog, s.openConfiguration, openAccounts, s.openWorkspace, s.openReaders, s.openErasures, s.openBundle} {
		if err := step(ctx); err != nil {
			return Started{}, err
		}
	}
	s.serve(ctx)
	s.startDelivery(ctx)
	if made != "" {
		if err := keepToken(s.cfg.DataDir, token); err != nil {
			return Started{}, err
		}
	}
	s.ready.Store(true)
	started := Started{URL: s.url, Token: made}
	if link := s.accounts.Setup(); link != nil {
		started.Setup = s.url + "/setup#token=" + link.Token
	}
	for _, source := range s.workspace.Snapshot().Sources() {
		if source.Enabled && len(source.WriteKeys) > 0 {
			started.WriteKeys = source.WriteKeys
			break
		}
	}
	if apps := s.workspace.Snapshot().Apps(); len(apps) > 0 {
		started.App = apps[0].Slug
	}
	return started, nil
}

// lock makes sure that no other process uses the data folder: two would tear each other's log apart.
func (s *server) lock(context.Context) error {
	lock := flock.New(filepath.Join(s.cfg.DataDir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock data folder: %w", err)
	}
	if !held {
		return fmt.Errorf("lock data folder: another process is using %s; stop it, or give this one a folder of its own with --data", s.cfg.DataDir)
	}
	s.parts.opened("data folder", lock.Unlock)
	return nil
}

// errNotReady is for whoever asks before the server has started, or while it stops.
var errNotReady = errors.New("the server is starting or stopping")

func (s *server) isReady() error {
	if !s.ready.Load() {
		return errNotReady
	}
	return nil
}

// listen takes the address, so that the server's own URL is known; requests wait until serve.
func (s *server) listen(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", s.cfg.Listen, err)
	}
	s.parts.opened("listener", func() error {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	s.listener = l
	if s.url = s.cfg.PublicURL; s.url == "" {
		s.url = "http://" + reachable(l.Addr())
	}
	return nil
}

// reachable is an address under which this machine itself reaches a listener.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// openLog opens the streams and brings the index of seen ids up to their end, before anything can be appended.
func (s *server) openLog(ctx context.Context) error {
	cfg := jetlog.DefaultConfig(s.cfg.DataDir)
	cfg.URL, cfg.SyncAlways, cfg.DurabilityQuorum = s.cfg.NATSURL, s.cfg.SyncAlways, s.cfg.Quorum
	store, err := jetlog.Open(ctx, cfg, s.cfg.Logger)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	s.parts.opened("log storage", store.Close)
	events := eventlog.DefaultConfig()
	events.Window = cmp.Or(s.cfg.DuplicateWindow, events.Window)
	if s.log, err = eventlog.New(ctx, store, events, s.cfg.Logger); err != nil {
		return err
	}
	s.index, err = seen.Open(filepath.Join(s.cfg.DataDir, "seen"), s.cfg.Logger) //nolint:contextcheck // its filters are filled behind the call, until Close
	if err != nil {
		return fmt.Errorf("open index of seen ids: %w", err)
	}
	s.parts.opened("index of seen ids", s.index.Close)
	if err := s.index.Catchup(ctx, s.log); err != nil {
		return fmt.Errorf("bring index of seen ids up to date: %w", err)
	}
	s.log.SetIndex(s.index)
	s.parts.run(ctx, "log", s.log.Run)
	s.store = store
	if s.people, err = store.KV(ctx, "people"); err != nil {
		return fmt.Errorf("open exclude list: %w", err)
	}
	integration, err := store.KV(ctx, "integration-keys")
	if err != nil {
		return fmt.Errorf("open integration keys: %w", err)
	}
	s.keys = keys.Open(integration, s.cfg.Logger)
	s.parts.run(ctx, "integration keys", s.keys.Run)
	return s.await(ctx, s.keys.Ready())
}

// await waits until a part that runs knows what it has to know, before anybody can ask it.
func (s *server) await(ctx context.Context, ready <-chan struct{}) error {
	select {
	case <-ready:
		return nil
	case err := <-s.parts.failed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// openWorkspace reads the configuration, applies the file if there is one, and puts the fences in order.
func (s *server) openWorkspace(ctx context.Context) error {
	s.parts.run(ctx, "workspace", s.workspace.Run)
	if err := s.await(ctx, s.workspace.Ready()); err != nil {
		return err
	}
	if s.cfg.WorkspaceFile != "" {
		if err := s.applyFile(ctx); err != nil {
			return fmt.Errorf("apply %s: %w", s.cfg.WorkspaceFile, err)
		}
	}
	return s.workspace.Reconcile(ctx)
}

func (s *server) applyFile(ctx context.Context) error {
	text, err := os.ReadFile(s.cfg.WorkspaceFile)
	if err != nil {
		return err
	}
	file, err := workspace.Parse(text)
	if err != nil {
		return err
	}
	if file, err = file.Expand(s.cfg.Lookup); err != nil {
		return err
	}
	ctx = access.With(ctx, access.Principal{Kind: access.System, ID: "serve", Name: "penstock serve --workspace"})
	_, err = s.workspace.Apply(ctx, file, workspace.ApplyOptions{})
	return err
}

// openReaders starts what reads the log: the ledger, the journal and the analytics.
func (s *server) openReaders(ctx context.Context) error {
	memory := duck.DefaultConfig()
	memory.MemoryLimit, memory.Threads = cmp.Or(s.cfg.DuckDBMemory, memory.MemoryLimit), cmp.Or(s.cfg.DuckDBThreads, memory.Threads)
	db, err := duck.Open(ctx, filepath.Join(s.cfg.DataDir, "duckdb"), memory, s.cfg.Logger)
	if err != nil {
		return fmt.Errorf("open journal and analytics: %w", err)
	}
	s.parts.opened("duckdb", db.Close)
	s.ledger = ledger.New(s.log, ledger.DefaultConfig(), s.cfg.Logger)
	s.parts.run(ctx, "ledger", s.ledger.Run)
	if s.journal, err = journal.New(ctx, db, s.log, journal.DefaultConfig(), s.cfg.Logger); err != nil {
		return err
	}
	s.parts.opened("journal", s.journal.Close)
	s.parts.run(ctx, "journal", s.projection(s.journal.Run))
	counting := analyze.DefaultConfig()
	counting.Window = cmp.Or(s.cfg.CountWindow, counting.Window)
	s.analyzer, err = analyze.New(ctx, counting, analyze.Parts{DB: db, Log: s.log, Flags: s.people, Logger: s.cfg.Logger})
	if err != nil {
		return err
	}
	s.parts.opened("analytics", s.analyzer.Close)
	s.parts.run(ctx, "analytics", s.projection(s.analyzer.Run))
	return nil
}

// projection runs a part that only answers questions. When its tables are damaged they are made anew at the next start, and nothing else stops for that:
// what comes in is in the log.
func (s *server) projection(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.cfg.Logger.LogAttrs(ctx, slog.LevelError, "projection has ended, restart the server to make it anew", slog.String("stage", "app"), slog.Any("error", err))
		<-ctx.Done()
		return nil
	}
}
