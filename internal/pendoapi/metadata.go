package pendoapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// The bounds of what is written at a time.
const (
	bodyMax      = 4 << 20   // bytes
	valuesMax    = 10_000    // visitors or accounts in a body
	lineBytesMax = 400 << 10 // of a record, about
)

// field is a field of the schema, as Pendo describes one.
type field struct {
	Type         string `json:"Type"`        //nolint:tagliatelle // Pendo's own
	DisplayName  string `json:"DisplayName"` //nolint:tagliatelle // Pendo's own
	Dirty        bool   `json:"Dirty"`       //nolint:tagliatelle // Pendo's own
	IsHidden     bool   `json:"isHidden"`
	IsDeleted    bool   `json:"isDeleted"`
	IsCalculated bool   `json:"isCalculated"`
	IsPerApp     bool   `json:"isPerApp"`
	NeverIndex   bool   `json:"neverIndex"`
}

// schema lists the fields of metadata by group.
func (h *Handler) schema(r *request) (any, error) {
	kind, err := r.kind()
	if err != nil {
		return nil, err
	}
	groups := map[string]map[string]field{}
	add := func(group, name, typ string, f field) {
		if groups[group] == nil {
			groups[group] = map[string]field{}
		}
		f.Type, f.DisplayName = typ, name
		groups[group][name] = f
	}
	for name, typ := range autoFields(kind) {
		add("auto", name, typ, field{IsCalculated: true})
	}
	for _, app := range r.apps {
		entries, err := h.Analytics.MetadataDictionary(r.Context(), app.ID, kind, "")
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			add(e.Group, e.Field, typeOf(&e), field{})
		}
	}
	return groups, nil
}

// autoFields are the fields that are computed.
func autoFields(kind analytics.Kind) map[string]string {
	all := map[string]string{"id": "string", "firstvisit": "time", "lastvisit": "time"}
	if kind == analytics.KindVisitor {
		for _, name := range []string{"accountid", "lastbrowsername", "lastbrowserversion", "lastoperatingsystem", "lastuseragent"} {
			all[name] = "string"
		}
		all["accountids"] = "list"
	}
	return all
}

// typeOf is the one type of a field's values; text when there are several.
func typeOf(e *analytics.MetadataEntry) string {
	if len(e.Types) == 1 {
		for t := range e.Types {
			switch t {
			case "number":
				return "float"
			case "boolean", "string":
				return t
			case "array":
				return "list"
			}
		}
	}
	return "string"
}

// value answers with a value of a field, as it is.
func (h *Handler) value(r *request) (any, error) {
	kind, err := r.kind()
	if err != nil {
		return nil, err
	}
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	p, err := h.find(r, kind, id)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(r.PathValue("field"))
	v, ok := p.Metadata[r.PathValue("group")][name]
	if !ok {
		return nil, notFound("field", name)
	}
	return v, nil
}

// setValue sets one field to a scalar.
func (h *Handler) setValue(r *request) (any, error) {
	kind, group, err := r.writable()
	if err != nil {
		return nil, err
	}
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	value, err := r.json()
	if err != nil {
		return nil, err
	}
	result, err := h.put(r, kind, group, []values{{id, map[string]json.RawMessage{r.PathValue("field"): value}}})
	if err != nil {
		return nil, err
	}
	if len(result.Missing) > 0 {
		return nil, notFound(string(kind), id)
	}
	return value, nil
}

// writable is the kind and the group in the path, when values of the group can be set.
func (r *request) writable() (analytics.Kind, string, error) {
	kind, err := r.kind()
	group := r.PathValue("group")
	if err == nil && group != pendowire.GroupCustom && group != pendowire.GroupAgent {
		err = &failure{http.StatusBadRequest, fmt.Sprintf("values of the group %q cannot be set; those of custom and agent can", group)}
	}
	return kind, group, err
}

// json reads the body, one JSON text.
func (r *request) json() (json.RawMessage, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyMax))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, &failure{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes; send fewer values at a time", bodyMax)}
	}
	if err != nil {
		return nil, &failure{http.StatusBadRequest, "the body broke off"}
	}
	if !json.Valid(body) {
		return nil, &failure{http.StatusBadRequest, "the body is not JSON"}
	}
	return body, nil
}

// values are fields of one visitor or account.
type values struct {
	id     string
	fields map[string]json.RawMessage
}

