package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
)

// parts holds what was started, in order, and stops it in the reverse order: each part is told to stop, and waited for, before the one that it stands on.
type parts struct {
	logger  *slog.Logger
	started []part
	failed  chan error // the first part that ended by itself
	once    sync.Once
}

// part is something that runs or is open. stop ends it and waits.
type part struct {
	name string
	stop func() error
}

func newParts(logger *slog.Logger) *parts {
	return &parts{logger: logger, failed: make(chan error, 1)}
}

// run starts a part that runs until its context ends. One that ends before it is told to brings everything down.
func (p *parts) run(ctx context.Context, name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			p.fail(fmt.Errorf("run %s: ended by itself: %w", name, cmpErr(err)))
		}
		done <- err
	}()
	p.started = append(p.started, part{name: name, stop: func() error {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("run %s: %w", name, err)
		}
		return nil
	}})
}

var errEnded = errors.New("no error given")

func cmpErr(err error) error {
	if err == nil {
		return errEnded
	}
	return err
}

// opened adds something that is to be closed in its turn.
func (p *parts) opened(name string, closer func() error) {
	p.started = append(p.started, part{name: name, stop: func() error {
		if err := closer(); err != nil {
			return fmt.Errorf("close %s: %w", name, err)
		}
		return nil
	}})
}

func (p *parts) fail(err error) { p.once.Do(func() { p.failed <- err }) }

// stop ends everything, the newest first.
func (p *parts) stop(ctx context.Context) error {
	var errs []error
	for _, started := range slices.Backward(p.started) {
		p.logger.LogAttrs(ctx, slog.LevelDebug, "stopping", slog.String("stage", "app"), slog.String("part", started.name))
		errs = append(errs, started.stop())
	}
	p.started = nil
	return errors.Join(errs...)
}
