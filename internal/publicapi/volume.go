package publicapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"penstock/internal/workspace"
)

// Stage is where on their way events are counted.
type Stage string

// The stages.
const (
	StageReceived  Stage = "received"  // taken, for the first time
	StageRefused   Stage = "refused"   // not taken
	StageFiltered  Stage = "filtered"  // by a destination
	StageFailed    Stage = "failed"    // will not be delivered
	StageDelivered Stage = "delivered" // taken by the destination
)

// Tally asks how many events there were, in steps of time.
type Tally struct {
	Stage        Stage
	Sources      []string // ids
	Mappings     []string // ids; of the stages of destinations
	Since, Until time.Time
	Step         Step

	BySource, ByName, ByType, ByAppVersion, ByCode bool

	// Lists that an event must be in; empty: all are.
	Names, Types, AppVersions, Codes []string
}

// Step is how finely time is divided.
type Step string

// The steps.
const (
	Minute Step = "MINUTE"
	Hour   Step = "HOUR"
	Day    Step = "DAY"
)

// Tallied is a number of events in one step of time. What was not asked for is empty.
type Tallied struct {
	At                                   time.Time
	Source, Name, Type, AppVersion, Code string
	Events, Retries                      int64
}

// Delivery is how delivery through some mappings went.
type Delivery struct {
	AtOnce, AfterRetry, Expired, Discarded, Retried    int64
	SuccessAverage, SuccessP95, FirstAverage, FirstP95 float64 // ms
}

// Journal counts what the log holds.
type Journal interface {
	Tally(ctx context.Context, t Tally) ([]Tallied, error)
	Delivery(ctx context.Context, mappings []string, since, until time.Time) (Delivery, error)
}

// resultsMax is how many rows an answer about volume has.
const resultsMax = 5000

func volumeRoutes() []route {
	return []route{
		reads("/events/volume", (*api).volume),
		reads("/destinations/{id}/delivery-metrics", (*api).deliveryMetrics),
		reads("/delivery-overview/successfully-received", (*api).received),
		reads("/delivery-overview/failed-on-ingest", (*api).refused),
		reads("/delivery-overview/filtered-at-source", (*api).filteredAtSource),
		reads("/delivery-overview/filtered-at-destination", (*api).filteredAtDestination),
		reads("/delivery-overview/failed-delivery", (*api).failed),
		reads("/delivery-overview/successful-delivery", (*api).delivered),
	}
}

func (a *api) received(c *call) (result, error)              { return a.overview(c, StageReceived) }
func (a *api) refused(c *call) (result, error)               { return a.overview(c, StageRefused) }
func (a *api) filteredAtDestination(c *call) (result, error) { return a.overview(c, StageFiltered) }
func (a *api) failed(c *call) (result, error)                { return a.overview(c, StageFailed) }
func (a *api) delivered(c *call) (result, error)             { return a.overview(c, StageDelivered) }

// span reads granularity and times of a query; most is how long it may be for each step.
func span(c *call, t *Tally, most map[Step]time.Duration) error {
	step, err := c.params.one("granularity", string(Minute), string(Hour), string(Day))
	if err != nil {
		return err
	}
	t.Step = Step(step)
	if t.Since, err = c.params.time("startTime"); err != nil {
		return err
	}
	if t.Until, err = c.params.time("endTime"); err != nil {
		return err
	}
	switch {
	case t.Since.IsZero():
		return required("startTime")
	case t.Until.IsZero():
		return required("endTime")
	case !t.Until.After(t.Since):
		return invalid("endTime", `"endTime" must be after "startTime"`)
	case t.Until.Sub(t.Since) > most[t.Step]:
		return invalid("startTime", "with the granularity %s, at most %s can be asked for", t.Step, most[t.Step])
	}
	return nil
}

const day = 24 * time.Hour

func volumeSpans() map[Step]time.Duration {
	return map[Step]time.Duration{Minute: 4 * time.Hour, Hour: 14 * day, Day: 90 * day} //nolint:mnd // what Segment allows
}

func overviewSpans() map[Step]time.Duration {
	return map[Step]time.Duration{Minute: 4 * time.Hour, Hour: 14 * day, Day: 30 * day} //nolint:mnd // what Segment allows
}

// groups reads what is counted apart.
func groups(c *call, t *Tally, known ...string) ([]string, error) {
	all := c.params.list("groupBy", true)
	for _, name := range all {
		if !slices.Contains(known, name) {
			return nil, invalid("groupBy", `"groupBy" must be one of [%s]`, strings.Join(known, ", "))
		}
		switch name {
		case "source":
			t.BySource = true
		case "eventName":
			t.ByName = true
		case "eventType":
			t.ByType = true
		case "appVersion":
			t.ByAppVersion = true
		case "discardReason":
			t.ByCode = true
		}
	}
	return all, nil
}

