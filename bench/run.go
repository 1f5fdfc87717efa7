package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// bench is one run of the driver.
type bench struct {
	penstock string        // binary
	url      string        // of a Penstock that runs already; empty: start one
	key      string        // write key
	duration time.Duration // of each case
	folder   string        // for the data of the servers; removed at the end
	progress io.Writer
	table    table
}

// shape is how a case sends its events.
type shape struct {
	name        string
	events      int // in a request
	connections int
}

func shapes() []shape {
	return []shape{
		{"single events, 64 connections", 1, 64},
		{"single events, 256 connections", 1, 256},
		{"batches of 100, 64 connections", 100, 64},
		{"batches of 100, 256 connections", 100, 256},
	}
}

const (
	sinkConnections = 32    // of the bare client to the bare sink
	lightRate       = 1_000 // calls a second
	drained         = 2 * time.Minute
)

// prepared runs cases in a folder that is gone afterwards, and writes the table.
func (b *bench) prepared(ctx context.Context, output, progress io.Writer, cases func(context.Context) error) (err error) {
	b.progress = progress
	if b.folder, err = os.MkdirTemp("", "penstock-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	b.table.title = fmt.Sprintf("%s, %d cores, %s a case, events of %d bytes", runtime.Version(), runtime.NumCPU(), b.duration, len(event))
	if err := cases(ctx); err != nil {
		return err
	}
	return b.table.write(output)
}

// all is every case.
func (b *bench) all(ctx context.Context) error {
	bare, err := startBench(ctx, "bare")
	if err != nil {
		return err
	}
	references, err := b.ingest(ctx, "bare", bare.address, nil)
	if err = errors.Join(err, bare.stop()); err != nil {
		return err
	}
	if b.url != "" {
		target, err := url.Parse(b.url)
		if err != nil {
			return err
		}
		_, err = b.ingest(ctx, "Penstock", target.Host, references)
		return err
	}
	if err := b.ingestOfOurs(ctx, references); err != nil {
		return err
	}
	if err := b.wholeWay(ctx); err != nil {
		return err
	}
	return b.receiving(ctx)
}

// say tells whoever waits what goes on.
func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}

// startBench starts another process of this binary.
func startBench(ctx context.Context, command string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startProcess(ctx, os.Stderr, "/", self, func(address string) []string {
		return []string{command, "--listen", address}
	})
}

// ingest runs the four shapes against a server, and returns their events a second.
func (b *bench) ingest(ctx context.Context, who, address string, references []float64) ([]float64, error) {
	var rates []float64
	for i, s := range shapes() {
		b.say("%s: %s", who, s.name)
		seen, err := load{
			address: address, template: newTemplate(address, b.key, s.events),
			connections: s.connections, duration: b.duration,
		}.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", who, s.name, err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rates = append(rates, seen.perSecond())
		line := row{what: who + ": " + s.name, rate: seen.perSecond(), latencies: percentiles(seen.latencies), refused: seen.refused}
		if references != nil {
			line.ratio = seen.perSecond() / references[i]
		}
		b.table.rows = append(b.table.rows, line)
	}
	return rates, nil
}

// ingestOfOurs runs the shapes against a Penstock without a destination.
func (b *bench) ingestOfOurs(ctx context.Context, references []float64) error {
	penstock, err := b.startPenstock(ctx, "", "")
	if err != nil {
		return err
	}
	_, err = b.ingest(ctx, "Penstock", penstock.address, references)
	if err = errors.Join(err, penstock.stop()); err != nil {
		return err
	}
	b.table.notes = append(b.table.notes, fmt.Sprintf("Penstock had at most %d MB resident in the ingest cases.", penstock.peakMemory()))
	return nil
}

