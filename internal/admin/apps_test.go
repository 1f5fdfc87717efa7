package admin

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/workspace"
)

func TestAppResource(t *testing.T) {
	r := newRig(t)
	made := ask[App](t, r, http.StatusCreated, "POST", "/api/apps", `{"name":"Acme Web"}`)
	if made.Slug != "acme-web" || len(made.Key) != 32 || len(made.SharedSecret) != 44 || !made.AcceptIdentify || !made.AcceptGroup || made.AnonymousVisitors {
		t.Errorf("made %+v", made)
	}
	shown := ask[App](t, r, http.StatusOK, "GET", "/api/apps/acme-web", "")
	if want := made; shown.SharedSecret != workspace.Masked || shown.Key != want.Key {
		t.Errorf("shown %+v", shown)
	}
	if diff := cmp.Diff([]App{shown}, ask[[]App](t, r, http.StatusOK, "GET", "/api/apps", "")); diff != "" {
		t.Error(diff)
	}
	changed := ask[App](t, r, http.StatusOK, "PATCH", "/api/apps/acme-web",
		`{"slug":"acme","region":"eu","anonymousVisitors":true,"acceptIdentify":false,"acceptGroup":false,"accountFromContext":true,"signatureSecret":"abc","checkSignature":true,"oldKeys":["0000000000000000000000000000000c"]}`)
	want := shown
	want.Slug, want.Region, want.AnonymousVisitors, want.AccountFromContext, want.CheckSignature = "acme", "eu", true, true, true
	want.AcceptIdentify, want.AcceptGroup, want.SignatureSecret, want.Revision = false, false, workspace.Masked, changed.Revision
	want.OldKeys = []string{"0000000000000000000000000000000c"}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Error(diff)
	}
	app := r.store.Snapshot().AppBySlug("acme")
	if app.SharedSecret.Reveal() != made.SharedSecret || app.SignatureSecret.Reveal() != "abc" || app.ID != made.ID {
		t.Error("a change of something else changed a secret or the id")
	}
	ask[struct{}](t, r, http.StatusNoContent, "DELETE", "/api/apps/acme", "")
	ask[struct{}](t, r, http.StatusNotFound, "GET", "/api/apps/acme", "")
}

func TestAppKeysAreRotated(t *testing.T) {
	r := newRig(t)
	first := ask[App](t, r, http.StatusCreated, "POST", "/api/apps", `{"slug":"acme"}`)
	second := ask[App](t, r, http.StatusOK, "POST", "/api/apps/acme/rotate-key", `{"keepOld":true}`)
	if second.Key == first.Key || !cmp.Equal(second.OldKeys, []string{first.Key}) || second.SharedSecret != workspace.Masked {
		t.Errorf("rotated to %+v", second)
	}
	third := ask[App](t, r, http.StatusOK, "POST", "/api/apps/acme/rotate-key", "")
	if third.Key == second.Key || !cmp.Equal(third.OldKeys, []string{first.Key}) {
		t.Errorf("rotated to %+v", third)
	}
	now := r.store.Snapshot()
	if now.AppByKey(first.Key) == nil || now.AppByKey(second.Key) != nil || now.AppByKey(third.Key) == nil {
		t.Error("the kept key should be known, the one that was not kept should not")
	}
	back := ask[App](t, r, http.StatusOK, "POST", "/api/apps/acme/rotate-key", `{"key":"`+first.Key+`"}`)
	if back.Key != first.Key || len(back.OldKeys) > 0 {
		t.Errorf("rotated back to %+v", back)
	}
	secret := ask[App](t, r, http.StatusOK, "POST", "/api/apps/acme/rotate-shared-secret", "").SharedSecret
	now = r.store.Snapshot()
	if now.AppBySharedSecret(first.SharedSecret) != nil || now.AppBySharedSecret(secret) == nil || secret == first.SharedSecret {
		t.Error("the old shared secret is still known, or the new one is not")
	}
}

func TestAppRefusals(t *testing.T) {
	r := newRig(t)
	made := ask[App](t, r, http.StatusCreated, "POST", "/api/apps", `{"slug":"acme","sharedSecret":"a-secret-of-acme-only"}`)
	for _, c := range []struct {
		method, path, body, match string
		status                    int
		say                       string
	}{
		{"POST", "/api/apps", `{"slug":"acme"}`, "", 422, `"location":"body.slug"`},
		{"POST", "/api/apps", `{"slug":"b","key":"` + made.Key + `"}`, "", 422, `"location":"body.key"`},
		{"POST", "/api/apps", `{"slug":"b","sharedSecret":"a-secret-of-acme-only"}`, "", 422, `"location":"body.sharedSecret"`},
		{"POST", "/api/apps", `{"slug":"b","nonsense":1}`, "", 422, "nonsense"},
		{"PATCH", "/api/apps/acme", `{"region":"mars"}`, "", 422, `"location":"body.region"`},
		{"PATCH", "/api/apps/acme", `{"checkSignature":true}`, "", 422, `"location":"body.checkSignature"`},
		{"PATCH", "/api/apps/acme", `{"name":"x"}`, strconv.FormatUint(made.Revision+1, 10), 412, "changed since"},
		{"DELETE", "/api/apps/acme", "", strconv.FormatUint(made.Revision+1, 10), 412, "changed since"},
		{"PATCH", "/api/apps/nobody", `{}`, "", 404, "GET /api/apps"},
		{"POST", "/api/apps/nobody/rotate-key", "", "", 404, "GET /api/apps"},
	} {
		status, body := r.send(t, c.method, c.path, c.body, map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json", "If-Match": c.match})
		if status != c.status || !strings.Contains(body, c.say) || strings.Contains(body, "a-secret-of-acme-only") {
			t.Errorf("%s %s %s: %d %s, want %d, %s", c.method, c.path, c.body, status, body, c.status, c.say)
		}
	}
	if status, body := r.do(t, "GET", "/api/workspace", ""); status != http.StatusOK || strings.Contains(body, "a-secret-of-acme-only") || !strings.Contains(body, "••••••••••") {
		t.Errorf("the export shows %d %s", status, body)
	}
}

func TestUnknownKeysAreListed(t *testing.T) {
	r := newRig(t)
	got := ask[[]UnknownKey](t, r, http.StatusOK, "GET", "/api/unknown-keys", "")
	if diff := cmp.Diff(r.fake.UnknownKeys(), got); diff != "" {
		t.Error(diff)
	}
}
