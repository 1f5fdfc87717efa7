package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// What the analytics are loaded with.
const (
	analyticsDays  = 90
	analyticsNames = 50
	visitors       = 200_000
	accounts       = 5_000
	bodyEvents     = 500 // of one request while the events are sent
	senders        = 4
	meanwhile      = 2_000         // events a second, one a request, while pages are asked for
	meanwhileConns = 256           // enough for the rate, however long one of them waits
	projected      = 4 * time.Hour // that the events may take to be projected
)

// analytics is a run of the case: so many events over 90 days, then pages, while more events come in.
type analytics struct {
	bench

	events int
	asked  int    // times that each page is asked for
	keep   string // folder that stays; empty: none
	began  time.Time
	client *http.Client
	base   string
}

// page is what is asked for.
type page struct{ name, path string }

func (a *analytics) run(ctx context.Context, output, progress io.Writer) (err error) {
	a.progress = progress
	if a.folder, err = os.MkdirTemp("", "penstock-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(a.folder)) }()
	a.began = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-analyticsDays)
	a.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: senders + 1}}
	defer a.client.CloseIdleConnections()
	penstock, err := a.startPenstock(ctx, a.keep, "")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, penstock.stop())
		if err == nil {
			a.table.notes = append(a.table.notes, fmt.Sprintf("Penstock had at most %d MB resident.", penstock.peakMemory()))
			err = a.table.write(output)
		}
	}()
	a.base = "http://" + penstock.address
	if err := a.fill(ctx); err != nil {
		return err
	}
	return a.measure(ctx, penstock.address)
}

// fill sends the events, unless the folder that is kept has them, and waits until they are projected.
func (a *analytics) fill(ctx context.Context) error {
	if a.keep == "" {
		if err := a.load(ctx); err != nil {
			return err
		}
		return a.drained(ctx)
	}
	filled := filepath.Join(a.keep, "events")
	switch had, err := os.ReadFile(filled); {
	case err == nil && string(had) != strconv.Itoa(a.events):
		return fmt.Errorf("%s has %s events: say --events %[2]s, or keep these in another folder", a.keep, had)
	case err == nil:
		return a.drained(ctx)
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	if err := a.load(ctx); err != nil {
		return err
	}
	if err := a.drained(ctx); err != nil {
		return err
	}
	return os.WriteFile(filled, []byte(strconv.Itoa(a.events)), 0o600)
}

// load sends the events to the receiver, in the order of their times.
func (a *analytics) load(ctx context.Context) error {
	a.say("sending %d events", a.events)
	begin := time.Now()
	bodies := make(chan []byte, senders)
	failures := make(chan error, senders)
	var workers sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range senders {
		workers.Go(func() {
			for body := range bodies {
				if err := a.post(ctx, body); err != nil {
					failures <- err
					cancel()
					return
				}
			}
		})
	}
	var body bytes.Buffer
	for n := 0; n < a.events && ctx.Err() == nil; {
		body.Reset()
		body.WriteByte('[')
		for i := range min(bodyEvents, a.events-n) {
			if i > 0 {
				body.WriteByte(',')
			}
			a.event(&body, a.began.Add(time.Duration(float64(n)/float64(a.events)*analyticsDays*24*float64(time.Hour))), n)
			n++
		}
		body.WriteByte(']')
		select {
		case bodies <- bytes.Clone(body.Bytes()):
		case <-ctx.Done():
		}
	}
	close(bodies)
	workers.Wait()
	select {
	case err := <-failures:
		return err
	default:
	}
	took := time.Since(begin)
	a.table.rows = append(a.table.rows, row{what: fmt.Sprintf("received, %d events a request, %d connections", bodyEvents, senders), rate: float64(a.events) / took.Seconds()})
	return ctx.Err()
}

// event writes a Track call. Names are not equally frequent: the most frequent one is a seventh of all events.
func (a *analytics) event(to *bytes.Buffer, at time.Time, n int) {
	visitor := rand.IntN(visitors)
	name := int(rand.Float64() * rand.Float64() * analyticsNames)
	plan := [...]string{"free", "team", "pro", "enterprise"}[rand.IntN(4)]
	fmt.Fprintf(to, `{"type":"track","event":"Event %d","userId":"visitor-%d","groupId":"account-%d","messageId":"bench-%d-%d","timestamp":"%s",`+
		`"context":{"ip":"203.0.113.%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0","page":{"url":"https://app.example.com/%d","title":"Page"}},`+
		`"properties":{"plan":"%s","seats":%d,"orderId":"order-%d","trial":%t}}`,
		name, visitor, visitor%accounts, a.began.Unix(), n, at.Format("2006-01-02T15:04:05.000Z"), n%250, n%100, plan, n%40, n, n%3 == 0)
}

func (a *analytics) post(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/data/segmentio/"+appKey, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("send events: %s: %s", response.Status, answer)
	}
	return err
}

