package workspace_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
	"penstock/internal/workspace"
)

func TestAppWithoutKeyGetsOneAndKeepsIt(t *testing.T) {
	r := newRig(t)
	const file = "apps: [{slug: acme, name: Acme}]"
	r.apply(t, file, workspace.ApplyOptions{})
	before := *r.Snapshot().AppBySlug("acme")
	if len(before.Key) != 32 || len(before.SharedSecret.Reveal()) < 32 {
		t.Errorf("key %q, secret of %d characters", before.Key, len(before.SharedSecret.Reveal()))
	}
	for _, again := range []string{file, r.export(t)} {
		if plan := r.apply(t, again, workspace.ApplyOptions{}); len(plan.Changes) > 0 {
			t.Errorf("applied again: %+v", plan.Changes)
		}
	}
	r.apply(t, "apps: [{slug: acme, name: Acme renamed}]", workspace.ApplyOptions{})
	after := *r.Snapshot().AppBySlug("acme")
	if after.Key != before.Key || after.SharedSecret != before.SharedSecret || after.ID != before.ID {
		t.Error("a rename changed the key, the secret or the id")
	}
	r.apply(t, "apps: [{slug: other, name: Other}]", workspace.ApplyOptions{})
	if other := r.Snapshot().AppBySlug("other"); other.Key == after.Key || other.SharedSecret == after.SharedSecret {
		t.Error("two apps got the same key or secret")
	}
}

func TestAppIsFoundByWhatSendersNameItBy(t *testing.T) {
	r := newRig(t)
	r.apply(t, `
apps:
  - slug: acme
    name: Acme
    key: 0000000000000000000000000000000A
    oldKeys: [0000000000000000000000000000000b, 00000000-0000-0000-0000-00000000000C]
    sharedSecret: the-shared-secret-of-acme
    region: eu
    anonymousVisitors: true
    acceptIdentify: false
    acceptGroup: false
    accountFromContext: true
`, workspace.ApplyOptions{})
	s := r.Snapshot()
	for _, key := range []string{"0000000000000000000000000000000a", "00000000-0000-0000-0000-00000000000A", "0000000000000000000000000000000B", "0000000000000000000000000000000c"} {
		if a := s.AppByKey(key); a == nil || a.Slug != "acme" {
			t.Errorf("%s: found %v", key, a)
		}
	}
	if a := s.AppBySharedSecret("the-shared-secret-of-acme"); a == nil || a.Region != workspace.RegionEU {
		t.Errorf("by secret: found %v", a)
	}
	if a := s.AppBySharedSecret(""); a != nil {
		t.Errorf("without a secret: found %v", a)
	}
	if diff := cmp.Diff(pendowire.Rules{Anonymous: true, NoIdentify: true, NoGroup: true, ContextAccount: true}, s.AppBySlug("acme").Rules()); diff != "" {
		t.Error(diff)
	}
}

// A change of a secret is seen, and neither the old nor the new one.
func TestChangesOfAppSecretsAreMasked(t *testing.T) {
	r := newRig(t)
	file := func(shared, signature string) string {
		return "apps: [{slug: acme, name: Acme, sharedSecret: " + shared + ", signatureSecret: " + signature + "}]"
	}
	r.apply(t, file("the-first-shared-secret", "one"), workspace.ApplyOptions{})
	plan := r.apply(t, file("the-other-shared-secret", "two"), workspace.ApplyOptions{})
	masked := json.RawMessage(`"` + workspace.Masked + `"`)
	want := []workspace.FieldChange{{Path: "sharedSecret", Before: masked, After: masked}, {Path: "signatureSecret", Before: masked, After: masked}}
	if diff := cmp.Diff(want, plan.Changes[0].Fields); diff != "" {
		t.Error(diff)
	}
	if app := r.Snapshot().AppBySlug("acme"); app.SharedSecret.Reveal() != "the-other-shared-secret" || app.SignatureSecret.Reveal() != "two" {
		t.Error("the secrets were not changed")
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	const secret = "the-secret-of-acme"
	app := workspace.App{SharedSecret: secret, SignatureSecret: secret}
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("app", slog.Any("secret", app.SharedSecret))
	}
	shown := logged.String() + fmt.Sprintf("%v %+v %#v %s %q", app, app, app, app.SharedSecret, app.SharedSecret)
	if strings.Contains(shown, secret) || !strings.Contains(shown, workspace.Masked) {
		t.Error(shown)
	}
	if none := workspace.Secret("").String(); none != "" {
		t.Errorf("no secret is shown as %q", none)
	}
}
