package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) sourceRoutes(h huma.API) {
	huma.Register(h, get("list-source-types", "/api/source-types", "List the types of sources", "The libraries whose events can be taken. A type describes a source; it does not restrict it."), a.sourceTypes)
	huma.Register(h, get("list-sources", "/api/sources", "List the sources", ""), a.sources)
	op := get("get-source", "/api/sources/{source}", "Show a source", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.oneSource)
	huma.Register(h, changing(http.MethodPost, "create-source", "/api/sources", "Make a source", "It is given a slug, made of its name, and a write key, when it has none."), a.createSource)
	huma.Register(h, changing(http.MethodPatch, "update-source", "/api/sources/{source}", "Change a source", "What is not given stays. Off, it takes no events, and nothing of it is delivered."), a.updateSource)
	huma.Register(h, changing(http.MethodDelete, "delete-source", "/api/sources/{source}", "Delete a source", "Its destinations and their mappings go with it."), a.deleteSource)
	huma.Register(h, changing(http.MethodPost, "add-write-key", "/api/sources/{source}/write-keys", "Add a write key to a source", "One is made when none is given."), a.addWriteKey)
	op = changing(http.MethodDelete, "remove-write-key", "/api/sources/{source}/write-keys/{key}", "Take a write key from a source", "What comes with it is refused from then on. The last one stays.")
	op.DefaultStatus = http.StatusOK
	huma.Register(h, op, a.removeWriteKey)

	huma.Register(h, get("list-labels", "/api/labels", "List the labels", "What sources can be marked with."), a.labels)
	huma.Register(h, changing(http.MethodPost, "create-label", "/api/labels", "Make a label", "One that is there already gets the description."), a.createLabel)
	huma.Register(h, changing(http.MethodDelete, "delete-label", "/api/labels/{key}/{value}", "Delete a label", "It is taken from the sources that are marked with it."), a.deleteLabel)
}

// SourceType is an entry of the catalog of sources.
type SourceType struct {
	ID       string `json:"id"`
	Slug     string `json:"slug" doc:"What the type of a source is set to"`
	Name     string `json:"name"`
	Category string `json:"category" doc:"Website, Server or Mobile"`
}

func (a *api) sourceTypes(context.Context, *struct{}) (*data[[]SourceType], error) {
	out := []SourceType{}
	for _, k := range workspace.SourceKinds() {
		out = append(out, SourceType{ID: k.ID, Slug: string(k.Slug), Name: k.Name, Category: k.Category})
	}
	return answer(out), nil
}

// Source is a source as it is shown.
type Source struct {
	ID           string               `json:"id"`
	Slug         string               `json:"slug"`
	Name         string               `json:"name"`
	Type         string               `json:"type" doc:"Slug of a source type"`
	Enabled      bool                 `json:"enabled"`
	WriteKeys    []string             `json:"writeKeys" nullable:"false" doc:"Public: they let send, never read"`
	Labels       []workspace.LabelRef `json:"labels" nullable:"false"`
	Destinations []string             `json:"destinations" nullable:"false" doc:"Slugs"`
	Retention    *workspace.Retention `json:"retention,omitempty" doc:"How long the log keeps its events; absent, or a part of it: as the server says"`
	Revision     uint64               `json:"revision" doc:"Of its entry; what If-Match is given"`
}

func shownSource(now *workspace.Snapshot, s *workspace.Source) Source {
	out := Source{
		ID: s.ID, Slug: s.Slug, Name: s.Name, Type: string(s.Type), Enabled: s.Enabled, Revision: s.Revision,
		WriteKeys: s.WriteKeys, Labels: append([]workspace.LabelRef{}, s.Labels...), Destinations: []string{}, Retention: s.Retention,
	}
	for _, d := range now.DestinationsOfSource(s.ID) {
		out.Destinations = append(out.Destinations, d.Slug)
	}
	return out
}

func (a *api) sources(context.Context, *struct{}) (*data[[]Source], error) {
	now, out := a.Workspace.Snapshot(), []Source{}
	for _, s := range now.Sources() {
		out = append(out, shownSource(now, s))
	}
	return answer(out), nil
}

