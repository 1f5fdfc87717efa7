package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is what a case sends: one template over so many connections, for so long, as fast as it is answered or at a rate.
type load struct {
	address     string
	template    template
	connections int
	duration    time.Duration
	rate        int // requests a second over all connections; 0 is as fast as possible
}

// result is what a load saw.
type result struct {
	took      time.Duration
	events    int // in requests that were answered 200
	refused   int // requests that were answered anything else
	latencies latencies
}

func (r result) perSecond() float64 { return float64(r.events) / r.took.Seconds() }

// latencies of single requests, sorted by percentile.
type latencies []time.Duration

// percentile of sorted latencies; 0 if there are none.
func (l latencies) percentile(p int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(len(l)-1, len(l)*p/100)]
}

// run sends the load. A connection that breaks is an error: on the loopback interface nothing breaks by chance.
//
// The client speaks just enough HTTP/1.1, on requests that are made before, for the server to be the limit.
func (l load) run(ctx context.Context) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, l.duration)
	defer cancel()
	results := make([]result, l.connections)
	failures := make([]error, l.connections)
	seed := rand.Uint64() << 40
	begin := time.Now()
	var workers sync.WaitGroup
	for i := range l.connections {
		workers.Go(func() {
			results[i], failures[i] = l.connection(ctx, i, seed|uint64(i)<<28)
		})
	}
	workers.Wait()
	total := result{took: time.Since(begin)}
	for _, one := range results {
		total.events += one.events
		total.refused += one.refused
		total.latencies = append(total.latencies, one.latencies...)
	}
	slices.Sort(total.latencies)
	return total, errors.Join(failures...)
}

func (l load) connection(ctx context.Context, number int, id uint64) (result, error) {
	var seen result
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return seen, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(l.duration + ready)); err != nil {
		return seen, err
	}
	answers := bufio.NewReader(connection)
	request := l.template.clone()
	pace := l.pace(number)
	defer pace.stop()
	for pace.next(ctx) {
		call := time.Now()
		request.fill(id, call.UnixNano())
		id += uint64(request.events)
		if _, err := connection.Write(request.bytes); err != nil {
			return seen, fmt.Errorf("send request: %w", err)
		}
		status, err := readAnswer(answers)
		if err != nil {
			return seen, fmt.Errorf("read answer: %w", err)
		}
		if status != http.StatusOK {
			seen.refused++
			continue
		}
		seen.events += request.events
		seen.latencies = append(seen.latencies, time.Since(call))
	}
	return seen, nil
}

// pace says when a connection sends its next request.
type pace struct{ ticker *time.Ticker }

func (l load) pace(number int) pace {
	if l.rate == 0 {
		return pace{}
	}
	// The connections' tickers are set apart by a part of a microsecond each, and drift apart as they are made.
	every := time.Duration(l.connections) * time.Second / time.Duration(l.rate)
	return pace{time.NewTicker(every + time.Duration(number)*time.Microsecond)}
}

func (p pace) next(ctx context.Context) bool {
	if p.ticker == nil {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-p.ticker.C:
		return true
	}
}

func (p pace) stop() {
	if p.ticker != nil {
		p.ticker.Stop()
	}
}

// readAnswer reads one answer with a Content-Length, and returns its status.
func readAnswer(from *bufio.Reader) (int, error) {
	line, err := from.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("status line %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, fmt.Errorf("status line %q: %w", line, err)
	}
	length := -1
	for {
		line, err = from.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("header %q: %w", line, err)
			}
		}
	}
	if length < 0 {
		return 0, errors.New("answer has no Content-Length")
	}
	_, err = from.Discard(length)
	return status, err
}
