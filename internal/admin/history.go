package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Journal answers what happened; sources and mappings are ids.
type Journal interface {
	Search(ctx context.Context, q EventQuery) ([]FoundEvent, error)
	Volume(ctx context.Context, source string, s Span) ([]VolumePoint, error)
	EventNames(ctx context.Context, source string, s Span) ([]EventName, error)
	Outcomes(ctx context.Context, mappings []string, s Span) ([]OutcomePoint, error)
	Reasons(ctx context.Context, mappings []string, s Span) ([]Reason, error)
	Attempts(ctx context.Context, q AttemptQuery) ([]Attempt, error)
}

// EventQuery says which events to find: those that meet all that is given.
type EventQuery struct {
	Workspace string
	Text      string
	User      string
	Event     string
	Type      string
	MessageID string
	Source    string
	Since     time.Time
	Until     time.Time
	Before    record.Position
	Limit     int
}

// FoundEvent is an event that was found.
type FoundEvent struct {
	Position    record.Position  `json:"position"`
	Workspace   string           `json:"-"`
	Source      string           `json:"source" doc:"Slug, or the id of one that was deleted"`
	ReceivedAt  time.Time        `json:"receivedAt"`
	MessageID   string           `json:"messageId"`
	Type        string           `json:"type"`
	Name        string           `json:"name,omitempty"`
	UserID      string           `json:"userId,omitempty"`
	AnonymousID string           `json:"anonymousId,omitempty"`
	GroupID     string           `json:"groupId,omitempty" doc:"At the top level of the event"`
	DuplicateOf *record.Position `json:"duplicateOf,omitempty"`
}

// Span is a time that is charted, in steps.
type Span struct {
	Since, Until time.Time
	Step         time.Duration
}

// VolumePoint is what a source received in one step.
type VolumePoint struct {
	At         time.Time `json:"at"`
	Type       string    `json:"type"`
	Events     int64     `json:"events"`
	Duplicates int64     `json:"duplicates" doc:"Of the events: repeats of a messageId"`
}

// EventName is one name of a source's events, in numbers.
type EventName struct {
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	Events    int64     `json:"events" doc:"Without repeats"`
	Users     int64     `json:"users" doc:"Different userIds, about"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// OutcomePoint is what became of events in one step.
type OutcomePoint struct {
	At     time.Time     `json:"at"`
	Status record.Status `json:"status"`
	First  bool          `json:"first" doc:"Decided by the first attempt"`
	Events int64         `json:"events"`
}

// Reason is why events have an outcome, and of how many it is the reason.
type Reason struct {
	Status   record.Status `json:"status"`
	Code     string        `json:"code"`
	Reason   string        `json:"reason" doc:"Of one of them"`
	HTTP     int           `json:"http,omitempty" doc:"Status of the answer"`
	Events   int64         `json:"events"`
	LastSeen time.Time     `json:"lastSeen"`
}

// AttemptQuery says which outcomes to list.
type AttemptQuery struct {
	Mappings []string
	Statuses []record.Status
	Standing bool
	Since    time.Time
	Before   record.Position
	Limit    int
}

// Attempt is one outcome of a mapping, with the request that led to it.
type Attempt struct {
	Position  record.Position `json:"position" doc:"In OUTCOMES; what before takes"`
	Mapping   string          `json:"mapping" doc:"Name, or the id of one that was deleted"`
	At        time.Time       `json:"at"`
	Status    record.Status   `json:"status"`
	Code      string          `json:"code,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	Due       time.Time       `json:"due,omitzero" doc:"When it is tried again"`
	Events    int64           `json:"events" doc:"How many events it is about"`
	Event     record.Position `json:"event" doc:"The first of them"`
	MessageID string          `json:"messageId,omitempty" doc:"Of the first event, as name, type and user are"`
	Name      string          `json:"name,omitempty"`
	Type      string          `json:"type,omitempty"`
	User      string          `json:"user,omitempty"`
	Method    string          `json:"method,omitempty"`
	URL       string          `json:"url,omitempty"`
	HTTP      int             `json:"http,omitempty" doc:"Status of the answer"`
	Took      int64           `json:"took,omitempty" doc:"Milliseconds"`
	Bytes     int64           `json:"bytes,omitempty" doc:"Of the request's body"`
}

