package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/analytics"
)

// analyticsRoutes registers what tells about the receiving side.
func (a *api) analyticsRoutes(h huma.API) {
	a.trackEventRoutes(h)
	a.peopleRoutes(h)
	a.receivedRoutes(h)
	a.dictionaryRoutes(h)
}

// question describes an operation of analytics: it is about an app, and may be asked in a way that cannot be answered.
func question(id, path, summary, description string) huma.Operation {
	op := get(id, path, summary, description)
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	return op
}

// change describes an operation that changes what is wished for someone.
func change(id, path, summary, description string) huma.Operation {
	return operation(http.MethodPut, path, access.Editor, huma.Operation{
		OperationID: id, Summary: summary, Description: description, Errors: []int{http.StatusNotFound, http.StatusConflict},
	})
}

// RangeInput is a time.
type RangeInput struct {
	From time.Time `query:"from" doc:"RFC 3339; it is in the range. Absent: from the beginning, or as the operation says"`
	To   time.Time `query:"to" doc:"RFC 3339; it is not in the range. Absent: until now"`
}

func (r *RangeInput) open() analytics.Range { return analytics.Range{From: r.From, To: r.To} }

// defaultDays is the length of a range that has to have two ends, where one is not given.
const defaultDays = 30

// closed is the range with both ends.
func (r *RangeInput) closed(now time.Time) (analytics.Range, error) {
	c := r.open()
	if c.To.IsZero() {
		c.To = now.UTC()
	}
	if c.From.IsZero() {
		c.From = c.To.AddDate(0, 0, -defaultDays)
	}
	if !c.From.Before(c.To) {
		return c, huma.Error422UnprocessableEntity("from is not before to")
	}
	return c, nil
}

// PageInput is a part of a table.
type PageInput struct {
	FormatInput

	Search string `query:"search" doc:"Part of a name or an id, in any case" maxLength:"1024"`
	Sort   string `query:"sort" doc:"A field of the rows; with - before it, descending" maxLength:"32"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	Cursor string `query:"cursor" doc:"What the page before gave as next" maxLength:"64"`
	Offset int    `query:"offset" doc:"Begin after so many rows; in place of a cursor" minimum:"0" maximum:"1000000000"`
}

// csvRows is how many rows of a table its CSV has at most.
const csvRows = 100_000

func (p *PageInput) page() analytics.Page {
	if p.csv() {
		return analytics.Page{Search: p.Search, Sort: p.Sort, Limit: csvRows}
	}
	return analytics.Page{Search: p.Search, Sort: p.Sort, Limit: p.Limit, Cursor: p.Cursor, Offset: p.Offset}
}

// FormatInput says how an answer is written.
type FormatInput struct {
	Accept string `header:"Accept" doc:"text/csv: the table as CSV, with at most 100,000 rows whatever the limit"`
	Format string `query:"format" doc:"csv does what Accept: text/csv does" enum:"json,csv"`
}

// csv tells whether a table is asked for as CSV.
func (f *FormatInput) csv() bool {
	return f.Format == "csv" || f.Format == "" && strings.HasPrefix(f.Accept, "text/csv")
}

// listOf is a page of a table.
type listOf[T any] struct {
	Body struct {
		Data  []T    `json:"data" nullable:"false"`
		Next  string `json:"next,omitempty" doc:"Cursor of the next page; missing at the end"`
		Total int64  `json:"total,omitempty" doc:"Rows of all pages"`
	}
}

func listed[T any](l analytics.List[T]) *listOf[T] {
	out := &listOf[T]{}
	out.Body.Data, out.Body.Next, out.Body.Total = l.Rows, l.Next, l.Total
	if out.Body.Data == nil {
		out.Body.Data = []T{}
	}
	return out
}

func all[T any](rows []T) *listOf[T] { return listed(analytics.List[T]{Rows: rows}) }

// unanswered is why a question has no answer.
func (a *api) unanswered(ctx context.Context, operation string, err error) error {
	for _, bad := range []error{analytics.ErrCursor, analytics.ErrSort, analytics.ErrField} {
		if errors.Is(err, bad) {
			return huma.Error422UnprocessableEntity(err.Error())
		}
	}
	if errors.Is(err, analytics.ErrConflict) {
		return huma.Error409Conflict(err.Error() + "; look at it again, and repeat the change")
	}
	return a.fault(ctx, operation, err)
}
