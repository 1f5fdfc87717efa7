package admin

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/analytics"
)

func (a *api) peopleRoutes(h huma.API) {
	huma.Register(h, question("list-visitors", "/api/apps/{app}/visitors", "List the visitors of an app",
		"Sorted by id, events, firstSeen, lastSeen or activeDays; those seen last first. With a range: who was there in it, with the numbers of the range. Who is excluded is not listed."), a.visitors)
	huma.Register(h, question("get-visitor", "/api/apps/{app}/visitors/{id}", "Show a visitor of an app",
		"With accounts, Track Events, activity by day, metadata by group with source and time of each value, and the anonymous visitors that turned out to be this one."), a.visitor)
	huma.Register(h, question("list-visitor-history", "/api/apps/{app}/visitors/{id}/history", "List what the metadata of a visitor was",
		"The newest first."), a.history(analytics.KindVisitor))
	huma.Register(h, change("set-visitor-flags", "/api/apps/{app}/visitors/{id}/flags", "Exclude a visitor, or do not process them",
		"Answers once every other answer follows it. What is absent stays."), a.setFlags(analytics.KindVisitor))
	huma.Register(h, question("list-accounts", "/api/apps/{app}/accounts", "List the accounts of an app",
		"Sorted by id, visitors, events, firstSeen or lastSeen; those seen last first. Who is excluded is not listed."), a.accounts)
	huma.Register(h, question("get-account", "/api/apps/{app}/accounts/{id}", "Show an account of an app", ""), a.account)
	huma.Register(h, question("list-account-history", "/api/apps/{app}/accounts/{id}/history", "List what the metadata of an account was",
		"The newest first."), a.history(analytics.KindAccount))
	huma.Register(h, change("set-account-flags", "/api/apps/{app}/accounts/{id}/flags", "Exclude an account, or do not process it",
		"Answers once every other answer follows it. What is absent stays."), a.setFlags(analytics.KindAccount))
	huma.Register(h, question("list-exclusions", "/api/apps/{app}/exclusions", "List who is excluded, or not processed", "The newest first."), a.exclusions)
}

type visitorsInput struct {
	AppInput
	RangeInput
	PageInput

	Account   string              `query:"account" doc:"Only visitors that were seen with this account" maxLength:"1024"`
	Anonymous string              `query:"anonymous" enum:"true,false" doc:"Only anonymous ones, or only others; absent: both"`
	Frequency analytics.Frequency `query:"frequency" enum:"low,medium,high" doc:"Low: there on 1 to 4 of the last 30 days; medium: 5 to 12; high: more"`
}

func (a *api) visitors(ctx context.Context, in *visitorsInput) (*listOf[analytics.VisitorRow], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	filter := analytics.VisitorFilter{Account: in.Account, Frequency: in.Frequency}
	if in.Anonymous != "" {
		anonymous := in.Anonymous == "true"
		filter.Anonymous = &anonymous
	}
	found, err := a.Analytics.Visitors(ctx, app.ID, filter, in.open(), in.page())
	if err != nil {
		return nil, a.unanswered(ctx, "list-visitors", err)
	}
	return listed(found), nil
}

// PersonInput names a visitor or an account.
type PersonInput struct {
	AppInput

	ID string `path:"id" doc:"Visitor ID, or Account ID" maxLength:"1024"`
}

func (a *api) visitor(ctx context.Context, in *PersonInput) (*data[*analytics.Visitor], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Visitor(ctx, app.ID, in.ID)
	if err != nil {
		return nil, a.unanswered(ctx, "get-visitor", err)
	}
	if found == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("the app %q has never seen a visitor %q; its Visitor ID is an event's userId", in.App, in.ID))
	}
	return answer(found), nil
}

type accountsInput struct {
	AppInput
	RangeInput
	PageInput
}

func (a *api) accounts(ctx context.Context, in *accountsInput) (*listOf[analytics.AccountRow], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Accounts(ctx, app.ID, in.open(), in.page())
	if err != nil {
		return nil, a.unanswered(ctx, "list-accounts", err)
	}
	return listed(found), nil
}

func (a *api) account(ctx context.Context, in *PersonInput) (*data[*analytics.Account], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Account(ctx, app.ID, in.ID)
	if err != nil {
		return nil, a.unanswered(ctx, "get-account", err)
	}
	if found == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("the app %q has never seen an account %q; its Account ID is an event's groupId", in.App, in.ID))
	}
	return answer(found), nil
}

type historyInput struct {
	PersonInput
	FormatInput

	Group string `query:"group" doc:"Only this group of metadata" maxLength:"64"`
	Field string `query:"field" doc:"Only this field" maxLength:"1024"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

func (a *api) history(kind analytics.Kind) func(context.Context, *historyInput) (*listOf[analytics.HistoryEntry], error) {
	return func(ctx context.Context, in *historyInput) (*listOf[analytics.HistoryEntry], error) {
		app, err := a.app(in.App)
		if err != nil {
			return nil, err
		}
		if in.csv() {
			in.Limit = csvRows
		}
		found, err := a.Analytics.History(ctx, app.ID, analytics.Who{Kind: kind, ID: in.ID}, analytics.HistoryFilter{Group: in.Group, Field: in.Field, Limit: in.Limit})
		if err != nil {
			return nil, a.unanswered(ctx, "list-history", err)
		}
		return all(found), nil
	}
}

type flagsInput struct {
	PersonInput

	Body analytics.FlagChange
}

func (a *api) setFlags(kind analytics.Kind) func(context.Context, *flagsInput) (*data[analytics.Flags], error) {
	return func(ctx context.Context, in *flagsInput) (*data[analytics.Flags], error) {
		app, err := a.app(in.App)
		if err != nil {
			return nil, err
		}
		flags, err := a.Analytics.SetFlags(ctx, app.ID, analytics.Who{Kind: kind, ID: in.ID}, in.Body)
		if err != nil {
			return nil, a.unanswered(ctx, "set-flags", err)
		}
		return answer(flags), nil
	}
}

type appTableInput struct {
	AppInput
	FormatInput
}

func (a *api) exclusions(ctx context.Context, in *appTableInput) (*listOf[analytics.Exclusion], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	found, err := a.Analytics.Exclusions(ctx, app.ID)
	if err != nil {
		return nil, a.unanswered(ctx, "list-exclusions", err)
	}
	return all(found), nil
}