// wholeWay measures the time from call to sink, lightly loaded, and then how many events a second go the whole way; beside
// a bare Go client that posts the same events to the same sink.
func (b *bench) wholeWay(ctx context.Context) (err error) {
	collector, err := startBench(ctx, "sink")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, collector.stop()) }()
	b.say("bare client to sink, %d connections", sinkConnections)
	reference, err := bareClient(ctx, collector.address, b.duration)
	if err != nil {
		return err
	}
	b.table.rows = append(b.table.rows, row{
		what: fmt.Sprintf("bare client to bare sink, %d connections", sinkConnections), rate: reference.perSecond(),
		latencies: percentiles(reference.latencies),
	})
	penstock, err := b.startPenstock(ctx, "", collector.address)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, penstock.stop())
		b.table.notes = append(b.table.notes, fmt.Sprintf("Penstock had at most %d MB resident in the cases from call to sink.", penstock.peakMemory()))
	}()
	light, err := b.callToSink(ctx, penstock.address, collector.address, load{connections: 16, rate: lightRate})
	if err != nil {
		return err
	}
	b.table.rows = append(b.table.rows, row{
		what: fmt.Sprintf("call to sink, paced at %d/s", lightRate), rate: light.perSecond(),
		latencies: [3]time.Duration{light.P50, light.P95, light.P99},
	})
	full, err := b.callToSink(ctx, penstock.address, collector.address, load{connections: 64})
	if err != nil {
		return err
	}
	b.table.rows = append(b.table.rows, row{
		what: "call to sink, full load, 64 connections", rate: full.perSecond(), ratio: full.perSecond() / reference.perSecond(),
		latencies: [3]time.Duration{full.P50, full.P95, full.P99},
	})
	return nil
}

// callToSink sends a load, and waits until all of its events have come to the sink.
func (b *bench) callToSink(ctx context.Context, penstock, collector string, l load) (sinkStats, error) {
	b.say("call to sink, rate %d", l.rate)
	stats := "http://" + collector + "/stats"
	if _, err := fetch(ctx, http.MethodDelete, stats); err != nil {
		return sinkStats{}, err
	}
	l.address, l.duration, l.template = penstock, b.duration, newTemplate(penstock, writeKey, 1)
	sent, err := l.run(ctx)
	if err != nil {
		return sinkStats{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, drained)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		body, err := fetch(ctx, http.MethodGet, stats)
		if err != nil {
			return sinkStats{}, err
		}
		var came sinkStats
		if err := json.Unmarshal(body, &came); err != nil {
			return sinkStats{}, err
		}
		if came.Events >= sent.events {
			return came, nil
		}
		select {
		case <-ctx.Done():
			return sinkStats{}, fmt.Errorf("wait for sink: %d of %d events came: %w", came.Events, sent.events, ctx.Err())
		case <-again.C:
		}
	}
}

func fetch(ctx context.Context, method, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// bareClient posts events with net/http's own client, as simply as one can: the reference for the way from log to sink.
func bareClient(ctx context.Context, address string, duration time.Duration) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: sinkConnections}}
	defer client.CloseIdleConnections()
	results := make([]result, sinkConnections)
	failures := make([]error, sinkConnections)
	begin := time.Now()
	var workers sync.WaitGroup
	for i := range sinkConnections {
		workers.Go(func() {
			for ctx.Err() == nil && failures[i] == nil {
				failures[i] = postOne(client, "http://"+address+"/", &results[i])
			}
		})
	}
	workers.Wait()
	total := result{took: time.Since(begin)}
	for _, one := range results {
		total.events += one.events
		total.latencies = append(total.latencies, one.latencies...)
	}
	slices.Sort(total.latencies)
	return total, errors.Join(failures...)
}

func postOne(client *http.Client, address string, seen *result) error {
	call := time.Now()
	body := bytes.ReplaceAll([]byte(event), []byte(timeHole), fmt.Append(nil, call.UnixNano()))
	response, err := client.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	seen.events++
	seen.latencies = append(seen.latencies, time.Since(call))
	return nil
}
