package publicapi

import (
	"encoding/json"
	"strings"

	"penstock/internal/destination"
	"penstock/internal/workspace"
)

func catalogRoutes() []route {
	return []route{
		reads("/catalog/sources", (*api).sourcesCatalog),
		reads("/catalog/sources/{id}", (*api).sourceMetadata),
		reads("/catalog/destinations", (*api).destinationsCatalog),
		reads("/catalog/destinations/{id}", (*api).destinationMetadata),
		reads("/catalog/warehouses", (*api).warehousesCatalog),
		reads("/catalog/warehouses/{id}", (*api).warehouseMetadata),
	}
}

type logos struct {
	Default string  `json:"default"`
	Mark    *string `json:"mark"`
	Alt     *string `json:"alt"`
}

type option struct {
	Name         string          `json:"name"`
	Type         string          `json:"type"`
	Required     bool            `json:"required"`
	Label        string          `json:"label"`
	Description  string          `json:"description"`
	DefaultValue json.RawMessage `json:"defaultValue,omitempty"`
}

type sourceMetadata struct {
	ID                 string   `json:"id"`
	Slug               string   `json:"slug"`
	Name               string   `json:"name"`
	Description        string   `json:"description"`
	Logos              logos    `json:"logos"`
	Options            []option `json:"options"`
	Categories         []string `json:"categories"`
	IsCloudEventSource bool     `json:"isCloudEventSource"`
	Status             string   `json:"status"`
	PartnerOwned       bool     `json:"partnerOwned"`
}

func metadataOfSource(k workspace.SourceKind) sourceMetadata {
	return sourceMetadata{
		ID: k.ID, Slug: string(k.Slug), Name: k.Name, Description: k.Name + " library source", Options: []option{}, Categories: []string{k.Category}, Status: "PUBLIC",
	}
}

func (a *api) sourcesCatalog(c *call) (result, error) {
	var all []sourceMetadata
	for _, k := range workspace.SourceKinds() {
		all = append(all, metadataOfSource(k))
	}
	return paged(c, "sourcesCatalog", all)
}

// sourceKind finds an entry of the catalog of sources.
func sourceKind(id string) (workspace.SourceKind, bool) {
	for _, k := range workspace.SourceKinds() {
		if k.ID == id {
			return k, true
		}
	}
	return workspace.SourceKind{}, false
}

func (a *api) sourceMetadata(c *call) (result, error) {
	k, ok := sourceKind(c.PathValue("id"))
	if !ok {
		return nil, notFound("Source metadata")
	}
	return result{"sourceMetadata": metadataOfSource(k)}, nil
}

func (a *api) warehousesCatalog(c *call) (result, error) {
	return paged(c, "warehousesCatalog", []string{})
}

func (a *api) warehouseMetadata(*call) (result, error) { return nil, notFound("Warehouse metadata") }

type choice struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type field struct {
	ID           string          `json:"id"`
	SortOrder    int             `json:"sortOrder"`
	FieldKey     string          `json:"fieldKey"`
	Label        string          `json:"label"`
	Type         string          `json:"type"`
	Description  string          `json:"description"`
	Placeholder  string          `json:"placeholder"`
	DefaultValue json.RawMessage `json:"defaultValue,omitempty"`
	Required     bool            `json:"required"`
	Multiple     bool            `json:"multiple"`
	Choices      []choice        `json:"choices"`
	Dynamic      bool            `json:"dynamic"`
	AllowNull    bool            `json:"allowNull"`
	Hidden       bool            `json:"hidden"`
}

type action struct {
	ID             string  `json:"id"`
	Slug           string  `json:"slug"`
	Name           string  `json:"name"`
	Description    string  `json:"description"`
	Platform       string  `json:"platform"`
	Hidden         bool    `json:"hidden"`
	DefaultTrigger *string `json:"defaultTrigger"`
	Fields         []field `json:"fields"`
}

type preset struct {
	ActionID string          `json:"actionId"`
	Name     string          `json:"name"`
	Fields   json.RawMessage `json:"fields"`
	Trigger  string          `json:"trigger"`
}

type destinationMetadata struct {
	ID                 string          `json:"id"`
	Name               string          `json:"name"`
	Slug               string          `json:"slug"`
	Description        string          `json:"description"`
	Logos              logos           `json:"logos"`
	Options            []option        `json:"options"`
	Status             string          `json:"status"`
	PreviousNames      []string        `json:"previousNames"`
	Categories         []string        `json:"categories"`
	Website            string          `json:"website"`
	Components         []string        `json:"components"`
	SupportedFeatures  map[string]any  `json:"supportedFeatures"`
	SupportedMethods   map[string]bool `json:"supportedMethods"`
	SupportedPlatforms map[string]bool `json:"supportedPlatforms"`
	Actions            []action        `json:"actions"`
	Presets            []preset        `json:"presets"`
	PartnerOwned       bool            `json:"partnerOwned"`
	SupportedRegions   []string        `json:"supportedRegions"`
	RegionEndpoints    []string        `json:"regionEndpoints"`
}

// entry is a destination of the catalog, and what clients are told of it.
type entry struct {
	definition *destination.Definition
	metadata   destinationMetadata
}

// catalog is the destinations, in their order. It is made once, so that every answer tells the same.
type catalog []*entry

func newCatalog(all []destination.Destination) catalog {
	var out catalog
	for _, d := range all {
		out = append(out, &entry{d.Definition(), metadataOf(d.Definition())})
	}
	return out
}

// byID finds an entry by its id in the catalog, bySlug by the type of destinations; nil: there is none.
func (c catalog) byID(id string) *entry {
	for _, e := range c {
		if e.metadata.ID == id {
			return e
		}
	}
	return nil
}

