package vault_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"penstock/internal/destination"
	"penstock/internal/vault"
	"penstock/internal/workspace"
	"penstock/internal/workspace/kvtest"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hook is a destination with a secret.
type hook struct{ definition destination.Definition }

func (h *hook) Definition() *destination.Definition { return &h.definition }

func (*hook) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{}
}

func catalog() workspace.Catalog {
	h := &hook{destination.Definition{Slug: "hook", Settings: []destination.Field{{Key: "secret", Type: destination.TypePassword}, {Key: "label", Type: destination.TypeString}}}}
	return workspace.CatalogFunc(func(typ string) (destination.Destination, bool) { return h, typ == "hook" })
}

const (
	hookKey = "default.destinations.d1"
	appKey  = "default.apps.a1"
	plain   = `{"type":"hook","settings":{"secret":"the-very-secret","label":"shown"}}`
	app     = `{"slug":"acme","key":"shown","sharedSecret":"the-very-secret"}`
)

// all lists what a bucket holds; an error of the watch that is not its end is returned.
func all(t *testing.T, kv workspace.KV) (map[string]string, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found := map[string]string{}
	err := kv.Watch(ctx, func(e workspace.Entry) {
		if e.Synced {
			cancel()
			return
		}
		found[e.Key] = string(e.Value)
	})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return found, err
}

func put(t *testing.T, kv workspace.KV, key, value string) {
	t.Helper()
	if _, err := kv.Put(t.Context(), key, []byte(value), 0); err != nil {
		t.Fatal(err)
	}
}

// Behind the vault a bucket is a bucket like others.
func TestKV(t *testing.T) {
	kvtest.Run(t, func(*testing.T) workspace.KV {
		return vault.Wrap(memkv.New(), vault.NewKeyring(vault.NewKey()), catalog())
	})
}

func TestSecretsAreSealed(t *testing.T) {
	inner := memkv.New()
	kv := vault.Wrap(inner, vault.NewKeyring(vault.NewKey()), catalog())
	want := map[string]string{hookKey: plain, appKey: app, "default.destinations.d2": `{"type":"gone","settings":{"whatever":["the-very-secret"],"n":null}}`, "default.labels.l": `{"key":"k"}`}
	for key, value := range want {
		put(t, kv, key, value)
	}
	lies, err := all(t, inner)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range lies {
		if strings.Contains(value, "the-very-secret") {
			t.Errorf("%s lies in the clear: %s", key, value)
		}
	}
	if !strings.Contains(lies[hookKey], `"label":"shown"`) || !strings.Contains(lies[appKey], `"key":"shown"`) {
		t.Errorf("more than the secrets is sealed: %v", lies)
	}
	got, err := all(t, kv)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	if n, err := kv.Count(t.Context()); n != 3 || err != nil {
		t.Errorf("%d secrets (%v), want 3", n, err)
	}
}

// A ciphertext opens where it was made, with its key, whole, and nowhere else.
func TestSealedStaysInItsPlace(t *testing.T) {
	inner, keys := memkv.New(), vault.NewKeyring(vault.NewKey())
	put(t, vault.Wrap(inner, keys, catalog()), hookKey, plain)
	lies, err := all(t, inner)
	if err != nil {
		t.Fatal(err)
	}
	sealed := lies[hookKey]
	at := strings.LastIndex(sealed, `"},"label`)
	for name, c := range map[string]struct{ key, value string }{
		"of another destination": {"default.destinations.d9", sealed},
		"of an app":              {appKey, strings.Replace(app, `"the-very-secret"`, sealed[strings.Index(sealed, `{"$sealed`):at+2], 1)},
		"with a changed byte":    {hookKey, sealed[:at-5] + flip(sealed[at-5]) + sealed[at-4:]},
		"cut off":                {hookKey, sealed[:at-8] + sealed[at:]},
		"of another version":     {hookKey, strings.Replace(sealed, "v1.", "v2.", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			other := memkv.New()
			put(t, other, c.key, c.value)
			if _, err := all(t, vault.Wrap(other, keys, catalog())); err == nil {
				t.Errorf("it opens: %s", c.value)
			}
		})
	}
}

