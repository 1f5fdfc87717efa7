package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"penstock/destinations"
	"penstock/internal/destination"
	"penstock/internal/workspace"
)

type presetCommand struct {
	client

	Preset string            `arg:"" optional:"" help:"Slug of the preset; without it, the presets are listed with what they ask for."`
	With   map[string]string `placeholder:"KEY=VALUE" help:"What the preset asks for, as in --with region=eu."`
	Source string            `placeholder:"SLUG" help:"Source whose events are delivered."`
	Slug   string            `placeholder:"SLUG" help:"Slug of the destination. Default: the preset's."`
	Name   string            `placeholder:"NAME" help:"Name of the destination and its mapping. Default: the preset's."`
	Apply  bool              `help:"Apply it to the server, instead of printing it."`
}

func (c *presetCommand) Run(ctx context.Context, sys *System) error {
	p := printer{sys.Stdout}
	if c.Preset == "" {
		for _, d := range destinations.Catalog() {
			for i := range d.Definition().Presets {
				p.preset(d.Definition(), &d.Definition().Presets[i])
			}
		}
		return nil
	}
	d, preset := findPreset(c.Preset)
	if preset == nil {
		return fmt.Errorf("there is no preset %q; `penstock preset` lists them", c.Preset)
	}
	if c.Source == "" {
		return errors.New("say with --source whose events are delivered: the slug of a source")
	}
	file, err := workspace.FromPreset(d.Slug, preset, workspace.PresetOptions{Source: c.Source, Slug: c.Slug, Name: c.Name, Inputs: c.With})
	if err != nil {
		return err
	}
	text, err := file.YAML()
	if err != nil {
		return err
	}
	if c.Apply {
		_, err := c.apply(ctx, sys, text, applyMode{})
		return err
	}
	_, err = sys.Stdout.Write(text)
	return err
}

func findPreset(slug string) (*destination.Definition, *destination.Preset) {
	for _, d := range destinations.Catalog() {
		if preset := d.Definition().Preset(slug); preset != nil {
			return d.Definition(), preset
		}
	}
	return nil, nil
}

func (p printer) preset(d *destination.Definition, preset *destination.Preset) {
	p.line("%s: %s, through %s", preset.Slug, preset.Name, d.Name)
	p.line("  %s", preset.Description)
	for _, in := range preset.Inputs {
		values := make([]string, len(in.Choices))
		for i, choice := range in.Choices {
			values[i] = choice.Value
		}
		choices := ""
		if len(values) > 0 {
			choices = " One of " + strings.Join(values, ", ") + "."
		}
		p.line("  --with %s=...  %s: %s%s", in.Key, in.Label, in.Description, choices)
	}
}
