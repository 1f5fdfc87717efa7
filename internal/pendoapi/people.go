package pendoapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"penstock/internal/analytics"
)

// person is a visitor or an account as Pendo shows it: metadata by group, and auto__ID for what an app computes.
type person struct {
	ID       string                    `json:"id"`
	Metadata map[string]map[string]any `json:"metadata"`
}

// add adds what an app knows.
func (p *person) add(app string, m analytics.Metadata, flags analytics.Flags) {
	for group, fields := range m {
		values := map[string]any{}
		for _, f := range fields {
			values[f.Field] = f.Value
		}
		if p.Metadata[group] == nil {
			p.Metadata[group] = map[string]any{}
		}
		maps.Copy(p.Metadata[group], values)
		if group == "auto" {
			p.Metadata["auto__"+app] = values
		}
	}
	if flags.DoNotProcess {
		p.Metadata["pendo"] = map[string]any{"donotprocess": true}
	}
}

// find finds a visitor or an account in the apps of a key.
func (h *Handler) find(r *request, kind analytics.Kind, id string) (*person, error) {
	p := &person{ID: id, Metadata: map[string]map[string]any{}}
	found := false
	for _, app := range r.apps {
		if kind == analytics.KindAccount {
			a, err := h.Analytics.Account(r.Context(), app.ID, id)
			if err != nil {
				return nil, err
			}
			if a != nil {
				found = true
				p.add(app.ID, a.Metadata, a.Flags)
			}
			continue
		}
		v, err := h.Analytics.Visitor(r.Context(), app.ID, id)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found = true
			p.add(app.ID, v.Metadata, v.Flags)
		}
	}
	if !found {
		return nil, notFound(string(kind), id)
	}
	return p, nil
}

func (h *Handler) visitor(r *request) (any, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	return h.find(r, analytics.KindVisitor, id)
}

func (h *Handler) account(r *request) (any, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	return h.find(r, analytics.KindAccount, id)
}

// activity is one thing that a visitor did.
type activity struct {
	Type        string          `json:"type"`
	TS          int64           `json:"ts"` // ms since 1970
	LastTS      int64           `json:"lastTs"`
	Duration    int64           `json:"duration"`
	AppID       string          `json:"appId"`
	AccountID   string          `json:"accountId,omitempty"`
	TrackTypeID string          `json:"trackTypeId,omitempty"`
	Name        string          `json:"name,omitempty"` // of a Track Event
	URI         string          `json:"uri,omitempty"`
	RemoteIP    string          `json:"remoteIp,omitempty"`
	UserAgent   string          `json:"userAgent,omitempty"`
	Properties  json.RawMessage `json:"properties,omitempty"`
}

// The bounds of a history.
const (
	historyLength = 24 * time.Hour
	historyMax    = 10_000
)

// history lists what a visitor did in the 24 hours from a time.
func (h *Handler) history(r *request) (any, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-historyLength)
	if text := r.URL.Query().Get("starttime"); text != "" {
		millis, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, &failure{http.StatusBadRequest, "starttime is no number; want ms since 1970"}
		}
		from = time.UnixMilli(millis)
	}
	all := []activity{}
	for _, app := range r.apps {
		rows, err := h.Analytics.Received(r.Context(), app.ID, analytics.ReceivedFilter{
			Visitor: id, Counted: true, Happened: analytics.Range{From: from, To: from.Add(historyLength)},
		}, analytics.Page{Limit: historyMax})
		if err != nil {
			return nil, err
		}
		for _, c := range rows.Rows {
			a := activity{
				Type: c.Type, TS: c.At.UnixMilli(), LastTS: c.At.UnixMilli(), AppID: app.ID, AccountID: c.Account, Name: c.Event, URI: c.URL, RemoteIP: c.IP, UserAgent: c.UserAgent,
			}
			if c.Event != "" {
				a.TrackTypeID, a.Properties = trackTypeID(app.ID, c.Event), c.Properties
			}
			all = append(all, a)
		}
	}
	return all, nil
}
