package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/analytics"
)

func (a *api) trackEventRoutes(h huma.API) {
	huma.Register(h, question("list-track-events", "/api/apps/{app}/track-events", "List the Track Events of an app",
		"Each with how often, by how many visitors and accounts, and when: of all time, or of a range. Sorted by name, events, visitors, accounts, firstSeen, lastSeen or withoutAccount; "+
			"the most frequent first."), a.trackEvents)
	huma.Register(h, question("get-track-event", "/api/apps/{app}/track-events/{name}", "Show a Track Event",
		"Numbers and a series of a range (the last 30 days), beside the range of the same length before it."), a.trackEvent)
	huma.Register(h, question("list-properties", "/api/apps/{app}/track-events/{name}/properties", "List the properties of a Track Event",
		"With types, fill rate, and about how many values there are, in a range (the last 30 days)."), a.properties)
	huma.Register(h, question("break-down", "/api/apps/{app}/track-events/{name}/breakdown", "Break a Track Event down by a property",
		"The most frequent values in a range (the last 30 days)."), a.breakdown)
	huma.Register(h, question("list-top-visitors", "/api/apps/{app}/track-events/{name}/visitors", "List the visitors with the most events of a name",
		"In a range (the last 30 days)."), a.topVisitors)
	huma.Register(h, question("list-top-accounts", "/api/apps/{app}/track-events/{name}/accounts", "List the accounts with the most events of a name",
		"In a range (the last 30 days)."), a.topAccounts)
	huma.Register(h, question("explore", "/api/apps/{app}/explore", "Explore Track Events",
		"Events x measure x groups x filters x time (the last 30 days). A field is event, visitor, account, via, property:KEY, visitor:GROUP.FIELD or account:GROUP.FIELD, where GROUP is a "+
			"group of metadata. A filter is FIELD:OP:VALUE; OP is is, not, contains, gt, lt, set or unset."), a.explore)
}

type trackEventsInput struct {
	AppInput
	RangeInput
	PageInput
}

func (a *api) trackEvents(ctx context.Context, in *trackEventsInput) (*listOf[analytics.TrackEvent], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.TrackEvents(ctx, app.ID, in.open(), in.page())
	if err != nil {
		return nil, a.unanswered(ctx, "list-track-events", err)
	}
	return listed(found), nil
}

// NamedInput names a Track Event, and a time.
type NamedInput struct {
	AppInput
	RangeInput
	FormatInput

	Name string `path:"name" doc:"Event name" maxLength:"1024"`
}

// named finds the app and the range of a question about a Track Event.
func (a *api) named(in *NamedInput) (app string, r analytics.Range, err error) {
	found, err := a.app(in.App)
	if err != nil {
		return "", r, err
	}
	r, err = in.closed(time.Now())
	return found.ID, r, err
}

type trackEventInput struct {
	NamedInput

	Interval analytics.Interval `query:"interval" enum:"hour,day" doc:"Width of the steps; absent: hours where the range has at most 3 days, else days"`
}

// The ranges of series by hours.
const (
	hoursByDefault = 3 * 24 * time.Hour
	hoursAtMost    = 31 * 24 * time.Hour
)

func (a *api) trackEvent(ctx context.Context, in *trackEventInput) (*data[*analytics.TrackEventDetail], error) {
	app, r, err := a.named(&in.NamedInput)
	if err != nil {
		return nil, err
	}
	length := r.To.Sub(r.From)
	if in.Interval == "" {
		in.Interval = analytics.Day
		if length <= hoursByDefault {
			in.Interval = analytics.Hour
		}
	}
	if in.Interval == analytics.Hour && length > hoursAtMost {
		return nil, huma.Error422UnprocessableEntity("a series by hours has at most 31 days; ask for days, or a shorter range")
	}
	found, err := a.Analytics.TrackEvent(ctx, app, in.Name, r, in.Interval)
	if err != nil {
		return nil, a.unanswered(ctx, "get-track-event", err)
	}
	if found == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("the app %q has never received a Track Event %q; GET /api/apps/%[1]s/track-events lists them", in.App, in.Name))
	}
	return answer(found), nil
}