func flip(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

func TestRotation(t *testing.T) {
	dir := t.TempDir()
	logger := slog.New(slog.DiscardHandler)
	inner := memkv.New()
	put(t, inner, hookKey, plain) // as an older version has left it
	put(t, inner, appKey, app)
	open := func() (*vault.Vault, *vault.KV) {
		t.Helper()
		v, err := vault.Open(vault.Config{DataDir: dir, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		kv := vault.Wrap(inner, v.Keys(), catalog())
		if err := v.Start(t.Context(), kv); err != nil {
			t.Fatal(err)
		}
		return v, kv
	}
	wantAll := func(kv *vault.KV, keyID string) {
		t.Helper()
		got, err := all(t, kv)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{hookKey: plain, appKey: app}, got); diff != "" {
			t.Errorf("opened (-want +got):\n%s", diff)
		}
		lies, err := all(t, inner)
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range lies {
			if strings.Contains(value, "the-very-secret") || !strings.Contains(value, "v1."+keyID+".") {
				t.Errorf("%s lies as %s, want it sealed by %s", key, value, keyID)
			}
		}
	}
	v, kv := open()
	first := v.Keys().ID()
	wantAll(kv, first)
	about, err := os.Stat(filepath.Join(dir, vault.KeyFile))
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v, %v", about.Mode(), err)
	}

	n, err := v.Rotate(t.Context(), kv)
	if err != nil || n != 2 {
		t.Fatalf("rotated %d secrets, %v, want 2", n, err)
	}
	second := v.Keys().ID()
	if second == first {
		t.Error("the key is the same")
	}
	wantAll(kv, second)
	text, err := os.ReadFile(filepath.Join(dir, vault.KeyFile))
	if err != nil || strings.Count(string(text), "\n") != 1 {
		t.Errorf("%d keys are kept, want the newest alone (%v)", strings.Count(string(text), "\n"), err)
	}
	v, kv = open()
	wantAll(kv, second)

	// An operator's key takes over from the file's, and a second one from the first.
	var given []string
	for range 2 {
		given = append(given, randomKey())
	}
	for i, old := range [][]string{nil, {given[0]}} {
		v, err = vault.Open(vault.Config{DataDir: dir, Given: given[i], Old: old, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		kv = vault.Wrap(inner, v.Keys(), catalog())
		if err := v.Start(t.Context(), kv); err != nil {
			t.Fatal(err)
		}
		wantAll(kv, v.Keys().ID())
	}
	if _, err := v.Rotate(t.Context(), kv); !errors.Is(err, vault.ErrGiven) {
		t.Errorf("rotation of an operator's key: %v, want ErrGiven", err)
	}
}

func randomKey() string {
	var seed [vault.KeyBytes]byte
	copy(seed[:], vault.NewKey().ID()+vault.NewKey().ID()+vault.NewKey().ID()+vault.NewKey().ID())
	return base64.StdEncoding.EncodeToString(seed[:])
}

// A rotation that a kill breaks off is finished at the next start, whichever entries were done.
func TestRotationIsBrokenOff(t *testing.T) {
	dir := t.TempDir()
	logger := slog.New(slog.DiscardHandler)
	inner := memkv.New()
	v, err := vault.Open(vault.Config{DataDir: dir, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	put(t, vault.Wrap(inner, v.Keys(), catalog()), hookKey, plain)
	put(t, vault.Wrap(inner, v.Keys(), catalog()), appKey, app)
	broken := vault.Wrap(&fullAfter{KV: inner, left: 1}, v.Keys(), catalog())
	if _, err := v.Rotate(t.Context(), broken); !errors.Is(err, errFull) {
		t.Fatalf("rotation: %v, want the error of the bucket", err)
	}
	again, err := vault.Open(vault.Config{DataDir: dir, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	kv := vault.Wrap(inner, again.Keys(), catalog())
	if err := again.Start(t.Context(), kv); err != nil {
		t.Fatal(err)
	}
	got, err := all(t, kv)
	if diff := cmp.Diff(map[string]string{hookKey: plain, appKey: app}, got); diff != "" || err != nil {
		t.Errorf("opened, %v (-want +got):\n%s", err, diff)
	}
}

var errFull = errors.New("the bucket is full")

// fullAfter takes a few entries, and then none.
type fullAfter struct {
	workspace.KV
	left int
}

func (f *fullAfter) Put(ctx context.Context, key string, value []byte, expect uint64) (uint64, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return f.KV.Put(ctx, key, value, expect)
}

// Without its key a secret is an error that says what to do; whoever means it drops it.
func TestLostKey(t *testing.T) {
	inner := memkv.New()
	put(t, vault.Wrap(inner, vault.NewKeyring(vault.NewKey()), catalog()), hookKey, plain)
	var logged bytes.Buffer
	open := func(forget bool) error {
		v, err := vault.Open(vault.Config{DataDir: t.TempDir(), Forget: forget, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		if err != nil {
			t.Fatal(err)
		}
		kv := vault.Wrap(inner, v.Keys(), catalog())
		if _, err := all(t, kv); err == nil && !forget {
			t.Error("the bucket opens without the key")
		}
		return v.Start(t.Context(), kv)
	}
	err := open(false)
	if _, ok := errors.AsType[*vault.KeyError](err); !ok || !strings.Contains(err.Error(), "--forget-secrets") || !strings.Contains(err.Error(), "settings.secret of "+hookKey) {
		t.Fatalf("start without the key: %v", err)
	}
	if err := open(true); err != nil {
		t.Fatal(err)
	}
	lies, err := all(t, inner)
	if got, want := lies[hookKey], `{"type":"hook","settings":{"secret":null,"label":"shown"}}`; got != want || err != nil {
		t.Errorf("what is left: %s, %v, want %s", got, err, want)
	}
	if !strings.Contains(logged.String(), "settings.secret") {
		t.Errorf("the log does not say what was dropped: %s", logged.String())
	}
}

// A ciphertext that was damaged is told at start, not only when it is needed.
func TestDamageIsTold(t *testing.T) {
	inner, dir := memkv.New(), t.TempDir()
	for _, forget := range []bool{false, false, true, false} {
		v, err := vault.Open(vault.Config{DataDir: dir, Forget: forget, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		lies, err := all(t, inner)
		if err != nil {
			t.Fatal(err)
		}
		if lies[hookKey] == "" {
			put(t, inner, hookKey, `{"type":"hook","settings":{"secret":{"$sealed":"v1.`+v.Keys().ID()+`.AAAA"}}}`)
		}
		damaged := lies[hookKey] == "" || strings.Contains(lies[hookKey], "AAAA")
		err = v.Start(t.Context(), vault.Wrap(inner, v.Keys(), catalog()))
		if want := damaged && !forget; errors.Is(err, vault.ErrSealed) != want {
			t.Errorf("start, forget %v: %v", forget, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	raw := strings.Repeat("k", vault.KeyBytes)
	for text, ok := range map[string]bool{
		base64.StdEncoding.EncodeToString([]byte(raw)): true,
		hex.EncodeToString([]byte(raw)) + "\n":         true,
		"":                                             false,
		"a passphrase":                                 false,
		base64.StdEncoding.EncodeToString([]byte(raw[1:])):    false,
		base64.StdEncoding.EncodeToString([]byte(raw + "kk")): false,
	} {
		k, err := vault.ParseKey(text)
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the key: %v", err)
		}
		if err == nil && (strings.Contains(raw, k.ID()) || len(k.ID()) != 8) {
			t.Errorf("id %q", k.ID())
		}
	}
}

// Whatever the secret is, it comes back, and only in its place.
func TestSealLaw(t *testing.T) {
	keys := vault.NewKeyring(vault.NewKey())
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.String().Draw(t, "secret")
		value, err := destinationWith(secret)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := keys.Seal(catalog(), hookKey, value)
		if err != nil {
			t.Fatal(err)
		}
		inner := memkv.New()
		key := rapid.SampledFrom([]string{hookKey, "default.destinations.d2"}).Draw(t, "key")
		if _, err := inner.Put(ctx, key, sealed, 0); err != nil {
			t.Fatal(err)
		}
		watching, cancel := context.WithCancel(ctx)
		defer cancel()
		var got []byte
		err = vault.Wrap(inner, keys, catalog()).Watch(watching, func(e workspace.Entry) {
			if e.Synced {
				cancel()
				return
			}
			got = e.Value
		})
		switch {
		case key == hookKey && !bytes.Equal(got, value):
			t.Fatalf("opened %s, want %s (%v)", got, value, err)
		case key != hookKey && !errors.Is(err, vault.ErrSealed):
			t.Fatalf("it opens elsewhere: %s, %v", got, err)
		}
	})
}

// destinationWith is an entry with a secret.
func destinationWith(secret string) ([]byte, error) {
	return json.Marshal(map[string]any{"settings": map[string]string{"secret": secret}, "type": "hook"})
}
