package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) appRoutes(h huma.API) {
	huma.Register(h, get("list-apps", "/api/apps", "List the receiving apps", "Secrets are masked."), a.apps)
	huma.Register(h, changing(http.MethodPost, "create-app", "/api/apps", "Create an app",
		"The answer shows the shared secret; no other does, but that of its rotation."), a.createApp)
	op := get("get-app", "/api/apps/{app}", "Show an app", "Secrets are masked.")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.oneApp)
	huma.Register(h, changing(http.MethodPatch, "update-app", "/api/apps/{app}", "Change an app", "What is absent stays as it is."), a.updateApp)
	huma.Register(h, changing(http.MethodDelete, "delete-app", "/api/apps/{app}", "Delete an app",
		"What it received stays on the log until its retention ends, and is no longer shown. Its key becomes an unknown one."), a.deleteApp)
	op = changing(http.MethodPost, "rotate-app-key", "/api/apps/{app}/rotate-key", "Give an app another key",
		"The old key is an unknown one from then on, or, with keepOld, is still taken, with the verdict old_key on each call, until it is taken out of oldKeys.")
	op.DefaultStatus = http.StatusOK
	huma.Register(h, op, a.rotateKey)
	op = changing(http.MethodPost, "rotate-shared-secret", "/api/apps/{app}/rotate-shared-secret", "Give an app another shared secret",
		"The old one is refused from then on. The answer shows the new one.")
	op.DefaultStatus = http.StatusOK
	huma.Register(h, op, a.rotateSharedSecret)
	huma.Register(h, get("list-unknown-keys", "/api/unknown-keys", "List what was sent to no app",
		"Keys and shared secrets that belong to no app, or to one of another region: how often they were used since the server began, and by whom."), a.unknownKeys)
}

// App is an app as it is shown.
type App struct {
	ID                 string                  `json:"id"`
	Slug               string                  `json:"slug"`
	Name               string                  `json:"name"`
	Key                string                  `json:"key" doc:"Public: it lets send, never read"`
	OldKeys            []string                `json:"oldKeys" nullable:"false" doc:"Keys that are still taken"`
	Region             string                  `json:"region,omitempty" enum:"us,us1,eu,jp,au" doc:"Absent: every one"`
	SharedSecret       string                  `json:"sharedSecret,omitempty" doc:"For Track Events of servers; masked, but when it was just made"`
	SignatureSecret    string                  `json:"signatureSecret,omitempty" doc:"Masked"`
	CheckSignature     bool                    `json:"checkSignature"`
	AnonymousVisitors  bool                    `json:"anonymousVisitors" doc:"A Segment call without userId belongs to the visitor _PENDO_T_<anonymousId>"`
	AcceptIdentify     bool                    `json:"acceptIdentify" doc:"Segment identify calls change visitors"`
	AcceptGroup        bool                    `json:"acceptGroup" doc:"Segment group calls change accounts"`
	AccountFromContext bool                    `json:"accountFromContext" doc:"A Segment identify call links its visitor to the account context.groupId"`
	Retention          *workspace.AppRetention `json:"retention,omitempty" doc:"How long the log keeps what it received; absent: as long as it can be"`
	Revision           uint64                  `json:"revision"`
}

func shownApp(a *workspace.App) App {
	return App{
		ID: a.ID, Slug: a.Slug, Name: a.Name, Key: a.Key, OldKeys: append([]string{}, a.OldKeys...), Region: string(a.Region),
		SharedSecret: a.SharedSecret.String(), SignatureSecret: a.SignatureSecret.String(), CheckSignature: a.CheckSignature,
		AnonymousVisitors: a.AnonymousVisitors, AcceptIdentify: !a.IgnoreIdentify, AcceptGroup: !a.IgnoreGroup,
		AccountFromContext: a.AccountFromContext, Retention: a.Retention, Revision: a.Revision,
	}
}

func (a *api) apps(context.Context, *struct{}) (*data[[]App], error) {
	apps := []App{}
	for _, app := range a.Workspace.Snapshot().Apps() {
		apps = append(apps, shownApp(app))
	}
	return answer(apps), nil
}