type counted struct {
	Time       string `json:"time"`
	Count      int64  `json:"count"`
	RetryCount *int64 `json:"retryCount,omitempty"`
}

type group struct {
	Source          *groupSource `json:"source,omitempty"`
	EventName       string       `json:"eventName,omitempty"`
	EventType       string       `json:"eventType,omitempty"`
	AppVersion      string       `json:"appVersion,omitempty"`
	DiscardReason   string       `json:"discardReason,omitempty"`
	Total           int64        `json:"total"`
	Series          []counted    `json:"series"`
	TotalRetryCount *int64       `json:"totalRetryCount,omitempty"`
}

type groupSource struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Slug string `json:"slug,omitempty"`
}

// grouped brings numbers together by what they are counted apart by, the largest first.
func grouped(now *workspace.Snapshot, t *Tally, all []Tallied) []group {
	type key struct{ source, name, typ, version, reason string }
	byKey := map[key]*group{}
	var order []key
	for _, n := range all {
		k := key{n.Source, n.Name, n.Type, n.AppVersion, n.Code}
		g := byKey[k]
		if g == nil {
			g = &group{EventName: n.Name, EventType: n.Type, AppVersion: n.AppVersion, DiscardReason: n.Code, Series: []counted{}}
			if t.BySource {
				g.Source = &groupSource{ID: n.Source}
				if s := now.Source(n.Source); s != nil {
					g.Source.Name, g.Source.Slug = s.Name, s.Slug
				}
			}
			byKey[k] = g
			order = append(order, k)
		}
		one := counted{Time: n.At.UTC().Format(timeLayout), Count: n.Events}
		if t.Stage == StageDelivered {
			one.RetryCount = &n.Retries
			if g.TotalRetryCount == nil {
				g.TotalRetryCount = new(int64)
			}
			*g.TotalRetryCount += n.Retries
		}
		g.Total += n.Events
		g.Series = append(g.Series, one)
	}
	out := make([]group, 0, len(order))
	for _, k := range order {
		out = append(out, *byKey[k])
	}
	slices.SortStableFunc(out, func(a, b group) int { return cmp.Compare(b.Total, a.Total) })
	return out[:min(len(out), resultsMax)]
}

func (a *api) volume(c *call) (result, error) {
	t := Tally{Stage: StageReceived}
	if err := span(c, &t, volumeSpans()); err != nil {
		return nil, err
	}
	by, err := groups(c, &t, "eventName", "eventType", "source")
	if err != nil {
		return nil, err
	}
	t.Sources, t.Names = c.params.list("sourceId", true), c.params.list("eventName", false)
	t.Types, t.AppVersions = c.params.list("eventType", true), c.params.list("appVersion", false)
	numbers, err := a.Journal.Tally(c.Context(), t)
	if err != nil {
		return nil, err
	}
	out, err := paged(c, "result", grouped(a.Workspace.Snapshot(), &t, numbers))
	if err != nil {
		return nil, err
	}
	query := map[string]any{
		"workspaceId": workspaceID(), "granularity": t.Step, "startTime": c.params.text("startTime"), "endTime": c.params.text("endTime"),
	}
	for name, list := range map[string][]string{"groupBy": by, "sourceId": t.Sources, "eventName": t.Names, "eventType": t.Types, "appVersion": t.AppVersions} {
		if len(list) > 0 {
			query[name] = list
		}
	}
	out["path"], out["query"] = "/events/volume", query
	return out, nil
}

// overview answers for a stage of delivery.
func (a *api) overview(c *call, stage Stage) (result, error) {
	t := Tally{Stage: stage}
	now := a.Workspace.Snapshot()
	if err := a.subject(c, now, &t); err != nil {
		return nil, err
	}
	if err := span(c, &t, overviewSpans()); err != nil {
		return nil, err
	}
	if _, err := groups(c, &t, "eventName", "eventType", "discardReason", "appVersion"); err != nil {
		return nil, err
	}
	if stage == StageReceived || stage == StageDelivered {
		t.ByCode = false // there is none
	}
	t.Names, t.Types = c.params.list("filter.eventName", false), c.params.list("filter.eventType", true)
	t.AppVersions, t.Codes = c.params.list("filter.appVersion", false), c.params.list("filter.discardReason", true)
	numbers, err := a.Journal.Tally(c.Context(), t)
	if err != nil {
		return nil, err
	}
	return overviewOf(c, grouped(now, &t, numbers))
}

func overviewOf(c *call, groups []group) (result, error) {
	var total int64
	for i := range groups {
		total += groups[i].Total
	}
	out, err := paged(c, "dataset", groups)
	if err != nil {
		return nil, err
	}
	out["total"] = total
	return out, nil
}