func (c catalog) bySlug(slug string) *entry {
	for _, e := range c {
		if e.definition.Slug == slug {
			return e
		}
	}
	return nil
}

// action finds an action by its id; nil: there is none.
func (e *entry) action(id string) *action {
	for i := range e.metadata.Actions {
		if e.metadata.Actions[i].ID == id {
			return &e.metadata.Actions[i]
		}
	}
	return nil
}

// actionID is the id of an action that a mapping names.
func (e *entry) actionID(slug string) string {
	for i := range e.metadata.Actions {
		if e.metadata.Actions[i].Slug == slug {
			return e.metadata.Actions[i].ID
		}
	}
	return ""
}

func (a *api) destinationsCatalog(c *call) (result, error) {
	var all []destinationMetadata
	for _, e := range a.catalog {
		all = append(all, e.metadata)
	}
	return paged(c, "destinationsCatalog", all)
}

func (a *api) destinationMetadata(c *call) (result, error) {
	e := a.catalog.byID(c.PathValue("id"))
	if e == nil {
		return nil, notFound("Destination metadata")
	}
	return result{"destinationMetadata": e.metadata}, nil
}

// metadataOf tells a definition in the words of the catalog.
func metadataOf(d *destination.Definition) destinationMetadata {
	listing := d.Catalog
	if listing == nil {
		listing = &destination.Listing{Platforms: []string{"server"}}
	}
	device := d.Mode == "device"
	m := destinationMetadata{
		ID: orStable(listing.ID, "destination "+d.Slug, workspace.StableHexID), Name: d.Name, Slug: d.Slug, Description: d.Description, Options: []option{}, Status: "PUBLIC",
		PreviousNames: append([]string{}, listing.PreviousNames...), Categories: append([]string{}, listing.Categories...), Website: listing.Website,
		Components: []string{}, PartnerOwned: listing.PartnerOwned, Presets: []preset{}, Actions: []action{},
		SupportedFeatures: map[string]any{
			"cloudModeInstances": either(device, "NONE", "MULTIPLE"), "deviceModeInstances": either(device, "SINGLE", "NONE"),
			"replay": false, "browserUnbundling": false, "browserUnbundlingPublic": false,
		},
		SupportedMethods:   map[string]bool{"pageview": true, "identify": true, "alias": true, "track": true, "group": true},
		SupportedPlatforms: map[string]bool{"browser": false, "server": false, "mobile": false, "warehouse": false, "cloudAppObject": false, "linkedAudiences": false},
		SupportedRegions:   append([]string{}, listing.Regions...), RegionEndpoints: append([]string{}, listing.RegionEndpoints...),
	}
	if listing.Status != "" {
		m.Status = listing.Status
	}
	for _, platform := range listing.Platforms {
		m.SupportedPlatforms[platform] = true
	}
	for i := range d.Settings {
		f := &d.Settings[i]
		m.Options = append(m.Options, option{Name: f.Key, Type: optionType(f), Required: f.Required, Label: f.Label, Description: f.Description, DefaultValue: defaultOf(f)})
	}
	for i := range d.Actions {
		m.Actions = append(m.Actions, actionOf(d, &d.Actions[i], either(device, "WEB", "CLOUD")))
	}
	for i := range d.Presets {
		if p := &d.Presets[i]; len(p.Inputs) == 0 { // those that ask for something are this server's own
			e := entry{metadata: m}
			m.Presets = append(m.Presets, preset{ActionID: e.actionID(p.Action), Name: p.Name, Fields: p.Fields, Trigger: p.Trigger})
		}
	}
	return m
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// orStable is an id, or one that is made of a name where there is none.
func orStable(id, name string, made func(string) string) string {
	if id != "" {
		return id
	}
	return made(name)
}

func optionType(f *destination.Field) string {
	switch {
	case len(f.Choices) > 0:
		return "select"
	case f.Multiple:
		return "array"
	case f.Type == destination.TypeObject:
		return "map"
	}
	return string(f.Type)
}

// defaultOf is the value that an option has when nobody has set it.
func defaultOf(f *destination.Field) json.RawMessage {
	switch {
	case len(f.Default) > 0:
		return f.Default
	case f.Multiple:
		return json.RawMessage(`[]`)
	}
	switch f.Type {
	case destination.TypeString, destination.TypePassword:
		return json.RawMessage(`""`)
	case destination.TypeBoolean:
		return json.RawMessage(`false`)
	case destination.TypeObject:
		return json.RawMessage(`{}`)
	case destination.TypeNumber:
	}
	return nil
}

func actionOf(d *destination.Definition, in *destination.Action, platform string) action {
	out := action{
		ID: orStable(in.ID, "action "+d.Slug+" "+in.Slug, workspace.StableID), Slug: in.Slug, Name: in.Name, Description: in.Description, Platform: platform, Fields: []field{},
	}
	if in.DefaultTrigger != "" {
		out.DefaultTrigger = &in.DefaultTrigger
	}
	for i := range in.Fields {
		f := &in.Fields[i]
		shown := field{
			ID: orStable(f.ID, "field "+d.Slug+" "+in.Slug+" "+f.Key, workspace.StableID), SortOrder: i, FieldKey: f.Key, Label: f.Label, Type: strings.ToUpper(string(f.Type)),
			Description: f.Description, DefaultValue: f.Default, Required: f.Required, Multiple: f.Multiple, Hidden: f.Hidden,
		}
		for _, c := range f.Choices {
			shown.Choices = append(shown.Choices, choice{Label: c.Label, Value: c.Value})
		}
		out.Fields = append(out.Fields, shown)
	}
	return out
}
