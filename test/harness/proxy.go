package harness

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Fault is what goes wrong with a request on its way.
type Fault string

// The faults. A server that was reached has stored the events.
const (
	Unavailable Fault = "503"                // the server is not reached
	TooMany     Fault = "429, Retry-After 1" // the server is not reached
	ResetBefore Fault = "reset before"       // the connection is reset; the server is not reached
	ResetAfter  Fault = "reset after"        // the connection is reset in the place of the server's answer
)

// Proxy stands between an SDK and a server, and lets requests go wrong.
type Proxy struct {
	URL string

	t      testing.TB
	target string
	client *http.Client
	plans  [][]Fault

	mu      sync.Mutex
	order   map[string]int // of each batch, by its first messageId, in the order in which they came
	tries   map[string]int
	done    map[Fault]int
	reached map[string]int // how often the server was reached with a batch
}

// NewProxy starts a proxy before a server, and stops it at the end of the test. Each batch of events has one of the plans, in turn, and so has each event
// that comes alone: its first tries go wrong as the plan says, the one after that does not. What is no POST passes.
func NewProxy(tb testing.TB, target string, plans ...[]Fault) *Proxy {
	tb.Helper()
	p := &Proxy{
		t: tb, target: target, client: &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: patience}, plans: plans,
		order: map[string]int{}, tries: map[string]int{}, done: map[Fault]int{}, reached: map[string]int{},
	}
	server := httptest.NewServer(p)
	tb.Cleanup(func() {
		server.Close()
		p.client.CloseIdleConnections()
	})
	p.URL = server.URL
	return p
}

// Faults counts what went wrong so far.
func (p *Proxy) Faults() map[Fault]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.done)
}

// Again counts the requests that reached the server although one with the same batch had before.
func (p *Proxy) Again() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	again := 0
	for _, n := range p.reached {
		again += max(0, n-1)
	}
	return again
}

// ServeHTTP passes a request on, or not.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the SDK gave up: this was not a whole request
	}
	if r.Method != http.MethodPost {
		p.pass(w, r, body)
		return
	}
	batch := p.batchOf(r, body)
	fault := p.next(batch)
	switch fault {
	case Unavailable:
		readable(w.Header(), r)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case TooMany:
		readable(w.Header(), r)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case ResetBefore:
		p.reset(w)
		return
	case ResetAfter:
	}
	answer := p.forward(w, r, body)
	if answer == nil {
		return
	}
	p.mu.Lock()
	p.reached[batch]++
	p.mu.Unlock()
	if fault == ResetAfter {
		if answer.Code != http.StatusOK {
			p.t.Errorf("proxy: the server answered %d %s to what was to be stored", answer.Code, answer.Body)
		}
		p.reset(w)
		return
	}
	give(w, answer)
}

// pass lets a request through.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, body []byte) {
	if answer := p.forward(w, r, body); answer != nil {
		give(w, answer)
	}
}

func give(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // whether the SDK is still there changes nothing
}

// readable lets a page read an answer that the server does not know of.
func readable(header http.Header, r *http.Request) {
	if origin := r.Header.Get("Origin"); origin != "" {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
		header.Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

// next is what goes wrong with this try of a batch; "": nothing.
func (p *Proxy) next(batch string) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	number, known := p.order[batch]
	if !known {
		number = len(p.order)
		p.order[batch] = number
	}
	plan := p.plans[number%len(p.plans)]
	try := p.tries[batch]
	p.tries[batch]++
	if try >= len(plan) {
		return ""
	}
	p.done[plan[try]]++
	return plan[try]
}

// batchOf names a batch, by the messageId of its first event, or an event that came alone.
func (p *Proxy) batchOf(r *http.Request, body []byte) string {
	if r.Header.Get("Content-Encoding") == "gzip" {
		inflated, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(inflated)
		}
		if err != nil {
			p.t.Errorf("proxy: inflate body: %v", err)
			return ""
		}
	}
	var said struct {
		MessageID string `json:"messageId"`
		Batch     []struct {
			MessageID string `json:"messageId"`
		} `json:"batch"`
	}
	err := json.Unmarshal(body, &said)
	switch {
	case err == nil && len(said.Batch) > 0:
		return said.Batch[0].MessageID
	case err == nil && said.MessageID != "":
		return said.MessageID
	}
	p.t.Errorf("proxy: neither a batch nor an event: %v: %.200s", err, body)
	return ""
}

// forward sends a request to the server, and returns the answer; nil: there is none, and nobody waits for one any more.
func (p *Proxy) forward(w http.ResponseWriter, r *http.Request, body []byte) *httptest.ResponseRecorder {
	answer, err := p.send(r, body)
	switch {
	case r.Context().Err() != nil: // the SDK gave up waiting, and will send the batch again
		return nil
	case err != nil:
		p.t.Errorf("proxy: %v", err)
		p.reset(w)
		return nil
	}
	return answer
}

// send sends a request to the server as it came, and keeps the answer.
func (p *Proxy) send(r *http.Request, body []byte) (*httptest.ResponseRecorder, error) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header, request.Host = r.Header.Clone(), r.Host // by which SDKs are told where to send
	request.Header.Del("Connection")
	response, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer := httptest.NewRecorder()
	maps.Copy(answer.Header(), response.Header)
	answer.WriteHeader(response.StatusCode)
	_, err = io.Copy(answer, response.Body)
	return answer, err
}

// reset ends a connection with a reset, as a machine that went away would.
func (p *Proxy) reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Errorf("proxy: reset connection: %v", err)
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closing then resets
	}
	_ = connection.Close()
}
