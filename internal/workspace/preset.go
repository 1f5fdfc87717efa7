package workspace

import (
	"cmp"

	"penstock/internal/destination"
)

// PresetOptions says what a destination made of a preset is called, and where its events come from.
type PresetOptions struct {
	Source string            // slug
	Slug   string            // default: the preset's
	Name   string            // of the destination and its mapping; default: the preset's
	Inputs map[string]string // what the preset asks for
}

// FromPreset makes a file with one destination, which has one mapping, that of the preset, both switched on. It changes nothing until it is applied.
func FromPreset(typ string, preset *destination.Preset, opts PresetOptions) (*File, error) {
	spec, err := preset.Fill(opts.Inputs)
	if err != nil {
		return nil, err
	}
	on := true
	name := escape(cmp.Or(opts.Name, preset.Name))
	return &File{Destinations: []FileDestination{{
		Slug: cmp.Or(opts.Slug, preset.Slug), Name: name, Source: opts.Source, Type: typ, Enabled: &on,
		Mappings: []FileMapping{{Name: name, Action: spec.Action, Enabled: &on, Trigger: spec.Trigger, Fields: spec.Fields}},
	}}}, nil
}
