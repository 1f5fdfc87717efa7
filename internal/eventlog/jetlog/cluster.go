package jetlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"penstock/internal/eventlog"
)

// join connects to a cluster.
func (j *JetLog) join(ctx context.Context) error {
	if !j.cfg.DurabilityQuorum {
		return errors.New("open log: a cluster does not tell whether its servers sync each write (jetstream.sync_interval: always); " +
			"check that they do, or that a quorum in memory is enough for you, and say so with --durability=quorum")
	}
	if err := j.connect(ctx, j.cfg.URL, nats.Timeout(askTimeout)); err != nil {
		return err
	}
	if got := j.appends.conn.MaxPayload(); got < messageBytesMin {
		return fmt.Errorf("open log: the cluster takes messages of %d bytes, at least %d are needed; raise max_payload of its servers", got, messageBytesMin)
	}
	return nil
}

// watch is how one process hears that another one has stored something: a short message on a subject beside the stream, which nobody stores, and a
// tick for the case that it was missed.
type watch struct {
	advanced chan struct{}
	subject  string
}

const watchEvery = time.Second

func (j *JetLog) watch() error {
	j.watches = map[eventlog.Stream]*watch{}
	for name := range eventlog.Streams() {
		w := &watch{advanced: make(chan struct{}, 1), subject: "penstock.advanced." + string(name)}
		if _, err := j.control.Subscribe(w.subject, func(*nats.Msg) { w.signal() }); err != nil {
			return fmt.Errorf("watch %s: %w", name, err)
		}
		j.watches[name] = w
	}
	closed := j.control.StatusChanged(nats.CLOSED)
	go func() {
		ticks := time.NewTicker(watchEvery)
		defer ticks.Stop()
		for {
			select {
			case <-closed:
				return
			case <-ticks.C:
				for _, w := range j.watches {
					w.signal()
				}
			}
		}
	}()
	return nil
}

func (w *watch) signal() {
	select {
	case w.advanced <- struct{}{}:
	default: // one is waiting already
	}
}

// tell lets other processes know that this one has stored something. One that misses it sees it at its next tick.
func (j *JetLog) tell(name eventlog.Stream) {
	if w := j.watches[name]; w != nil {
		_ = j.appends.conn.Publish(w.subject, nil)
	}
}

// Advanced returns a channel that gets a value when another process may have stored messages; nil when the server is embedded.
func (j *JetLog) Advanced(name eventlog.Stream) <-chan struct{} {
	if w := j.watches[name]; w != nil {
		return w.advanced
	}
	return nil
}