func (a *api) properties(ctx context.Context, in *NamedInput) (*listOf[analytics.Property], error) {
	app, r, err := a.named(in)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Properties(ctx, app, in.Name, r)
	if err != nil {
		return nil, a.unanswered(ctx, "list-properties", err)
	}
	return all(found), nil
}

// TopInput is the largest of something of a Track Event.
type TopInput struct {
	NamedInput

	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

type breakdownInput struct {
	TopInput

	Property string `query:"property" required:"true" doc:"Key of the property" maxLength:"1024"`
}

func (a *api) breakdown(ctx context.Context, in *breakdownInput) (*listOf[analytics.PropertyValue], error) {
	app, r, err := a.named(&in.NamedInput)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Breakdown(ctx, app, in.Name, in.Property, analytics.Top{Range: r, Limit: in.Limit})
	if err != nil {
		return nil, a.unanswered(ctx, "break-down", err)
	}
	return all(found), nil
}

func (a *api) topVisitors(ctx context.Context, in *TopInput) (*listOf[analytics.TopVisitor], error) {
	app, r, err := a.named(&in.NamedInput)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.TopVisitors(ctx, app, in.Name, r, in.Limit)
	if err != nil {
		return nil, a.unanswered(ctx, "list-top-visitors", err)
	}
	return all(found), nil
}

func (a *api) topAccounts(ctx context.Context, in *TopInput) (*listOf[analytics.TopAccount], error) {
	app, r, err := a.named(&in.NamedInput)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.TopAccounts(ctx, app, in.Name, r, in.Limit)
	if err != nil {
		return nil, a.unanswered(ctx, "list-top-accounts", err)
	}
	return all(found), nil
}

type exploreInput struct {
	AppInput
	RangeInput
	FormatInput

	Event    []string           `query:"event,explode" doc:"Event names; absent: all" maxItems:"50"`
	Measure  analytics.Measure  `query:"measure" enum:"events,visitors,accounts,eventsPerVisitor" default:"events"`
	GroupBy  string             `query:"groupBy" doc:"A field; absent: no groups" maxLength:"1024"`
	Filter   []string           `query:"filter,explode" doc:"FIELD:OP:VALUE; all of them must hold" maxItems:"10"`
	Interval analytics.Interval `query:"interval" enum:"hour,day,week,month,total" default:"day"`
	Limit    int                `query:"limit" doc:"Groups" minimum:"1" maximum:"1000" default:"10"`
}

// exploredRow is a step of a group, as CSV has it.
type exploredRow struct {
	Group string    `json:"group"`
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

func (a *api) explore(ctx context.Context, in *exploreInput) (*exploreOutput, error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	r, err := in.closed(time.Now())
	if err != nil {
		return nil, err
	}
	if in.Interval == analytics.Hour && r.To.Sub(r.From) > hoursAtMost {
		return nil, huma.Error422UnprocessableEntity("a series by hours has at most 31 days; ask for days, or a shorter range")
	}
	found, err := a.Analytics.Explore(ctx, app.ID, analytics.Exploration{
		Range: r, Events: in.Event, Measure: in.Measure, GroupBy: in.GroupBy, Filters: in.Filter, Interval: in.Interval, Limit: in.Limit,
	})
	if err != nil {
		return nil, a.unanswered(ctx, "explore", err)
	}
	return &exploreOutput{Body: exploration{Data: found}}, nil
}

type exploreOutput struct{ Body exploration }

// exploration is an answer that is, as CSV, a table of its steps.
type exploration struct {
	Data analytics.Explored `json:"data"`
}

// table is the steps of all groups.
func (e exploration) table() any {
	rows := []exploredRow{}
	for _, g := range e.Data.Groups {
		if len(g.Series) == 0 {
			rows = append(rows, exploredRow{g.Group, e.Data.From, g.Total})
		}
		for _, p := range g.Series {
			rows = append(rows, exploredRow{g.Group, p.At, p.Value})
		}
	}
	return rows
}
