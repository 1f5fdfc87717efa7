package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"penstock/destinations"
	"penstock/internal/admin"
	"penstock/internal/admin/impact"
	"penstock/internal/admin/journey"
	"penstock/internal/admin/trial"
	"penstock/internal/cdn"
	"penstock/internal/deliver"
	"penstock/internal/ingest"
	"penstock/internal/pendoapi"
	"penstock/internal/publicapi"
	"penstock/internal/receive"
	"penstock/internal/retain"
	"penstock/internal/workspace"
	"penstock/ui"
)

const (
	headerTimeout   = 10 * time.Second
	bodyTimeout     = 60 * time.Second // of a whole request
	idleTimeout     = 3 * time.Minute
	headerBytesMax  = 64 << 10
	shutdownTimeout = 15 * time.Second // for requests that are being answered
)

// openBundle reads the browser SDK and the interface that are in this binary.
func (s *server) openBundle(context.Context) error {
	pages, err := ui.Bundle()
	if err == nil {
		s.pages, err = ui.New(pages)
	}
	if err != nil {
		return err
	}
	bundle, err := cdn.Bundle()
	if err == nil {
		s.sdk, err = cdn.New(bundle, func(key string) bool { return s.workspace.Snapshot().SourceByWriteKey(key) != nil })
	}
	if err != nil {
		return fmt.Errorf("read the browser SDK: %w", err)
	}
	return nil
}

// serve starts the one HTTP server: the tracking API, the browser SDK, the receiver, the control API, the interface.
func (s *server) serve(ctx context.Context) {
	s.deliver = deliver.New(s.log, deliver.DefaultConfig(), s.compile, s.cfg.Logger)
	s.doors = newDoors()
	s.keeper = retain.New(s.retention(), s.cfg.Retention)
	cfg := ingest.DefaultConfig()
	cfg.PublicURL, cfg.TrustedProxies, cfg.EventsPerSecond = s.cfg.PublicURL, s.cfg.TrustedProxies, s.cfg.EventsPerSecond
	in := ingest.New(s.log, func() ingest.Sources { return sources{s.workspace.Snapshot(), s.keeper.Full} }, cfg, s.cfg.Logger)
	s.parts.run(ctx, "rejections", in.Run)
	in.Register(s.doors.open("events come in with a write key, which lets send, and read nothing"))
	s.sdk.Register(s.doors.open("browsers fetch the SDK"))
	door := receive.DefaultConfig(workspace.Default)
	door.Proxies = s.cfg.TrustedProxies
	receiver := receive.New(door, receive.Parts{Log: s.log, Apps: func() receive.Apps { return s.workspace.Snapshot() }, Visitors: s.analyzer, Logger: s.cfg.Logger})
	receiver.Register(s.doors.open("events come in with the key of an app, which lets send, and read nothing"))

	journeys := journey.New(journey.Parts{
		Snapshot: s.workspace.Snapshot, Finder: s.index, Log: s.log, Receiver: landings{s},
		Catalog: catalog{}, PublicURL: s.url,
	})
	trials := trial.New(trial.Parts{
		Snapshot: s.workspace.Snapshot, Catalog: catalog{}, Finder: s.index, Log: s.log, Receiver: landings{s}, Client: s.client("trials"), PublicURL: s.url,
	})
	control := admin.New(admin.Config{Version: s.cfg.Version, Proxies: s.cfg.TrustedProxies, PublicURL: s.cfg.PublicURL}, admin.Parts{
		Accounts: s.accounts, Trail: s.trail, Secrets: s.secrets, Server: info{s},
		Workspace: s.workspace, Catalog: catalog{}, Destinations: destinations.Catalog(), Trials: trials, Impacts: impact.New(catalog{}, s.log, s.url), Ledger: counts{s.ledger}, Analytics: s.analyzer, IntegrationKeys: s.keys, Inbox: inbox{receiver},
		Journeys: journeys, Journal: history{s.journal}, Log: s.log, Ready: s.isReady, Erasures: erasures{s.erasures}, Keeping: s.keeping, Metrics: s.metrics(), Logger: s.cfg.Logger,
	})
	public := publicapi.New(publicapi.Config{Proxies: s.cfg.TrustedProxies, PublicURL: s.cfg.PublicURL}, publicapi.Parts{
		Access: s.accounts, Workspace: s.workspace, Destinations: destinations.Catalog(), Journal: tallies{s.journal}, Audit: audits{s.trail}, Logger: s.cfg.Logger,
	})
	s.doors.guarded(public, publicapi.Prefix, publicapi.Prefix+"/")
	s.doors.guarded(control, "/api/", "/healthz", "/readyz", "/metrics")
	s.doors.open("programs made for Pendo's public API come in with an integration key, and nobody without").Handle("/api/v1/",
		pendoapi.New(pendoapi.Parts{Snapshot: s.workspace.Snapshot, Keys: s.keys, Analytics: s.analyzer, Log: s.log, Logger: s.cfg.Logger}))
	s.doors.open("pages of the interface, which hold no data").Handle("/", s.pages)

	s.parts.run(ctx, "http server", func(ctx context.Context) error { return s.listenAndServe(ctx, straight(s.doors.mux)) })
}

// listenAndServe answers requests until ctx ends, and then those that have begun.
func (s *server) listenAndServe(ctx context.Context, handler http.Handler) error {
	base, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytesMax,
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	abandonLive := time.AfterFunc(time.Second, abandon) // live tails never end by themselves
	defer abandonLive.Stop()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}