// filteredAtSource answers that no event is: there are no tracking plans that could.
func (a *api) filteredAtSource(c *call) (result, error) {
	t := Tally{Stage: StageReceived}
	if err := a.subject(c, a.Workspace.Snapshot(), &t); err != nil {
		return nil, err
	}
	if err := span(c, &t, overviewSpans()); err != nil {
		return nil, err
	}
	return overviewOf(c, nil)
}

// subject reads which source, and which destination of it, is asked about.
func (a *api) subject(c *call, now *workspace.Snapshot, t *Tally) error {
	id := c.params.text("sourceId")
	switch {
	case id == "":
		return required("sourceId")
	case now.Source(id) == nil:
		return notFound("Source")
	}
	t.Sources = []string{id}
	if t.Stage == StageReceived || t.Stage == StageRefused {
		return nil
	}
	destination := c.params.text("destinationConfigId")
	if destination == "" {
		return required("destinationConfigId")
	}
	d := now.Destination(destination)
	if d == nil || d.Source != id {
		return notFound("Destination")
	}
	wanted := append(c.params.list("filter.subscriptionId", true), c.params.list("subscriptionId", true)...)
	t.Mappings = []string{}
	for _, m := range now.MappingsOfDestination(d.ID) {
		if len(wanted) == 0 || slices.Contains(wanted, m.ID) {
			t.Mappings = append(t.Mappings, m.ID)
		}
	}
	return nil
}

type metric struct {
	Name      string      `json:"metricName"`
	Total     int64       `json:"total"`
	Breakdown []breakdown `json:"breakdown,omitempty"`
}

type breakdown struct {
	Name  string `json:"metricName"`
	Value int64  `json:"value"`
}

// deliveryMetrics answers how delivery to a destination went. Times are in milliseconds.
func (a *api) deliveryMetrics(c *call) (result, error) {
	now := a.Workspace.Snapshot()
	d, err := found(now, c)
	if err != nil {
		return nil, err
	}
	switch id := c.params.text("sourceId"); {
	case id == "":
		return nil, required("sourceId")
	case id != d.Source:
		return nil, notFound("Source")
	}
	since, until, err := metricsSpan(c)
	if err != nil {
		return nil, err
	}
	mappings := []string{}
	for _, m := range now.MappingsOfDestination(d.ID) {
		mappings = append(mappings, m.ID)
	}
	n, err := a.Journal.Delivery(c.Context(), mappings, since, until)
	if err != nil {
		return nil, err
	}
	summary := map[string]any{"sourceId": d.Source, "metrics": []metric{
		{"successes", n.AtOnce + n.AfterRetry, []breakdown{{"successes_on_first_attempt", n.AtOnce}, {"successes_after_retry", n.AfterRetry}}},
		{Name: "expired", Total: n.Expired},
		{Name: "discarded", Total: n.Discarded},
		{Name: "retried", Total: n.Retried},
		{"time_to_success", int64(n.SuccessAverage), []breakdown{{"time_to_success_average", int64(n.SuccessAverage)}, {"time_to_success_p95", int64(n.SuccessP95)}}},
		{"time_to_first_attempt", int64(n.FirstAverage), []breakdown{{"time_to_first_attempt_average", int64(n.FirstAverage)}, {"time_to_first_attempt_p95", int64(n.FirstP95)}}},
	}}
	if e := a.catalog.bySlug(d.Type); e != nil {
		summary["destinationMetadataId"] = e.metadata.ID
	}
	return result{"deliveryMetricsSummary": summary}, nil
}

// metricsSpan reads which time is asked about: by default the hour, the week or the month that ends now.
func metricsSpan(c *call) (since, until time.Time, err error) {
	step := Minute
	if c.params.text("granularity") != "" {
		text, err := c.params.one("granularity", string(Minute), string(Hour), string(Day))
		if err != nil {
			return since, until, err
		}
		step = Step(text)
	}
	usual := map[Step]time.Duration{Minute: time.Hour, Hour: 7 * day, Day: 30 * day}    //nolint:mnd // what Segment takes
	most := map[Step]time.Duration{Minute: 4 * time.Hour, Hour: 7 * day, Day: 30 * day} //nolint:mnd // what Segment allows
	if until, err = c.params.time("endTime"); err != nil {
		return since, until, err
	}
	if until.IsZero() {
		until = time.Now().UTC()
	}
	if since, err = c.params.time("startTime"); err != nil {
		return since, until, err
	}
	switch {
	case since.IsZero():
		since = until.Add(-usual[step])
	case !until.After(since):
		return since, until, invalid("endTime", `"endTime" must be after "startTime"`)
	case until.Sub(since) > most[step]:
		return since, until, invalid("startTime", "with the granularity %s, at most %s can be asked for", step, most[step])
	}
	return since, until, nil
}

// notAnswered is what is answered for what this server does not have.
func notAnswered(what string) error {
	return &fault{status: http.StatusNotImplemented, kind: "NotImplemented", message: "this server has no " + what + "; docs/reference/public-api.md lists what it has"}
}
