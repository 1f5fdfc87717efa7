package ingest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"penstock/internal/event"
)

// The codes of what was not taken for another reason than what is in it; those are internal/event's.
const (
	codeBusy             = "busy"
	codeBodyNotReceived  = "body_not_received"
	codeRateLimited      = "rate_limited"
	codeNotFound         = "not_found"
	codeMethodNotAllowed = "method_not_allowed"
)

// listedMax is how many rejected events an answer lists.
const listedMax = 100

//nolint:gochecknoglobals // constants
var (
	success  = []byte(`{"success":true}`)
	jsonType = []string{"application/json"}
)

// answer is a body that says more than success. Python's SDK reads code and message, Ruby's reads error.
type answer struct {
	Success       bool     `json:"success"`
	Code          string   `json:"code,omitempty"`
	Message       string   `json:"message,omitempty"`
	Error         string   `json:"error,omitempty"`
	Salvaged      string   `json:"salvaged,omitempty"` // why the body had to be repaired
	Accepted      int      `json:"accepted,omitempty"`
	RejectedCount int      `json:"rejectedCount,omitempty"`
	Rejected      []listed `json:"rejected,omitempty"`
}

// listed is an event of a batch that was not taken.
type listed struct {
	Index   int        `json:"index"`
	Code    event.Code `json:"code"`
	Message string     `json:"message"`
}

func writeSuccess(w http.ResponseWriter) {
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(success) // when the client has gone, nobody is there to be told
}

// writePartial answers a batch of which some events were not taken, or had to be salvaged.
func writePartial(w http.ResponseWriter, result outcome) {
	a := answer{Success: true, Accepted: len(result.Accepted), RejectedCount: len(result.Rejected), Rejected: list(result.Rejected)}
	if result.salvaged != nil {
		a.Salvaged = "The events that could be told apart were taken. " + result.salvaged.Error()
	}
	write(w, http.StatusOK, a)
}

// writeRejection answers what will never be taken: 400, nothing else. The events are those of a batch, if it was one.
func writeRejection(w http.ResponseWriter, r *event.Rejection, events []*event.Rejection) {
	a := answer{Code: string(r.Code), Message: r.Error()}
	if len(events) > 0 && events[0].Index >= 0 {
		a.RejectedCount, a.Rejected = len(events), list(events)
	}
	writeError(w, http.StatusBadRequest, a)
}

func list(rejected []*event.Rejection) []listed {
	all := make([]listed, 0, min(len(rejected), listedMax))
	for _, r := range rejected[:min(len(rejected), listedMax)] {
		all = append(all, listed{Index: r.Index, Code: r.Code, Message: r.Error()})
	}
	return all
}

// later answers what may be taken in a while.
func (h *Handler) later(w http.ResponseWriter, code, message string) {
	comeAgain(w, http.StatusServiceUnavailable, h.cfg.RetryAfter, answer{Code: code, Message: message})
}

// tooMany answers a source that sends more than it may.
func (h *Handler) tooMany(w http.ResponseWriter, wait time.Duration) {
	comeAgain(w, http.StatusTooManyRequests, wait, answer{
		Code: codeRateLimited, Message: "The source sends more than " + strconv.Itoa(h.cfg.EventsPerSecond) + " events a second.",
	})
}

// comeAgain says when. SDKs up to analytics-next 1.83 read the one header, newer ones the other; both want whole seconds.
func comeAgain(w http.ResponseWriter, status int, wait time.Duration, a answer) {
	seconds := strconv.Itoa(max(1, int(wait.Seconds())))
	w.Header().Set("Retry-After", seconds)
	w.Header().Set("X-RateLimit-Reset", seconds)
	a.Message += " Send it again in " + seconds + " s."
	writeError(w, status, a)
}

func writeError(w http.ResponseWriter, status int, a answer) {
	a.Error = a.Message
	write(w, status, a)
}

func write(w http.ResponseWriter, status int, a answer) {
	body, err := json.Marshal(a)
	if err != nil {
		panic(err) // texts and numbers always have a form
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	_, _ = w.Write(body) // when the client has gone, nobody is there to be told
}

// allowOrigin lets a page of any origin read the answer: a write key is in every page, and identifies, no more.
func allowOrigin(header http.Header, r *http.Request) {
	origin := r.Header["Origin"]
	if len(origin) != 1 {
		return
	}
	header["Access-Control-Allow-Origin"] = origin
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset")
	header.Add("Vary", "Origin")
}

func preflight(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Retry-Count, X-Write-Key, X-Enable-Debug, X-IP-Policy")
	header.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}
