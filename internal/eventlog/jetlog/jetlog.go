package jetlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Config is what an operator may set.
type Config struct {
	// DataDir is the folder under which the embedded server keeps its files, in "jetstream". Not used with URL.
	DataDir string
	// SyncAlways makes the embedded server sync each commit before it answers. Default true; off, a power cut loses what was answered.
	SyncAlways bool
	// URL is the address of a NATS JetStream cluster, or several with commas between them; empty: a server is embedded.
	URL string
	// Replicas is how many servers of the cluster keep each message. Default 3; an embedded server is always one.
	Replicas int
	// DurabilityQuorum says that it is meant that an answer means "kept by a quorum of the cluster's servers", synced or not. A cluster is refused
	// without it, since its servers do not tell a client whether they sync.
	DurabilityQuorum bool
	// StorageBytesMax bounds what the embedded server stores, in bytes. Default 0: three quarters of what is free on the disk, beside what is stored.
	StorageBytesMax int64
	// FreeBytesMin is what must be free on the disk of the embedded server for an append, in bytes; with less it is full. Default 256 MiB.
	FreeBytesMin int64
	// StagingDir is a folder in memory in which the embedded server may stage atomic batches (staging.go says what that is worth); empty, or not there: the
	// data folder. Default /dev/shm.
	StagingDir string
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig(dataDir string) Config {
	return Config{DataDir: dataDir, SyncAlways: true, Replicas: 3, FreeBytesMin: 256 << 20, StagingDir: "/dev/shm"}
}

const (
	frameOverheadMax = 64 << 10                                // of a message besides a frame's body: its headers, and the frame's own with some duplicates
	messageBytesMax  = 8 << 20                                 // what the embedded server takes in one message, in bytes
	messageBytesMin  = record.FrameBytesMax + frameOverheadMax // what a cluster's servers have to take
	openTimeout      = 60 * time.Second                        // of a server that starts, or a cluster that is joined
	closeTimeout     = 30 * time.Second                        // of messages on their way
	askTimeout       = 10 * time.Second                        // of one request where the caller sets no deadline
)

// JetLog is the log on JetStream. It implements eventlog.Store.
type JetLog struct {
	logger  *slog.Logger
	cfg     Config
	server  *server.Server // nil with a cluster
	control *nats.Conn
	appends *asker
	reads   *asker
	ends    *asker // over the connection for control
	js      jetstream.JetStream
	rot     rotten
	erasing erasing

	slowConsumers atomic.Int64 // of this side

	staged  []string // folders in StagingDir
	restage sync.Once
	// jammed tells that a write has found no room, since when the server refuses all; reopening is held by the one who opens it again.
	jammed    atomic.Bool
	reopening sync.Mutex
	reopened  signal
	storage   server.JetStreamConfig     // as it was when it was closed last
	watches   map[eventlog.Stream]*watch // nil when embedded
}

// Open starts the embedded server, or joins the cluster, and makes the streams where they are missing.
func Open(ctx context.Context, cfg Config, logger *slog.Logger) (*JetLog, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	j := &JetLog{logger: logger, cfg: cfg}
	var err error
	left := j.unstaged()
	if cfg.URL == "" {
		j.finishErasing(ctx)
		j.heal(ctx)
		err = j.embed(ctx)
	} else {
		err = j.join(ctx)
	}
	if err == nil {
		err = j.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if j.server != nil {
		j.stage(ctx, left)
	}
	return j, nil
}

// prepare makes the streams, and looks at what recovery has found.
func (j *JetLog) prepare(ctx context.Context) error {
	var err error
	if j.js, err = jetstream.New(j.control, jetstream.WithDefaultTimeout(askTimeout)); err != nil {
		return fmt.Errorf("open jetstream: %w", err)
	}
	for name, subjects := range eventlog.Streams() {
		if _, err := j.js.CreateOrUpdateStream(ctx, j.streamConfig(name, subjects)); err != nil {
			return fmt.Errorf("create stream %s: %w", name, err)
		}
	}
	if j.server != nil {
		return j.reportLost(ctx)
	}
	return j.watch()
}

func (j *JetLog) streamConfig(name eventlog.Stream, subjects []string) jetstream.StreamConfig {
	cfg := jetstream.StreamConfig{
		Name:               string(name),
		Subjects:           subjects,
		Storage:            jetstream.FileStorage,
		Replicas:           j.replicas(),
		Discard:            jetstream.DiscardNew,
		Duplicates:         100 * time.Millisecond, // the least that there is: no message carries an id
		AllowDirect:        true,
		AllowAtomicPublish: true,
		MaxMsgsPerSubject:  -1,
	}
	switch name {
	case eventlog.Received:
		cfg.Compression = jetstream.S2Compression
	case eventlog.Audit:
		cfg.MaxAge, cfg.MaxMsgs, cfg.Discard = eventlog.AuditMaxAge, eventlog.AuditFramesMax, jetstream.DiscardOld
	default:
	}
	return cfg
}

func (j *JetLog) replicas() int {
	if j.server != nil {
		return 1
	}
	return max(j.cfg.Replicas, 1)
}

// Close lets go of the cluster, or stops the embedded server and waits until its files are closed. It is legal to call it twice.
func (j *JetLog) Close() error {
	err := j.disconnect()
	if j.server != nil {
		j.server.Shutdown()
		j.server.WaitForShutdown()
		j.unstage()
	}
	return err
}

// Last returns the sequence of the stream's last message.
func (j *JetLog) Last(ctx context.Context, name eventlog.Stream) (uint64, error) {
	s, err := j.js.Stream(ctx, string(name))
	if err != nil {
		return 0, fmt.Errorf("read state of %s: %w", name, err)
	}
	return s.CachedInfo().State.LastSeq, nil
}

// State is where a stream begins and ends.
type State struct {
	First, Last uint64    // sequences; First is greater than Last where it is empty
	Since       time.Time // of the first message
	Bytes       uint64    // of all messages
}

// State tells where a stream begins and ends, and how large it is.
func (j *JetLog) State(ctx context.Context, name eventlog.Stream) (State, error) {
	s, err := j.js.Stream(ctx, string(name))
	if err != nil {
		return State{}, fmt.Errorf("read state of %s: %w", name, err)
	}
	state := s.CachedInfo().State
	return State{First: state.FirstSeq, Last: state.LastSeq, Since: state.FirstTime, Bytes: state.Bytes}, nil
}
