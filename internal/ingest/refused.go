package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

const (
	refusedQueueLen   = 1024             // records that wait to be written
	refusedBatchMax   = 256              // records in one append
	refusedEach       = 20               // records of one address that are written one by one in refusedWindow
	refusedWindow     = time.Minute      // after which the rest of them is written as a count
	refusedSweepEvery = 10 * time.Second // how often that is looked at
	addressesMax      = 4096             // that are told apart at a time; the others share one count
	agentBytesMax     = 256              // of a User-Agent
	pathBytesMax      = 256
	stopTimeout       = 5 * time.Second // for the last records, at the end
)

// refusal is a record on its way to the log.
type refusal struct {
	subject string
	record  record.Rejected
}

// refusals keeps the record of what was refused within bounds: the first of an address one by one, then a count.
type refusals struct {
	queue     chan refusal
	mu        sync.Mutex
	addresses map[netip.Addr]*address
}

// address is what was refused of one address since a time.
type address struct {
	since  int64 // ms
	queued int
	more   int // not written one by one
	last   refusal
}

func newRefusals() *refusals {
	return &refusals{queue: make(chan refusal, refusedQueueLen), addresses: map[netip.Addr]*address{}}
}

// refuse records what was refused, without waiting. The body is the request's; the record keeps the part of it that matters.
func (h *Handler) refuse(r *http.Request, at int64, source Source, rejection *event.Rejection, body []byte) {
	remote := h.remote(r)
	one := refusal{
		subject: "rejected." + cmp.Or(source.Workspace, h.cfg.Workspace) + "." + cmp.Or(source.ID, "_"),
		record: record.Rejected{
			At: at, Method: r.Method, Path: shorten(r.URL.Path, pathBytesMax), Source: source.ID, Code: string(rejection.Code), Message: rejection.Error(),
		},
	}
	if remote.IsValid() {
		one.record.Remote = remote.String()
	}
	if !h.refused.admit(remote, at, one) {
		return
	}
	one.record.Agent = shorten(r.UserAgent(), agentBytesMax)
	if rejection.Index >= 0 {
		index := rejection.Index
		one.record.Index = &index
	}
	one.record.Excerpt = excerpt(rejection, body)
	select {
	case h.refused.queue <- one:
	default:
		h.refused.uncount(remote, at, one)
	}
}

// excerpt is the rejected event, or the part of the body around what is wrong with it.
func excerpt(rejection *event.Rejection, body []byte) string {
	part := rejection.Raw
	if part == nil {
		from := max(0, min(rejection.Offset, len(body))-record.ExcerptBytesMax/2)
		part = body[from:]
	}
	return shorten(string(part[:min(len(part), record.ExcerptBytesMax)]), record.ExcerptBytesMax)
}

// shorten cuts a text to so many bytes, between two characters.
func shorten(s string, bytesMax int) string {
	const replacement = "?" // one byte, so that nothing grows
	return strings.ToValidUTF8(s[:min(len(s), bytesMax)], replacement)
}

// admit tells whether a refusal is written on its own; else it is counted.
func (f *refusals) admit(remote netip.Addr, at int64, one refusal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.of(remote, at)
	if a.queued < refusedEach {
		a.queued++
		return true
	}
	a.more++
	a.last = one
	return false
}

// uncount counts a refusal that was to be written on its own, and could not.
func (f *refusals) uncount(remote netip.Addr, at int64, one refusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.of(remote, at)
	a.more++
	a.last = one
}

func (f *refusals) of(remote netip.Addr, at int64) *address {
	a := f.addresses[remote]
	if a == nil && len(f.addresses) >= addressesMax {
		remote = netip.Addr{}
		a = f.addresses[remote]
	}
	if a == nil {
		a = &address{since: at}
		f.addresses[remote] = a
	}
	return a
}

// sweep ends what has gone on for a window, and returns the counts.
func (f *refusals) sweep(until int64) []refusal {
	f.mu.Lock()
	defer f.mu.Unlock()
	var counts []refusal
	for remote, a := range f.addresses {
		if a.since > until {
			continue
		}
		if a.more > 0 {
			a.last.record.Count = a.more
			a.last.record.Excerpt, a.last.record.Index = "", nil
			counts = append(counts, a.last)
		}
		delete(f.addresses, remote)
	}
	return counts
}

// Run writes the record of what was refused, until ctx ends and nothing is left to write. It ends after the server that uses the handler, and
// before the log.
func (h *Handler) Run(ctx context.Context) error {
	ticker := time.NewTicker(refusedSweepEvery)
	defer ticker.Stop()
	for {
		select {
		case one := <-h.refused.queue:
			h.write(ctx, h.refused.gather(one))
		case now := <-ticker.C:
			h.write(ctx, h.refused.sweep(now.Add(-refusedWindow).UnixMilli()))
		case <-ctx.Done():
			h.finish(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// finish writes what is left.
func (h *Handler) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	for {
		select {
		case one := <-h.refused.queue:
			h.write(ctx, h.refused.gather(one))
		default:
			h.write(ctx, h.refused.sweep(math.MaxInt64))
			return
		}
	}
}

// gather takes what waits besides first.
func (f *refusals) gather(first refusal) []refusal {
	all := []refusal{first}
	for len(all) < refusedBatchMax {
		select {
		case one := <-f.queue:
			all = append(all, one)
		default:
			return all
		}
	}
	return all
}

// write appends records, one append for each subject.
func (h *Handler) write(ctx context.Context, all []refusal) {
	lines := map[string][]eventlog.Line{}
	for _, one := range all {
		data, err := json.Marshal(one.record)
		if err != nil {
			panic(err) // texts and numbers always have a form
		}
		lines[one.subject] = append(lines[one.subject], eventlog.Line{Data: data})
	}
	for subject, l := range lines {
		if _, err := h.log.Append(ctx, eventlog.Events, subject, record.KindRejected, l); err != nil {
			h.logger.LogAttrs(ctx, slog.LevelError, "record refused requests", slog.String("stage", "ingest"), slog.String("subject", subject),
				slog.Int("lost", len(l)), slog.Any("error", err))
		}
	}
}
