package workspace

import "cmp"

// PutApp makes or replaces an app. One without an id is given one, and so it goes with a key and a shared secret; masked secrets stay what they are.
func (e *Edit) PutApp(next *App) { e.putApp("", next) }

// fileApp plans an app of a file. What the file leaves out keeps the app's key and shared secret.
func (e *Edit) fileApp(at pointer, f *FileApp) {
	next := &App{
		Slug: e.text(at.field("slug"), f.Slug), Name: e.text(at.field("name"), f.Name), Region: Region(e.text(at.field("region"), f.Region)),
		Key: e.text(at.field("key"), f.Key), SharedSecret: Secret(e.text(at.field("sharedSecret"), f.SharedSecret)),
		SignatureSecret: Secret(e.text(at.field("signatureSecret"), f.SignatureSecret)),
		CheckSignature:  f.CheckSignature, AnonymousVisitors: f.AnonymousVisitors, AccountFromContext: f.AccountFromContext,
		IgnoreIdentify: !isOn(f.AcceptIdentify), IgnoreGroup: !isOn(f.AcceptGroup),
	}
	for i, key := range f.OldKeys {
		next.OldKeys = append(next.OldKeys, e.text(at.field("oldKeys").item(i), key))
	}
	if old := e.now.AppBySlug(next.Slug); old != nil {
		next.ID = old.ID
	}
	e.putApp(at, next)
}

func (e *Edit) putApp(at pointer, next *App) {
	e.slug(at.field("slug"), next.Slug)
	e.name(at.field("name"), next.Name)
	e.claim(at.field("slug"), "slug of an app", next.Slug, "another app")
	if next.Region != "" && next.Region.DataHost() == "" {
		e.add(at.field("region"), "there is no region %q; want us, us1, eu, jp or au, or leave it out", next.Region)
	}
	if next.ID == "" {
		next.ID = NewID()
	}
	old := e.now.App(next.ID)
	before := old
	if before == nil {
		before = &App{}
	}
	e.appKeys(at, before, next)
	e.sharedSecret(at.field("sharedSecret"), before, next)
	e.signatureSecret(at, before, next)
	put(e, Change{Kind: "app", Name: next.Slug, key: kindApp.key(next.ID)}, old, next, func(a *App) any { return fileApp(a) })
	e.next.apps[next.ID] = next
}

func (e *Edit) appKeys(at pointer, before, next *App) {
	if next.Key = cmp.Or(next.Key, before.Key); next.Key == "" {
		next.Key = NewAppKey()
	}
	e.appKey(at.field("key"), next.Key, next.Slug)
	if len(next.OldKeys) > oldKeysMax {
		e.add(at.field("oldKeys"), "an app has at most %d old keys; this one has %d", oldKeysMax, len(next.OldKeys))
	}
	for i, key := range next.OldKeys {
		e.appKey(at.field("oldKeys").item(i), key, next.Slug)
	}
}

func (e *Edit) appKey(at pointer, key, slug string) {
	if !isAppKey(key) {
		e.add(at, "%q is not an app key; want 32 hex digits, with or without dashes, as the app's settings show it", key)
	}
	e.claim(at, "key", NormalizeAppKey(key), "app "+slug)
}

func (e *Edit) sharedSecret(at pointer, before, next *App) {
	if next.SharedSecret == "" || next.SharedSecret == Masked {
		next.SharedSecret = before.SharedSecret
	}
	if next.SharedSecret == "" {
		next.SharedSecret = NewSharedSecret()
	}
	if !isSecret(next.SharedSecret.Reveal()) {
		e.add(at, "this is not a shared secret; want %d to %d visible characters without spaces, or leave it out", secretLenMin, secretLenMax)
	}
	e.claim(at, sharedSecret, next.SharedSecret.Reveal(), "app "+next.Slug)
}

func (e *Edit) signatureSecret(at pointer, before, next *App) {
	field := at.field("signatureSecret")
	if next.SignatureSecret == Masked {
		if next.SignatureSecret = before.SignatureSecret; next.SignatureSecret == "" {
			e.add(field, "the secret is masked, and there is none yet; write it here, as ${NAME} of a variable that holds it")
			return
		}
	}
	switch {
	case next.SignatureSecret != "" && !isSignatureSecret(next.SignatureSecret.Reveal()):
		e.add(field, "this is not a signature secret; want at most %d characters; after %s, base64", secretLenMax, StandardSecretPrefix)
	case next.SignatureSecret == "" && next.CheckSignature:
		e.add(at.field("checkSignature"), "there is no secret to check signatures with; give signatureSecret, the same as at the sender")
	}
}