func appBySlug(now *workspace.Snapshot, slug string) (*workspace.App, error) {
	if app := now.AppBySlug(slug); app != nil {
		return app, nil
	}
	return nil, huma.Error404NotFound(fmt.Sprintf("there is no app %q; GET /api/apps lists them", slug))
}

func (a *api) oneApp(_ context.Context, in *AppInput) (*data[App], error) {
	app, err := appBySlug(a.Workspace.Snapshot(), in.App)
	if err != nil {
		return nil, err
	}
	return answer(shownApp(app)), nil
}

// appChanged changes the workspace and answers with an app. show shows its shared secret.
func (a *api) appChanged(ctx context.Context, operation string, show bool, edit func(*workspace.Edit) (*workspace.App, error)) (*changed[App], error) {
	var id string
	plan, err := a.edit(ctx, operation, func(e *workspace.Edit) error {
		app, err := edit(e)
		if err != nil {
			return err
		}
		e.PutApp(app)
		id = app.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	app := a.Workspace.Snapshot().App(id)
	if app == nil {
		return nil, gone()
	}
	out := &changed[App]{}
	out.Body.Data, out.Body.Warnings = shownApp(app), append([]workspace.PlanWarning{}, plan.Warnings...)
	if show {
		out.Body.Data.SharedSecret = app.SharedSecret.Reveal()
	}
	return out, nil
}

// AppFields are what can be given of an app.
type AppFields struct {
	Slug               *string                 `json:"slug,omitempty" doc:"Of a new one, default: made of the name" maxLength:"64"`
	Name               *string                 `json:"name,omitempty" doc:"Of a new one, default: the slug" maxLength:"200"`
	Key                *string                 `json:"key,omitempty" doc:"32 hexadecimal digits, with or without dashes. Of a new one, default: one that is made" maxLength:"64"`
	OldKeys            *[]string               `json:"oldKeys,omitempty" doc:"All of them"`
	Region             *string                 `json:"region,omitempty" doc:"us, us1, eu, jp, au; empty: every one" maxLength:"8"`
	SharedSecret       *string                 `json:"sharedSecret,omitempty" doc:"Of a new one, default: one that is made" maxLength:"256"`
	SignatureSecret    *string                 `json:"signatureSecret,omitempty" doc:"Of the sender: whsec_... of Standard Webhooks, or the secret of X-Signature" maxLength:"256"`
	CheckSignature     *bool                   `json:"checkSignature,omitempty"`
	AnonymousVisitors  *bool                   `json:"anonymousVisitors,omitempty"`
	AcceptIdentify     *bool                   `json:"acceptIdentify,omitempty" doc:"Of a new one, default: true"`
	AcceptGroup        *bool                   `json:"acceptGroup,omitempty" doc:"Of a new one, default: true"`
	AccountFromContext *bool                   `json:"accountFromContext,omitempty"`
	Retention          *workspace.AppRetention `json:"retention,omitempty" doc:"All of it; {}: as long as it can be. What is older is removed for good"`
}

func (f *AppFields) into(app *workspace.App) {
	set(&app.Slug, f.Slug)
	set(&app.Name, f.Name)
	set(&app.Key, f.Key)
	set(&app.OldKeys, f.OldKeys)
	set((*string)(&app.Region), f.Region)
	set((*string)(&app.SharedSecret), f.SharedSecret)
	set((*string)(&app.SignatureSecret), f.SignatureSecret)
	set(&app.CheckSignature, f.CheckSignature)
	set(&app.AnonymousVisitors, f.AnonymousVisitors)
	set(&app.AccountFromContext, f.AccountFromContext)
	given(&app.Retention, f.Retention)
	if f.AcceptIdentify != nil {
		app.IgnoreIdentify = !*f.AcceptIdentify
	}
	if f.AcceptGroup != nil {
		app.IgnoreGroup = !*f.AcceptGroup
	}
}

type createAppInput struct {
	Body AppFields
}

func (a *api) createApp(ctx context.Context, in *createAppInput) (*changed[App], error) {
	return a.appChanged(ctx, "create-app", true, func(e *workspace.Edit) (*workspace.App, error) {
		app := &workspace.App{}
		in.Body.into(app)
		if app.Slug == "" {
			app.Slug = workspace.FreeSlug(app.Name, "app", func(slug string) bool { return e.Now().AppBySlug(slug) != nil })
		}
		app.Name = cmp.Or(app.Name, app.Slug)
		return app, nil
	})
}

// copiedApp is an app that may be changed.
func copiedApp(e *workspace.Edit, slug string, seen *Seen) (*workspace.App, error) {
	app, err := appBySlug(e.Now(), slug)
	if err != nil {
		return nil, err
	}
	next := *app
	next.OldKeys = slices.Clone(app.OldKeys)
	return &next, seen.check(app.Revision)
}

type updateAppInput struct {
	AppInput
	Seen

	Body AppFields
}

func (a *api) updateApp(ctx context.Context, in *updateAppInput) (*changed[App], error) {
	return a.appChanged(ctx, "update-app", false, func(e *workspace.Edit) (*workspace.App, error) {
		app, err := copiedApp(e, in.App, &in.Seen)
		if err == nil {
			in.Body.into(app)
		}
		return app, err
	})
}

type deleteAppInput struct {
	AppInput
	Seen
}

func (a *api) deleteApp(ctx context.Context, in *deleteAppInput) (*struct{}, error) {
	_, err := a.edit(ctx, "delete-app", func(e *workspace.Edit) error {
		app, err := copiedApp(e, in.App, &in.Seen)
		if err != nil {
			return err
		}
		e.DeleteApp(app.ID)
		return nil
	})
	return nil, err
}

type rotateKeyInput struct {
	AppInput

	Body *struct {
		Key     string `json:"key,omitempty" doc:"Default: one that is made" maxLength:"64"`
		KeepOld bool   `json:"keepOld,omitempty" doc:"Still take the old one"`
	}
}

func (a *api) rotateKey(ctx context.Context, in *rotateKeyInput) (*changed[App], error) {
	key, keep := "", false
	if in.Body != nil {
		key, keep = in.Body.Key, in.Body.KeepOld
	}
	key = cmp.Or(key, workspace.NewAppKey())
	return a.appChanged(ctx, "rotate-app-key", false, func(e *workspace.Edit) (*workspace.App, error) {
		app, err := copiedApp(e, in.App, &Seen{})
		if err != nil {
			return nil, err
		}
		if keep {
			app.OldKeys = append([]string{app.Key}, app.OldKeys...)
		}
		app.OldKeys = slices.DeleteFunc(app.OldKeys, func(old string) bool { return workspace.NormalizeAppKey(old) == workspace.NormalizeAppKey(key) })
		app.Key = key
		return app, nil
	})
}

func (a *api) rotateSharedSecret(ctx context.Context, in *AppInput) (*changed[App], error) {
	secret := workspace.NewSharedSecret()
	return a.appChanged(ctx, "rotate-shared-secret", true, func(e *workspace.Edit) (*workspace.App, error) {
		app, err := copiedApp(e, in.App, &Seen{})
		if err == nil {
			app.SharedSecret = secret
		}
		return app, err
	})
}

// UnknownKey is a key, or a shared secret, that belongs to no app here.
type UnknownKey struct {
	Key       string    `json:"key" doc:"Of a shared secret, its first characters"`
	Reason    string    `json:"reason" enum:"unknown_key,wrong_region,unknown_secret"`
	App       string    `json:"app,omitempty" doc:"Slug of the app that it belongs to, in another region, or whose key was sent as a secret"`
	Via       string    `json:"via" doc:"The way that the last one came: segmentio, track, agent, guide, script"`
	Count     int64     `json:"count" doc:"Requests since the server began"`
	Remote    string    `json:"remote" doc:"Address of the last sender"`
	Agent     string    `json:"agent" doc:"User-Agent of the last sender"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

func (a *api) unknownKeys(context.Context, *struct{}) (*data[[]UnknownKey], error) {
	return answer(append([]UnknownKey{}, a.Inbox.UnknownKeys()...)), nil
}
