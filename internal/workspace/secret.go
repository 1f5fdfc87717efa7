package workspace

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/destination"
)

// EachSecret returns the value of an entry of the bucket in which each secret is what replace makes of it. Secrets are the fields of the type Secret, and those settings of a destination that its
// definition calls passwords; of a type that the catalog does not have, each setting is one. The path of a secret is that in the entry, as in settings.sharedSecret, and
// secret is its JSON. A value without secrets comes back as it is.
func EachSecret(catalog Catalog, key string, value []byte, replace func(path string, secret []byte) ([]byte, error)) ([]byte, error) {
	k, _, ok := splitKey(key)
	fields := secretFields(k)
	if !ok || len(value) == 0 || len(fields) == 0 && k != kindDestination {
		return value, nil
	}
	typ, ok := typeOf(value)
	if !ok {
		return value, nil // it is no resource, and nothing reads it as one
	}
	var failed error
	out := object(func(yield func(string, jsontext.Value) bool) {
		for name, member := range members(value) {
			switch {
			case k == kindDestination && name == settingsName:
				member, failed = eachSecret(lookup(catalog, typ), member, replace)
			case fields[name]:
				member, failed = replace(name, member)
			}
			if failed != nil || !yield(name, member) {
				return
			}
		}
	})
	if failed != nil {
		return nil, failed
	}
	return out, nil
}

// typeOf is the type of a destination, empty for other resources; ok is false for what is no resource.
func typeOf(value []byte) (typ string, ok bool) {
	var head struct {
		Type string `json:"type"`
	}
	ok = jsontext.Value(value).Kind() == '{' && json.Unmarshal(value, &head) == nil
	return head.Type, ok
}

// secretFields are the members of an entry that are of the type Secret.
func secretFields(k kind) map[string]bool {
	resources := map[kind]reflect.Type{
		kindApp: reflect.TypeFor[App](), kindSource: reflect.TypeFor[Source](), kindDestination: reflect.TypeFor[Destination](),
		kindMapping: reflect.TypeFor[Mapping](), kindLabel: reflect.TypeFor[Label](),
	}
	fields := map[string]bool{}
	if t := resources[k]; t != nil {
		for f := range t.Fields() {
			if f.Type == reflect.TypeFor[Secret]() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fields[name] = true
			}
		}
	}
	return fields
}

// settingsName is the member of a destination that its secrets are in.
const settingsName = "settings"

func eachSecret(typ *destinationType, settings jsontext.Value, replace func(path string, secret []byte) ([]byte, error)) (jsontext.Value, error) {
	out, err := typ.eachSecret(json.RawMessage(settings), func(name string, secret jsontext.Value) (jsontext.Value, error) {
		return replace(settingsName+"."+name, secret)
	})
	return jsontext.Value(out), err
}

// eachSecret returns settings in which each secret is what replace makes of it; of a type that is not known, each setting is one.
func (t *destinationType) eachSecret(settings json.RawMessage, replace func(name string, secret jsontext.Value) (jsontext.Value, error)) (json.RawMessage, error) {
	var failed error
	out := object(func(yield func(string, jsontext.Value) bool) {
		for name, v := range members(jsontext.Value(settings)) {
			if t == nil || t.secrets[name] {
				if v, failed = replace(name, v); failed != nil {
					return
				}
			}
			if !yield(name, v) {
				return
			}
		}
	})
	return out, failed
}

// MaskEntry is the value of an entry as it may be shown.
func MaskEntry(catalog Catalog, key string, value []byte) ([]byte, error) {
	return EachSecret(catalog, key, value, func(_ string, secret []byte) ([]byte, error) { return maskValue(secret, destination.MaskSecret), nil })
}

// Describe says what an entry of the bucket is: the kind of its resource in the singular, its id, and the name that people know it by. ok is false where the key is of another form.
func Describe(key string, value []byte) (kindName, id, name string, ok bool) { //nolint:revive // the four go together
	k, id, ok := splitKey(key)
	if !ok {
		return "", "", "", false
	}
	var head struct {
		Slug string `json:"slug"`
		Name string `json:"name"`
	}
	if len(value) > 0 && json.Unmarshal(value, &head) != nil {
		head.Slug, head.Name = "", ""
	}
	return strings.TrimSuffix(string(k), "s"), id, cmp.Or(head.Slug, head.Name), true
}
