package publicapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/workspace"
)

// schemaDefaults are the settings of a source that nobody has changed: every event is let through. What a tracking plan would enforce has no effect here, where
// there are none; the settings are kept.
const schemaDefaults = `{"track":{"allowUnplannedEvents":true,"allowUnplannedEventProperties":true,"allowEventOnViolations":true,"allowPropertiesOnViolations":true,"commonEventOnViolations":"ALLOW"},` +
	`"identify":{"allowUnplannedTraits":true,"allowTraitsOnViolations":true,"commonEventOnViolations":"ALLOW"},` +
	`"group":{"allowUnplannedTraits":true,"allowTraitsOnViolations":true,"commonEventOnViolations":"ALLOW"}}`

// trackSettings and traitSettings are what may be set; absent stays.
type trackSettings struct {
	AllowUnplannedEvents          *bool   `json:"allowUnplannedEvents,omitempty"`
	AllowUnplannedEventProperties *bool   `json:"allowUnplannedEventProperties,omitempty"`
	AllowEventOnViolations        *bool   `json:"allowEventOnViolations,omitempty"`
	AllowPropertiesOnViolations   *bool   `json:"allowPropertiesOnViolations,omitempty"`
	CommonEventOnViolations       *string `json:"commonEventOnViolations,omitempty"`
}

type traitSettings struct {
	AllowUnplannedTraits    *bool   `json:"allowUnplannedTraits,omitempty"`
	AllowTraitsOnViolations *bool   `json:"allowTraitsOnViolations,omitempty"`
	CommonEventOnViolations *string `json:"commonEventOnViolations,omitempty"`
}

func schemaOf(s *workspace.Source) json.RawMessage {
	return deepMerge(json.RawMessage(schemaDefaults), s.Schema)
}

// deepMerge merges two objects of objects.
func deepMerge(base, patch json.RawMessage) json.RawMessage {
	var was, changes map[string]json.RawMessage
	if json.Unmarshal(base, &was) != nil || len(patch) == 0 || json.Unmarshal(patch, &changes) != nil {
		return base
	}
	for name, v := range changes {
		if inner, ok := was[name]; ok && len(v) > 0 && v[0] == '{' {
			changes[name] = workspace.MergeObject(inner, v)
		}
	}
	out, err := json.Marshal(changes)
	if err != nil {
		return base
	}
	return workspace.MergeObject(base, out)
}

func (a *api) schemaSettings(c *call) (result, error) {
	s := a.Workspace.Snapshot().Source(c.PathValue("id"))
	if s == nil {
		return nil, notFound("Source")
	}
	return result{"sourceId": s.ID, "settings": schemaOf(s)}, nil
}

func (a *api) updateSchemaSettings(c *call) (result, error) {
	patch, err := schemaPatch(c.body)
	if err != nil {
		return nil, err
	}
	s, err := a.putSource(c, func(_ *workspace.Edit, s *workspace.Source) error {
		s.Schema = deepMerge(schemaOf(s), patch)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result{"sourceId": s.ID, "settings": schemaOf(s)}, nil
}

// schemaPatch reads what is to change of the settings; what is not known is left out.
func schemaPatch(b body) (json.RawMessage, error) {
	patch := map[string]any{}
	track, err := take[trackSettings](b, "track")
	if err != nil {
		return nil, err
	}
	if track != nil {
		patch["track"] = track
		if err := violation("track", track.CommonEventOnViolations, "PROPERTIES"); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"identify", "group"} {
		traits, err := take[traitSettings](b, name)
		if err != nil {
			return nil, err
		}
		if traits == nil {
			continue
		}
		patch[name] = traits
		if err := violation(name, traits.CommonEventOnViolations, "TRAITS"); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"forwardingViolationsTo", "forwardingBlockedEventsTo"} {
		id, err := take[string](b, name)
		if err != nil {
			return nil, err
		}
		if id != nil {
			patch[name] = id
		}
	}
	out, err := json.Marshal(patch)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return out, nil
}

func violation(group string, given *string, omits string) error {
	allowed := []string{"ALLOW", "BLOCK", "OMIT_" + omits}
	if given == nil || slices.Contains(allowed, *given) {
		return nil
	}
	name := group + ".commonEventOnViolations"
	return invalid(name, "%q must be one of [%s]", name, strings.Join(allowed, ", "))
}