// SourceInput names a source.
type SourceInput struct {
	Source string `path:"source" doc:"Slug of the source" maxLength:"64"`
}

func sourceBySlug(now *workspace.Snapshot, slug string) (*workspace.Source, error) {
	if s := now.SourceBySlug(slug); s != nil {
		return s, nil
	}
	return nil, huma.Error404NotFound(fmt.Sprintf("there is no source %q; GET /api/sources lists them", slug))
}

func (a *api) oneSource(_ context.Context, in *SourceInput) (*data[Source], error) {
	now := a.Workspace.Snapshot()
	s, err := sourceBySlug(now, in.Source)
	if err != nil {
		return nil, err
	}
	return answer(shownSource(now, s)), nil
}

// sourceChanged changes the workspace and answers with a source.
func (a *api) sourceChanged(ctx context.Context, operation string, edit func(*workspace.Edit) (*workspace.Source, error)) (*changed[Source], error) {
	var id string
	plan, err := a.edit(ctx, operation, func(e *workspace.Edit) error {
		s, err := edit(e)
		if err != nil {
			return err
		}
		e.PutSource(s)
		id = s.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	now := a.Workspace.Snapshot()
	s := now.Source(id)
	if s == nil {
		return nil, gone()
	}
	out := &changed[Source]{}
	out.Body.Data, out.Body.Warnings = shownSource(now, s), append([]workspace.PlanWarning{}, plan.Warnings...)
	return out, nil
}

type createSourceInput struct {
	Body struct {
		Slug      string               `json:"slug,omitempty" doc:"Default: made of the name" maxLength:"64"`
		Name      string               `json:"name,omitempty" doc:"Default: the slug" maxLength:"200"`
		Type      string               `json:"type" doc:"Slug of a source type, as GET /api/source-types lists them"`
		Enabled   *bool                `json:"enabled,omitempty" doc:"Default: true"`
		WriteKeys []string             `json:"writeKeys,omitempty" doc:"Default: one that is made"`
		Labels    []workspace.LabelRef `json:"labels,omitempty"`
		Retention *workspace.Retention `json:"retention,omitempty" doc:"How long the log keeps its events; default: as the server says"`
	}
}

func (a *api) createSource(ctx context.Context, in *createSourceInput) (*changed[Source], error) {
	return a.sourceChanged(ctx, "create-source", func(e *workspace.Edit) (*workspace.Source, error) {
		s := &workspace.Source{Slug: in.Body.Slug, Name: in.Body.Name, Type: workspace.SourceType(in.Body.Type), Enabled: true, WriteKeys: in.Body.WriteKeys, Labels: in.Body.Labels, Retention: in.Body.Retention}
		set(&s.Enabled, in.Body.Enabled)
		if s.Slug == "" {
			s.Slug = workspace.FreeSlug(s.Name, "source", func(slug string) bool { return e.Now().SourceBySlug(slug) != nil })
		}
		s.Name = cmp.Or(s.Name, s.Slug)
		if len(s.WriteKeys) == 0 {
			s.WriteKeys = []string{workspace.NewWriteKey()}
		}
		return s, nil
	})
}

type updateSourceInput struct {
	SourceInput
	Seen

	Body struct {
		Slug      *string               `json:"slug,omitempty" maxLength:"64"`
		Name      *string               `json:"name,omitempty" maxLength:"200"`
		Type      *string               `json:"type,omitempty" doc:"Slug of a source type"`
		Enabled   *bool                 `json:"enabled,omitempty"`
		Labels    *[]workspace.LabelRef `json:"labels,omitempty" doc:"All of them"`
		Retention *workspace.Retention  `json:"retention,omitempty" doc:"All of it; {}: as the server says. What is older than it allows is removed for good"`
	}
}

// copied is a source that may be changed.
func copied(e *workspace.Edit, slug string, seen *Seen) (*workspace.Source, error) {
	s, err := sourceBySlug(e.Now(), slug)
	if err != nil {
		return nil, err
	}
	next := *s
	next.WriteKeys, next.Labels = slices.Clone(s.WriteKeys), slices.Clone(s.Labels)
	return &next, seen.check(s.Revision)
}

func (a *api) updateSource(ctx context.Context, in *updateSourceInput) (*changed[Source], error) {
	return a.sourceChanged(ctx, "update-source", func(e *workspace.Edit) (*workspace.Source, error) {
		s, err := copied(e, in.Source, &in.Seen)
		if err != nil {
			return nil, err
		}
		set(&s.Slug, in.Body.Slug)
		set(&s.Name, in.Body.Name)
		set((*string)(&s.Type), in.Body.Type)
		set(&s.Enabled, in.Body.Enabled)
		set(&s.Labels, in.Body.Labels)
		given(&s.Retention, in.Body.Retention)
		return s, nil
	})
}

type deleteSourceInput struct {
	SourceInput
	Seen
}

func (a *api) deleteSource(ctx context.Context, in *deleteSourceInput) (*struct{}, error) {
	_, err := a.edit(ctx, "delete-source", func(e *workspace.Edit) error {
		s, err := copied(e, in.Source, &in.Seen)
		if err != nil {
			return err
		}
		e.DeleteSource(s.ID)
		return nil
	})
	return nil, err
}

type addWriteKeyInput struct {
	SourceInput

	Body struct {
		Key string `json:"key,omitempty" doc:"Default: one that is made" maxLength:"128"`
	} `required:"false"`
}

func (a *api) addWriteKey(ctx context.Context, in *addWriteKeyInput) (*changed[Source], error) {
	key := cmp.Or(in.Body.Key, workspace.NewWriteKey())
	return a.sourceChanged(ctx, "add-write-key", func(e *workspace.Edit) (*workspace.Source, error) {
		s, err := copied(e, in.Source, &Seen{})
		if err != nil {
			return nil, err
		}
		s.WriteKeys = append(s.WriteKeys, key)
		return s, nil
	})
}

type removeWriteKeyInput struct {
	SourceInput

	Key string `path:"key" maxLength:"128"`
}

func (a *api) removeWriteKey(ctx context.Context, in *removeWriteKeyInput) (*changed[Source], error) {
	return a.sourceChanged(ctx, "remove-write-key", func(e *workspace.Edit) (*workspace.Source, error) {
		s, err := copied(e, in.Source, &Seen{})
		if err != nil {
			return nil, err
		}
		if !slices.Contains(s.WriteKeys, in.Key) {
			return nil, huma.Error404NotFound(fmt.Sprintf("the source %q has no such write key", in.Source))
		}
		s.WriteKeys = slices.DeleteFunc(s.WriteKeys, func(key string) bool { return key == in.Key })
		return s, nil
	})
}

// Label is a label as it is shown.
type Label struct {
	Key         string `json:"key" minLength:"1" maxLength:"100"`
	Value       string `json:"value" minLength:"1" maxLength:"100"`
	Description string `json:"description,omitempty" maxLength:"1000"`
}

func (a *api) labels(context.Context, *struct{}) (*data[[]Label], error) {
	out := []Label{}
	for _, l := range a.Workspace.Snapshot().Labels() {
		out = append(out, Label{Key: l.Key, Value: l.Value, Description: l.Description})
	}
	return answer(out), nil
}

type createLabelInput struct {
	Body Label
}

func (a *api) createLabel(ctx context.Context, in *createLabelInput) (*data[Label], error) {
	_, err := a.edit(ctx, "create-label", func(e *workspace.Edit) error {
		e.PutLabel(&workspace.Label{Key: in.Body.Key, Value: in.Body.Value, Description: in.Body.Description})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(in.Body), nil
}

type deleteLabelInput struct {
	Key   string `path:"key" maxLength:"100"`
	Value string `path:"value" maxLength:"100"`
}

func (a *api) deleteLabel(ctx context.Context, in *deleteLabelInput) (*struct{}, error) {
	ref := workspace.LabelRef{Key: in.Key, Value: in.Value}
	_, err := a.edit(ctx, "delete-label", func(e *workspace.Edit) error {
		if e.Now().Label(ref) == nil {
			return huma.Error404NotFound(fmt.Sprintf("there is no label %q; GET /api/labels lists them", ref))
		}
		e.DeleteLabel(ref)
		return nil
	})
	return nil, err
}
