package admin

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/analytics"
)

func (a *api) dictionaryRoutes(h huma.API) {
	huma.Register(h, question("list-property-dictionary", "/api/apps/{app}/dictionary/properties", "List all properties of all Track Events",
		"By event name and key, with numbers of a range (the last 30 days) and examples."), a.propertyDictionary)
	huma.Register(h, question("list-metadata-dictionary", "/api/apps/{app}/dictionary/metadata", "List all fields of metadata",
		"With types, and what is wrong: names that differ in case only, which Pendo takes for one; fields that are there in several groups."), a.metadataDictionary)
	huma.Register(h, question("list-verdicts", "/api/apps/{app}/quality/verdicts", "Count verdicts over time", ""), a.verdicts)
	huma.Register(h, question("list-coverage", "/api/apps/{app}/quality/coverage", "Tell how many events belong to an account",
		"For each event name. Sorted by name, events, withoutAccount, withoutVisitor or share."), a.coverage)
	huma.Register(h, question("list-id-shapes", "/api/apps/{app}/quality/ids", "Tell what ids look like", ""), a.idShapes)
}

type propertyDictionaryInput struct {
	AppInput
	RangeInput
	PageInput

	Event string `query:"event" doc:"Only properties of this Track Event" maxLength:"1024"`
}

func (a *api) propertyDictionary(ctx context.Context, in *propertyDictionaryInput) (*listOf[analytics.PropertyEntry], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	r, err := in.closed(time.Now())
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.PropertyDictionary(ctx, app.ID, in.Event, r, in.page())
	if err != nil {
		return nil, a.unanswered(ctx, "list-property-dictionary", err)
	}
	return listed(found), nil
}

type metadataDictionaryInput struct {
	AppInput
	FormatInput

	Kind   analytics.Kind `query:"kind" enum:"visitor,account" doc:"Absent: both"`
	Search string         `query:"search" doc:"Part of a field's name" maxLength:"1024"`
}

func (a *api) metadataDictionary(ctx context.Context, in *metadataDictionaryInput) (*listOf[analytics.MetadataEntry], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.MetadataDictionary(ctx, app.ID, in.Kind, in.Search)
	if err != nil {
		return nil, a.unanswered(ctx, "list-metadata-dictionary", err)
	}
	return all(found), nil
}

type verdictsInput struct {
	AppInput
	RangeInput
	FormatInput

	Event string `query:"event" doc:"Only calls of this name" maxLength:"1024"`
}

func (a *api) verdicts(ctx context.Context, in *verdictsInput) (*listOf[analytics.VerdictSeries], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Verdicts(ctx, app.ID, in.Event, in.open())
	if err != nil {
		return nil, a.unanswered(ctx, "list-verdicts", err)
	}
	return all(found), nil
}

type coverageInput struct {
	AppInput
	RangeInput
	PageInput
}

func (a *api) coverage(ctx context.Context, in *coverageInput) (*listOf[analytics.Coverage], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Coverage(ctx, app.ID, in.open(), in.page())
	if err != nil {
		return nil, a.unanswered(ctx, "list-coverage", err)
	}
	return listed(found), nil
}

func (a *api) idShapes(ctx context.Context, in *appTableInput) (*listOf[analytics.IDShape], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.IDShapes(ctx, app.ID)
	if err != nil {
		return nil, a.unanswered(ctx, "list-id-shapes", err)
	}
	return all(found), nil
}