func (a *api) historyRoutes(h huma.API) {
	op := get("search-events", "/api/events", "Search the events that came in",
		"By a part of a messageId, a name, a user or an account; or exactly by some of them. The newest come first; the position of the last is what before takes for more.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.searchEvents)

	op = get("source-volume", "/api/sources/{source}/volume", "Chart what a source received", "By step and type, and by event name.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.sourceVolume)

	op = get("chart-deliveries", "/api/destinations/{destination}/deliveries", "Chart what became of a destination's events",
		"Outcomes by step and status, and the reasons of those that are no delivery.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.chartDeliveries)

	op = get("list-attempts", "/api/destinations/{destination}/attempts", "List the outcomes of a destination's events",
		"Each with the request that led to it, the newest first. The position of the last is what before takes for more.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.listAttempts)
}

type searchInput struct {
	Text      string    `query:"text" doc:"A part of the messageId, name, userId, anonymousId or groupId" maxLength:"1024"`
	MessageID string    `query:"messageId" maxLength:"1024"`
	User      string    `query:"user" doc:"userId or anonymousId" maxLength:"1024"`
	Event     string    `query:"event" doc:"Name of the track, page or screen call" maxLength:"1024"`
	Type      string    `query:"type" enum:"track,identify,page,screen,group,alias"`
	Source    string    `query:"source" doc:"Slug" maxLength:"64"`
	Since     time.Time `query:"since"`
	Until     time.Time `query:"until"`
	Before    string    `query:"before" doc:"Position, as in 12.3" maxLength:"64"`
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (a *api) searchEvents(ctx context.Context, in *searchInput) (*data[[]FoundEvent], error) {
	q := EventQuery{
		Workspace: workspace.Default, Text: in.Text, User: in.User, Event: in.Event, Type: in.Type, MessageID: in.MessageID, Since: in.Since, Until: in.Until, Limit: in.Limit,
	}
	now := a.Workspace.Snapshot()
	if in.Source != "" {
		source, err := sourceBySlug(now, in.Source)
		if err != nil {
			return nil, err
		}
		q.Source = source.ID
	}
	var err error
	if q.Before, err = positionOf(in.Before); err != nil {
		return nil, err
	}
	found, err := a.Journal.Search(ctx, q)
	if err != nil {
		return nil, a.fault(ctx, "search-events", err)
	}
	for i := range found {
		if source := now.Source(found[i].Source); source != nil {
			found[i].Source = source.Slug
		}
	}
	return answer(found), nil
}

// positionOf reads where a list goes on; zero when it begins.
func positionOf(before string) (record.Position, error) {
	if before == "" {
		return record.Position{}, nil
	}
	p, err := record.ParsePosition(before)
	if err != nil {
		return record.Position{}, huma.Error422UnprocessableEntity("before: " + err.Error())
	}
	return p, nil
}

const (
	stepsMax  = 500            // of a chart
	chartSpan = 24 * time.Hour // that is shown by default
)

// Charted is the time that a chart is asked for.
type Charted struct {
	Since time.Time `query:"since" doc:"Default: a day before until"`
	Until time.Time `query:"until" doc:"Default: now"`
	Step  int       `query:"step" doc:"Seconds; default: about a hundredth of the time" minimum:"1" maximum:"2592000"`
}

func (c *Charted) span() (Span, error) {
	s := Span{Since: c.Since, Until: c.Until, Step: time.Duration(c.Step) * time.Second}
	if s.Until.IsZero() {
		s.Until = time.Now()
	}
	if s.Since.IsZero() {
		s.Since = s.Until.Add(-chartSpan)
	}
	length := s.Until.Sub(s.Since)
	if length <= 0 {
		return s, huma.Error422UnprocessableEntity("since is not before until")
	}
	if s.Step == 0 {
		s.Step = max(time.Second, (length / 100).Truncate(time.Second))
	}
	if length/s.Step > stepsMax {
		return s, huma.Error422UnprocessableEntity(fmt.Sprintf("the time has more than %d steps; give a longer step, or a shorter time", stepsMax))
	}
	return s, nil
}

type volumeInput struct {
	Charted

	Source string `path:"source" doc:"Slug of the source" maxLength:"64"`
}

// SourceVolume is what a source received.
type SourceVolume struct {
	Step   int64         `json:"step" doc:"Seconds"`
	Points []VolumePoint `json:"points" nullable:"false" doc:"Steps in which nothing came are left out"`
	Names  []EventName   `json:"names" nullable:"false" doc:"The most frequent first"`
}

func (a *api) sourceVolume(ctx context.Context, in *volumeInput) (*data[SourceVolume], error) {
	source, err := sourceBySlug(a.Workspace.Snapshot(), in.Source)
	if err != nil {
		return nil, err
	}
	span, err := in.span()
	if err != nil {
		return nil, err
	}
	out := SourceVolume{Step: int64(span.Step.Seconds())}
	if out.Points, err = a.Journal.Volume(ctx, source.ID, span); err == nil {
		out.Names, err = a.Journal.EventNames(ctx, source.ID, span)
	}
	if err != nil {
		return nil, a.fault(ctx, "source-volume", err)
	}
	return answer(out), nil
}

// MappingsInput names a destination, and one of its mappings or all.
type MappingsInput struct {
	Destination string `path:"destination" doc:"Slug of the destination" maxLength:"64"`
	Mapping     string `query:"mapping" doc:"Name or id; absent: all of the destination's" maxLength:"200"`
}

// mappings lists the ids that are asked for.
func (in *MappingsInput) mappings(now *workspace.Snapshot) ([]string, error) {
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, m := range now.MappingsOfDestination(d.ID) {
		if in.Mapping == "" || m.ID == in.Mapping || m.Name == in.Mapping {
			ids = append(ids, m.ID)
		}
	}
	if in.Mapping != "" && len(ids) == 0 {
		return nil, huma.Error404NotFound(fmt.Sprintf("the destination %q has no mapping %q", in.Destination, in.Mapping))
	}
	return ids, nil
}

type deliveriesInput struct {
	MappingsInput
	Charted
}

// Deliveries is what became of a destination's events.
type Deliveries struct {
	Step    int64          `json:"step" doc:"Seconds"`
	Points  []OutcomePoint `json:"points" nullable:"false" doc:"Every attempt that ended in an outcome counts: what was tried three times is retrying twice, and delivered once"`
	Reasons []Reason       `json:"reasons" nullable:"false" doc:"The most frequent first"`
}

func (a *api) chartDeliveries(ctx context.Context, in *deliveriesInput) (*data[Deliveries], error) {
	ids, err := in.mappings(a.Workspace.Snapshot())
	if err != nil {
		return nil, err
	}
	span, err := in.span()
	if err != nil {
		return nil, err
	}
	out := Deliveries{Step: int64(span.Step.Seconds())}
	if out.Points, err = a.Journal.Outcomes(ctx, ids, span); err == nil {
		out.Reasons, err = a.Journal.Reasons(ctx, ids, span)
	}
	if err != nil {
		return nil, a.fault(ctx, "chart-deliveries", err)
	}
	return answer(out), nil
}

type attemptsInput struct {
	MappingsInput

	Status   []string  `query:"status" doc:"delivered, retrying, discarded and the like; absent: all" enum:"delivered,filtered,duplicate,discarded,lost,retrying,parked,resumed" maxItems:"16"`
	Standing bool      `query:"standing" doc:"Only what is so still: an event that was delivered since is not retrying"`
	Since    time.Time `query:"since" doc:"Default: from the beginning"`
	Before   string    `query:"before" doc:"Position, as in 12.3" maxLength:"64"`
	Limit    int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *api) listAttempts(ctx context.Context, in *attemptsInput) (*data[[]Attempt], error) {
	now := a.Workspace.Snapshot()
	ids, err := in.mappings(now)
	if err != nil {
		return nil, err
	}
	q := AttemptQuery{Mappings: ids, Standing: in.Standing, Since: in.Since, Limit: in.Limit}
	for _, s := range in.Status {
		q.Statuses = append(q.Statuses, record.Status(s))
	}
	if q.Before, err = positionOf(in.Before); err != nil {
		return nil, err
	}
	found, err := a.Journal.Attempts(ctx, q)
	if err != nil {
		return nil, a.fault(ctx, "list-attempts", err)
	}
	for i := range found {
		if m := now.Mapping(found[i].Mapping); m != nil {
			found[i].Mapping = m.Name
		}
	}
	return answer(slices.Clip(found)), nil
}