// setValues sets fields of many.
func (h *Handler) setValues(r *request) (any, error) {
	kind, group, err := r.writable()
	if err != nil {
		return nil, err
	}
	body, err := r.json()
	if err != nil {
		return nil, err
	}
	var entries []struct {
		VisitorID json.RawMessage            `json:"visitorId"`
		AccountID json.RawMessage            `json:"accountId"`
		Values    map[string]json.RawMessage `json:"values"`
	}
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, &failure{http.StatusBadRequest, fmt.Sprintf(`the body is no array of {"%sId": "...", "values": {...}}`, kind)}
	}
	if len(entries) > valuesMax {
		return nil, &failure{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d entries; send fewer at a time", valuesMax)}
	}
	var all []values
	bad := []string{}
	for i, e := range entries {
		raw := e.VisitorID
		if kind == analytics.KindAccount {
			raw = e.AccountID
		}
		id := text(raw)
		if id == "" || len(e.Values) == 0 {
			bad = append(bad, fmt.Sprintf("entry %d has no %sId, or no values", i, kind))
			continue
		}
		all = append(all, values{id, e.Values})
	}
	result, err := h.put(r, kind, group, all)
	if err != nil {
		return nil, err
	}
	result.Total, result.Failed, result.Errors = len(entries), len(bad)+len(result.Missing), bad
	return result, nil
}

// text is an id: a text, or the digits of a number.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// result is how many were set.
type result struct {
	Total   int      `json:"total"`
	Updated int      `json:"updated"`
	Failed  int      `json:"failed"`
	Missing []string `json:"missing"` // those who are not known; create=true would make them
	Errors  []string `json:"errors"`
}

// put writes values, and returns once they show. They are set in each app of the key that knows the visitor or account; one that is not known is made in the first, if that is wanted.
func (h *Handler) put(r *request, kind analytics.Kind, group string, all []values) (*result, error) {
	out := &result{Missing: []string{}, Errors: []string{}}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	seen := map[string]bool{}
	last := uint64(0)
	for i, app := range r.apps {
		known, err := h.Analytics.Known(r.Context(), app.ID, kind, ids)
		if err != nil {
			return nil, err
		}
		var here []values
		for _, v := range all {
			made := i == len(r.apps)-1 && !seen[v.id] && r.URL.Query().Get("create") == "true"
			if known[v.id] || made {
				here, seen[v.id] = append(here, v), true
			}
		}
		seq, err := h.append(r.Context(), app.ID, kind, group, here)
		if err != nil {
			return nil, err
		}
		last = max(last, seq)
	}
	for _, v := range all {
		if seen[v.id] {
			out.Updated++
		} else if !slices.Contains(out.Missing, v.id) {
			out.Missing = append(out.Missing, v.id)
		}
	}
	return out, h.Analytics.Reached(r.Context(), last)
}

// append writes values to the log, and returns the sequence of the last record; 0 when there is none.
func (h *Handler) append(ctx context.Context, app string, kind analytics.Kind, group string, all []values) (uint64, error) {
	var lines []eventlog.Line
	var calls []json.RawMessage
	size := 0
	flush := func() error {
		if len(calls) == 0 {
			return nil
		}
		body, err := json.Marshal(calls)
		if err != nil {
			return fmt.Errorf("write metadata: %w", err)
		}
		line, err := json.Marshal(record.Received{At: time.Now().UnixMilli(), Via: pendowire.ViaAPI, Body: body})
		lines, calls, size = append(lines, eventlog.Line{Data: line}), nil, 0
		return err
	}
	for _, v := range all {
		call, err := json.Marshal(callOf(kind, group, v))
		if err != nil {
			return 0, fmt.Errorf("write metadata: %w", err)
		}
		if size += len(call); size > lineBytesMax {
			if err := flush(); err != nil {
				return 0, err
			}
			size = len(call)
		}
		calls = append(calls, call)
	}
	if err := flush(); err != nil || len(lines) == 0 {
		return 0, err
	}
	last := uint64(0)
	for _, line := range lines {
		p, err := h.Log.Append(ctx, eventlog.Received, "received."+workspace.Default+"."+app, record.KindReceived, []eventlog.Line{line})
		if err != nil {
			return 0, fmt.Errorf("write metadata: %w", err)
		}
		last = p.Seq
	}
	return last, nil
}

// callOf is values as the log has them: a Segment call with a group of metadata.
func callOf(kind analytics.Kind, group string, v values) map[string]any {
	call := map[string]any{"type": pendowire.Identify, "userId": v.id, "metadataGroup": group, "traits": v.fields}
	if kind == analytics.KindAccount {
		delete(call, "userId")
		call["type"], call["groupId"] = pendowire.Group, v.id
	}
	return call
}

// doNotProcess sets or takes off the mark.
func (h *Handler) doNotProcess(r *request) (any, error) {
	kind, err := r.kind()
	if err != nil {
		return nil, err
	}
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	body, err := r.json()
	if err != nil {
		return nil, err
	}
	var on bool
	if json.Unmarshal(body, &on) != nil {
		return nil, &failure{http.StatusBadRequest, "the body is neither true nor false"}
	}
	for _, app := range r.apps {
		if _, err := h.Analytics.SetFlags(r.Context(), app.ID, analytics.Who{Kind: kind, ID: id}, analytics.FlagChange{DoNotProcess: &on}); err != nil {
			return nil, err
		}
	}
	return on, nil
}
