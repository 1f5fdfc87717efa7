package workspace

import (
	"cmp"
	"encoding/json"
)

// PutApp makes or replaces an app. One without an id is given one. A key or a shared secret that is left out, and a secret that is Masked, stay what they were;
// where there was none, a key and a shared secret are made.
func (e *Edit) PutApp(next *App) { e.putApp("", next) }

func (e *Edit) putApp(at pointer, next *App) {
	e.slug(at.field("slug"), next.Slug)
	e.name(at.field("name"), next.Name)
	e.claim(at.field("slug"), "slug of an app", next.Slug, "another app")
	if next.Region != "" && next.Region.DataHost() == "" {
		e.add(at.field("region"), "there is no region %q; want us, us1, eu, jp or au, or leave it out", next.Region)
	}
	if r := next.Retention; r != nil && (r.Months < 0 || r.Months > AppMonthsMax) {
		e.add(at.field("retention").field("months"), "%d is not a number of months to keep what an app received; want 1 to %d", r.Months, AppMonthsMax)
	}
	old := e.now.App(next.ID)
	if next.ID == "" {
		next.ID = NewID()
	}
	before := old
	if before == nil {
		before = &App{}
	}
	e.appKeys(at, before, next)
	e.sharedSecret(at.field("sharedSecret"), before, next)
	e.signatureSecret(at, before, next)
	change := Change{Kind: "app", Name: next.Slug, key: kindApp.key(next.ID), Fields: before.secretsChanged(next)}
	put(e, change, old, next, func(a *App) any { return fileApp(a) })
	e.next.apps[next.ID] = next
}

func (e *Edit) appKeys(at pointer, before, next *App) {
	next.Key = cmp.Or(next.Key, before.Key)
	if next.Key == "" {
		next.Key = NewAppKey()
	}
	e.appKey(at.field("key"), next.Key, next)
	if len(next.OldKeys) > oldKeysMax {
		e.add(at.field("oldKeys"), "an app has at most %d old keys; this one has %d", oldKeysMax, len(next.OldKeys))
	}
	for i, key := range next.OldKeys {
		e.appKey(at.field("oldKeys").item(i), key, next)
	}
}

func (e *Edit) appKey(at pointer, key string, next *App) {
	if !isAppKey(key) {
		e.add(at, "%q is not an app key; want 32 hex digits, with or without dashes, as the app's settings show it", key)
	}
	e.claim(at, "key", NormalizeAppKey(key), "app "+next.Slug)
}

func (e *Edit) sharedSecret(at pointer, before, next *App) {
	if next.SharedSecret == "" || next.SharedSecret.IsMasked() {
		next.SharedSecret = before.SharedSecret
	}
	if next.SharedSecret == "" {
		next.SharedSecret = NewSharedSecret()
	}
	if !isSecret(next.SharedSecret.Reveal()) {
		e.add(at, "this is not a shared secret; want %d to %d visible characters without spaces, or leave it out", secretLenMin, secretLenMax)
	}
	for id, other := range e.next.apps {
		if id != next.ID && other.SharedSecret == next.SharedSecret {
			e.add(at, "the shared secret belongs to app %s already; each must be unique", other.Slug) // which one, is not said
			return
		}
	}
}

func (e *Edit) signatureSecret(at pointer, before, next *App) {
	field := at.field("signatureSecret")
	if next.SignatureSecret.IsMasked() {
		if next.SignatureSecret = before.SignatureSecret; next.SignatureSecret == "" {
			e.add(field, "the secret is masked, and there is none yet; write it here, as ${NAME} of a variable that holds it")
			return
		}
	}
	switch {
	case next.SignatureSecret != "" && !isSignatureSecret(next.SignatureSecret.Reveal()):
		e.add(field, "this is not a signature secret; want at most %d characters; after whsec_, base64", secretLenMax)
	case next.SignatureSecret == "" && next.CheckSignature:
		e.add(at.field("checkSignature"), "there is no secret to check signatures with; give signatureSecret, the same as at the sender")
	}
}

// secretsChanged lists the secrets that two versions of an app do not have in common.
func (a *App) secretsChanged(next *App) []FieldChange {
	var all []FieldChange
	masked := json.RawMessage(`"` + Masked + `"`)
	for _, s := range []struct {
		name     string
		was, now Secret
	}{{"sharedSecret", a.SharedSecret, next.SharedSecret}, {"signatureSecret", a.SignatureSecret, next.SignatureSecret}} {
		if s.was != "" && s.now != "" && s.was != s.now {
			all = append(all, FieldChange{Path: s.name, Before: masked, After: masked})
		}
	}
	return all
}
