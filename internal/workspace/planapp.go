package workspace

import "cmp"

// app plans an App. What the file leaves out keeps the app's key and shared secret, or makes new ones.
func (p *planner) app(at pointer, f *FileApp) {
	next := &App{
		Slug: p.slug(at.field("slug"), f.Slug), Name: p.name(at.field("name"), f.Name), Region: Region(p.text(at.field("region"), f.Region)),
		CheckSignature: f.CheckSignature, AnonymousVisitors: f.AnonymousVisitors, AccountFromContext: f.AccountFromContext,
		IgnoreIdentify: f.AcceptIdentify != nil && !*f.AcceptIdentify, IgnoreGroup: f.AcceptGroup != nil && !*f.AcceptGroup,
	}
	p.claim(at.field("slug"), "slug of an app", next.Slug, "another app of this file")
	if next.Region != "" && next.Region.DataHost() == "" {
		p.add(at.field("region"), "there is no region %q; want us, us1, eu, jp or au, or leave it out", next.Region)
	}
	old := p.now.AppBySlug(next.Slug)
	before := &App{}
	if next.ID = NewID(); old != nil {
		next.ID, before = old.ID, old
	}
	p.appKeys(at, f, before, next)
	p.sharedSecret(at.field("sharedSecret"), f, before, next)
	p.signatureSecret(at, f, before, next)
	put(p, Change{Kind: "app", Name: next.Slug, key: kindApp.key(next.ID)}, old, next)
}

func (p *planner) appKeys(at pointer, f *FileApp, before, next *App) {
	next.Key = cmp.Or(p.text(at.field("key"), f.Key), before.Key)
	if next.Key == "" {
		next.Key = NewAppKey()
	}
	p.appKey(at.field("key"), next.Key, next.Slug)
	if len(f.OldKeys) > oldKeysMax {
		p.add(at.field("oldKeys"), "an app has at most %d old keys; this one has %d", oldKeysMax, len(f.OldKeys))
	}
	for i, key := range f.OldKeys {
		at := at.field("oldKeys").item(i)
		next.OldKeys = append(next.OldKeys, p.text(at, key))
		p.appKey(at, next.OldKeys[i], next.Slug)
	}
}

func (p *planner) appKey(at pointer, key, slug string) {
	if !isAppKey(key) {
		p.add(at, "%q is not an app key; want 32 hex digits, with or without dashes, as the app's settings show it", key)
	}
	p.claim(at, "key", NormalizeAppKey(key), "app "+slug)
}

func (p *planner) sharedSecret(at pointer, f *FileApp, before, next *App) {
	next.SharedSecret = Secret(p.text(at, f.SharedSecret))
	if next.SharedSecret == "" || next.SharedSecret == Masked {
		next.SharedSecret = before.SharedSecret
	}
	if next.SharedSecret == "" {
		next.SharedSecret = NewSharedSecret()
	}
	if !isSecret(next.SharedSecret.Reveal()) {
		p.add(at, "this is not a shared secret; want %d to %d visible characters without spaces, or leave it out", secretLenMin, secretLenMax)
	}
	claim := "shared secret " + next.SharedSecret.Reveal()
	if has, ok := p.taken[claim]; ok {
		p.add(at, "the shared secret belongs to %s already; each must be unique", has) // which one, is not said
		return
	}
	p.taken[claim] = "app " + next.Slug
}

func (p *planner) signatureSecret(at pointer, f *FileApp, before, next *App) {
	field := at.field("signatureSecret")
	next.SignatureSecret = Secret(p.text(field, f.SignatureSecret))
	if next.SignatureSecret == Masked {
		if next.SignatureSecret = before.SignatureSecret; next.SignatureSecret == "" {
			p.add(field, "the secret is masked, and there is none yet; write it here, as ${NAME} of a variable that holds it")
			return
		}
	}
	switch {
	case next.SignatureSecret != "" && !isSignatureSecret(next.SignatureSecret.Reveal()):
		p.add(field, "this is not a signature secret; want at most %d characters; after whsec_, base64", secretLenMax)
	case next.SignatureSecret == "" && next.CheckSignature:
		p.add(at.field("checkSignature"), "there is no secret to check signatures with; give signatureSecret, the same as at the sender")
	}
}