// get asks the control API.
func (a *analytics) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+"/api/apps/bench"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, response.Status, answer)
	}
	return answer, err
}

// drained waits until all events are projected.
func (a *analytics) drained(ctx context.Context) error {
	a.say("waiting for the projection")
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, projected)
	defer cancel()
	again := time.NewTicker(2 * time.Second)
	defer again.Stop()
	for {
		answer, err := a.get(ctx, "/track-events?sort=name&limit=1000")
		if err != nil {
			return err
		}
		var list struct {
			Data []struct {
				Events int `json:"events"`
			} `json:"data"`
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return err
		}
		sum := 0
		for _, e := range list.Data {
			sum += e.Events
		}
		if sum >= a.events {
			a.table.notes = append(a.table.notes, fmt.Sprintf("The projection had all of them %s later.", time.Since(begin).Round(time.Second)))
			return nil
		}
		a.say("%d of %d events are projected", sum, a.events)
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for projection: %d of %d events: %w", sum, a.events, ctx.Err())
		}
	}
}

// pages are what is measured.
func (a *analytics) pages() []page {
	last := func(days int) string {
		return "from=" + url.QueryEscape(time.Now().UTC().AddDate(0, 0, -days).Format(time.RFC3339))
	}
	frequent, usual := "/track-events/Event%200", "/track-events/Event%2020"
	return []page{
		{"list of Track Events, all time", "/track-events"},
		{"list of Track Events, 30 days", "/track-events?" + last(30)},
		{"detail, 30 days", usual + "?interval=day&" + last(30)},
		{"detail of the most frequent, 90 days", frequent + "?interval=day&" + last(90)},
		{"properties, 30 days", usual + "/properties?" + last(30)},
		{"properties of the most frequent, 30 days", frequent + "/properties?" + last(30)},
		{"breakdown, 30 days", usual + "/breakdown?property=plan&" + last(30)},
		{"breakdown of the most frequent, 90 days", frequent + "/breakdown?property=plan&" + last(90)},
		{"breakdown by a property that is always different, 30 days", usual + "/breakdown?property=orderId&" + last(30)},
		{"top visitors, 30 days", usual + "/visitors?" + last(30)},
		{"visitor", "/visitors/visitor-"},
		{"list of visitors", "/visitors"},
		{"list of visitors, searched", "/visitors?search=1234"},
		{"list of accounts", "/accounts"},
		{"account", "/accounts/account-"},
		{"raw events, newest", "/received"},
		{"raw events of a visitor", "/received?visitor=visitor-"},
		{"explorer: visitors by plan, 30 days", "/explore?event=Event%2020&measure=visitors&groupBy=property:plan&" + last(30)},
		{"coverage", "/quality/coverage"},
		{"verdicts", "/quality/verdicts"},
	}
}

// measure asks for each page, again and again, while events come in.
func (a *analytics) measure(ctx context.Context, address string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	came := make(chan result, 1)
	failed := make(chan error, 1)
	go func() {
		seen, err := load{
			address: address, template: newReceived(address), connections: meanwhileConns, duration: projected, rate: meanwhile,
		}.run(ctx)
		came <- seen
		failed <- err
	}()
	begin := time.Now()
	for _, p := range a.pages() {
		a.say("%s", p.name)
		var took latencies
		for i := range a.asked {
			path := p.path
			if path[len(path)-1] == '-' { // another one each time
				path += strconv.Itoa(i * 37 % accounts)
			}
			call := time.Now()
			if _, err := a.get(ctx, path); err != nil {
				return errors.Join(err, ctx.Err())
			}
			took = append(took, time.Since(call))
		}
		slices.Sort(took)
		a.table.rows = append(a.table.rows, row{what: p.name, latencies: percentiles(took)})
	}
	lasted := time.Since(begin)
	cancel()
	seen, err := <-came, <-failed
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	a.table.notes = append(a.table.notes, fmt.Sprintf("While the pages were asked for, %.0f events a second came in, one a request (wanted: %d); p50 of a request %s.",
		float64(seen.events)/lasted.Seconds(), meanwhile, milliseconds(seen.latencies.percentile(50))))
	return nil
}

// newReceived is a request with one event to the receiver.
func newReceived(host string) template {
	body := `{"type":"track","event":"Event 7","userId":"visitor-7","groupId":"account-7","messageId":"bench-live-` + idHole + `",` +
		`"properties":{"plan":"pro","seats":7,` + sentField + timeHole + `}}`
	request := fmt.Appendf(nil, "POST /data/segmentio/%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", appKey, host, len(body), body)
	return template{bytes: request, ids: offsets(request, idHole), times: offsets(request, timeHole), events: 1}
}
