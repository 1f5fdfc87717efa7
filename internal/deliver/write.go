package deliver

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
	"unicode/utf8"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// add takes an outcome to be written.
func (l *lane) add(o *record.Outcome) {
	o.Millis = time.Now().UnixMilli()
	o.Reason = cut(o.Reason, reasonMax)
	l.unwritten = append(l.unwritten, o)
	l.spans += len(o.At)
	l.more += beyondOne(o)
}

// beyondOne is how many events an outcome lets try again, beyond one.
func beyondOne(o *record.Outcome) int {
	if o.Batch == "" {
		return 0
	}
	n := -1
	for _, span := range o.At {
		n += span.Len()
	}
	return n
}

// addSpan takes an outcome that says the same of many events: it joins the one before it where it can.
func (l *lane) addSpan(o *record.Outcome, span record.Span) {
	o.Reason = cut(o.Reason, reasonMax)
	last := l.lastOf(o.Status, o.Revision)
	if last == nil || last.Code != o.Code || last.Reason != o.Reason || len(last.At) >= spansMax {
		o.At = []record.Span{span}
		l.add(o)
		return
	}
	if end := &last.At[len(last.At)-1]; end.Seq == span.Seq && end.To == span.From-1 {
		end.To = span.To
		return
	}
	last.At = append(last.At, span)
	l.spans++
}

// lastOf is the outcome that was added last, if it says the same without an exchange.
func (l *lane) lastOf(status record.Status, revision uint64) *record.Outcome {
	if len(l.unwritten) == 0 {
		return nil
	}
	last := l.unwritten[len(l.unwritten)-1]
	if last.Status != status || last.Revision != revision || last.Exchange != nil || last.Attempt != 0 || len(last.At) == 0 {
		return nil
	}
	return last
}

// write begins to append what waits, unless an append is on its way: whatever waits when that ends is the next one.
func (l *lane) write(ctx context.Context) {
	if len(l.writing) > 0 || len(l.unwritten) == 0 {
		return
	}
	lines, size := make([]eventlog.Line, 0, len(l.unwritten)), 0
	for _, o := range l.unwritten {
		data, err := json.Marshal(o)
		if err != nil {
			panic("deliver: encode outcome: " + err.Error()) // of our own making
		}
		lines = append(lines, eventlog.Line{Data: data})
		l.spans -= len(o.At)
		if size += len(data); size > appendMax {
			break
		}
	}
	l.writing, l.unwritten = l.unwritten[:len(lines):len(lines)], l.unwritten[len(lines):]
	if len(l.unwritten) == 0 {
		l.unwritten = nil
	}
	l.workers.Go(func() { l.written <- l.store(ctx, lines) })
}

// store appends lines, again and again until it works. It runs beside the lane. An append that failed may be on the log all the same; the fold does not
// mind the second.
func (l *lane) store(ctx context.Context, lines []eventlog.Line) error {
	wait := again
	for {
		_, err := l.log.Append(ctx, eventlog.Outcomes, l.outcomesSubject(), record.KindOutcomes, lines)
		if err == nil || ctx.Err() != nil {
			return err
		}
		l.logger.LogAttrs(ctx, slog.LevelError, "append outcomes", slog.Int("outcomes", len(lines)), slog.Duration("again_in", wait), slog.Any("error", err))
		pause(ctx, wait)
		if ctx.Err() != nil {
			return err
		}
		wait = min(2*wait, againMax)
	}
}

// settle applies outcomes that are durable now. An error means that the engine gave up appending, at its end.
func (l *lane) settle(ctx context.Context, err error) {
	if err != nil {
		l.logger.LogAttrs(ctx, slog.LevelError, "append outcomes at the end", slog.Int("outcomes", len(l.writing)), slog.Any("error", err))
		return
	}
	for _, o := range l.writing {
		l.fold.Outcome(o)
		l.more -= beyondOne(o)
		switch {
		case o.Status == record.Retrying:
			if !l.fold.Deleted() {
				l.putRetry(o)
			}
		case o.Hole != nil:
			delete(l.lost, o.Hole.Before)
		}
	}
	l.writing = nil
}

// cut shortens text to n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
