package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"penstock/internal/eventlog"
)

// embed starts a server in this process. It listens nowhere; the connection to it is a pipe.
func (j *JetLog) embed(ctx context.Context) error {
	if j.cfg.DataDir == "" {
		return errors.New("open log: no data folder given")
	}
	dir, err := filepath.Abs(j.cfg.DataDir)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	opts := &server.Options{
		ServerName:        "penstock",
		DontListen:        true,
		NoSigs:            true,
		JetStream:         true,
		StoreDir:          dir, // the server adds "jetstream"
		SyncAlways:        j.cfg.SyncAlways,
		MaxPayload:        messageBytesMax,
		JetStreamMaxStore: j.cfg.StorageBytesMax,
	}
	if j.server, err = server.NewServer(opts); err != nil {
		return fmt.Errorf("make log server: %w", err)
	}
	fatal := make(chan string, 1)
	j.server.SetLoggerV2(&bridge{logger: j.logger, fatal: fatal, jam: func() { j.jammed.Store(true) }}, false, false, false)
	go j.server.Start()
	for begun := time.Now(); !j.server.ReadyForConnections(readyEvery); {
		select {
		case reason := <-fatal:
			return fmt.Errorf("start log server in %s: %s", dir, reason)
		default:
		}
		if time.Since(begun) > openTimeout {
			return fmt.Errorf("start log server in %s: not ready after %s", dir, openTimeout)
		}
	}
	return j.connect(ctx, "", nats.InProcessServer(j.server), nats.Timeout(openTimeout))
}

const readyEvery = 250 * time.Millisecond // how often a server that starts is asked whether it has given up

// reportLost says where recovery had to cut off the end of a block of messages, because bytes in it had rotted and the server had not been stopped
// in order. Readers notice the hole when a later message of the subject is there; this line is for the case that none is.
func (j *JetLog) reportLost(ctx context.Context) error {
	for name := range eventlog.Streams() {
		subject := "$JS.API.STREAM.INFO." + string(name)
		answer, err := j.control.RequestWithContext(ctx, subject, []byte(`{"deleted_details":true}`))
		if err != nil {
			return fmt.Errorf("read state of %s: %w", name, err)
		}
		var info struct {
			State struct {
				LastSeq uint64 `json:"last_seq"` //nolint:tagliatelle // JetStream's name
				Lost    *struct {
					Msgs  []uint64 `json:"msgs"`
					Bytes uint64   `json:"bytes"`
				} `json:"lost"`
			} `json:"state"`
		}
		if err := json.Unmarshal(answer.Data, &info); err != nil {
			return fmt.Errorf("read state of %s: %w", name, err)
		}
		if lost := info.State.Lost; lost != nil {
			j.logger.LogAttrs(ctx, slog.LevelError, "log was damaged and has been cut", slog.String("stage", "jetlog"), slog.String("stream", string(name)),
				slog.Uint64("bytes", lost.Bytes), slog.Int("messages", len(lost.Msgs)), slog.Uint64("last", info.State.LastSeq))
		}
	}
	return nil
}

// bridge hands the server's lines to the logger: what it merely notes at debug level, since it says a lot at each start.
type bridge struct {
	logger *slog.Logger
	fatal  chan<- string // why the server cannot go on
	jam    func()        // called when a stream takes no more, since a write has not succeeded
}

func (b *bridge) log(level slog.Level, format string, v []any) {
	ctx := context.Background() // the server's logger has none
	if b.logger.Enabled(ctx, level) {
		b.logger.LogAttrs(ctx, level, "log server", slog.String("stage", "jetlog"), slog.String("text", fmt.Sprintf(format, v...)))
	}
}

// Noticef is where the server says, among much else, that it closes a connection which takes too little.
func (b *bridge) Noticef(format string, v ...any) {
	level := slog.LevelDebug
	if strings.Contains(format, "Slow Consumer") {
		level = slog.LevelError
	}
	b.log(level, format, v)
}

func (b *bridge) Warnf(format string, v ...any) { b.log(slog.LevelWarn, format, v) }

// Errorf is where the server says that a stream could not be written, which it tells nobody else: it leaves the publisher without an answer.
func (b *bridge) Errorf(format string, v ...any) {
	if strings.Contains(format, "Critical write error") {
		b.jam() // before anybody reads of it
	}
	b.log(slog.LevelError, format, v)
}

func (b *bridge) Debugf(format string, v ...any) { b.log(slog.LevelDebug, format, v) }
func (b *bridge) Tracef(format string, v ...any) { b.log(slog.LevelDebug, format, v) }

// Fatalf is where the server says that it cannot go on; ending the process is not its business.
func (b *bridge) Fatalf(format string, v ...any) {
	b.log(slog.LevelError, format, v)
	select {
	case b.fatal <- fmt.Sprintf(format, v...):
	default: // the first reason is known
	}
}
