package keys_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/pendoapi/keys"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, kv workspace.KV) (s *keys.Store, stop func()) {
	t.Helper()
	s = keys.Open(kv, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestKeysAreMadeFoundAndDeleted(t *testing.T) {
	kv := memkv.New()
	s, stop := open(t, kv)
	made, secret, err := s.Create(t.Context(), keys.Key{Description: "for Acme", App: "app1", WriteAccess: true}, "eu")
	if err != nil {
		t.Fatal(err)
	}
	if len(secret) != 39 || !strings.HasSuffix(secret, ".eu") || strings.Contains(made.Hash, secret) {
		t.Errorf("the secret is %q, the key %+v", secret, made)
	}
	if err := kv.Watch(stopAtOnce(t), func(e workspace.Entry) {
		if strings.Contains(string(e.Value), secret) {
			t.Errorf("the secret is kept: %s", e.Value)
		}
	}); err == nil {
		t.Error("the watch did not end")
	}
	other, _, err := s.Create(t.Context(), keys.Key{Description: "other"}, "us")
	if err != nil {
		t.Fatal(err)
	}
	if list := s.List(); len(list) != 2 || !list[0].LastUsedAt.IsZero() {
		t.Errorf("got %+v", list)
	}
	if k, ok := s.Find(secret); !ok || k.ID != made.ID || !k.WriteAccess || k.App != "app1" {
		t.Errorf("got %+v, %t", k, ok)
	}
	for _, wrong := range []string{"", "x", secret + " ", made.Hash, strings.ToUpper(secret)} {
		if _, ok := s.Find(wrong); ok {
			t.Errorf("%q opens", wrong)
		}
	}
	stop()

	s, stop = open(t, kv)
	defer stop()
	<-s.Ready()
	if _, ok := s.Find(secret); !ok {
		t.Error("a store that is ready does not know a key that was made before")
	}
	if ok, err := s.Delete(t.Context(), "nobody"); ok || err != nil {
		t.Errorf("a key that is not there: %t, %v", ok, err)
	}
	if _, _, err := s.Create(t.Context(), keys.Key{}, "us"); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Delete(t.Context(), made.ID); !ok || err != nil {
		t.Fatalf("%t, %v", ok, err)
	}
	if _, ok := s.Find(secret); ok {
		t.Error("a key that was deleted opens")
	}
	if list := s.List(); len(list) != 2 || list[0].ID != other.ID && list[1].ID != other.ID {
		t.Errorf("got %+v", list)
	}
}

// stopAtOnce is a context that has ended.
func stopAtOnce(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestKeysAreBounded(t *testing.T) {
	s, stop := open(t, memkv.New())
	defer stop()
	for range keys.Max {
		if _, _, err := s.Create(t.Context(), keys.Key{}, "us"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Create(t.Context(), keys.Key{}, "us"); err == nil {
		t.Error("one more was made")
	}
}
