package accounts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/access"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trail notes what is written down.
type trail struct {
	mu   sync.Mutex
	all  []string
	full error // nothing can be written down
}

func (t *trail) Record(_ context.Context, r record.Audit) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full != nil {
		return t.full
	}
	t.all = append(t.all, strings.TrimSpace(r.Action+" "+r.Kind+" "+r.Name+" "+string(r.Before)+string(r.After)))
	return nil
}

func (t *trail) Around(ctx context.Context, r record.Audit, do func() error) error {
	if err := t.Record(ctx, r); err != nil {
		return err
	}
	return do()
}

// rig is accounts that run.
type rig struct {
	*Accounts
	t      *testing.T
	trail  *trail
	bucket *memkv.KV
	stop   func()
}

const bootstrap = "the-bootstrap-token"

func testConfig() Config {
	cfg := DefaultConfig(sha256.Sum256([]byte(bootstrap)))
	cfg.Password = Hashing{MemoryKiB: 8, Passes: 1, Lanes: 1, Concurrency: 2}
	return cfg
}

// newRig must be called in a bubble; the rig ends with stop.
func newRig(bucket *memkv.KV) *rig {
	r := newRigOn(bucket)
	r.bucket = bucket
	return r
}

func newRigOn(bucket workspace.KV) *rig {
	r := &rig{trail: &trail{}}
	r.Accounts = New(testConfig(), bucket, r.trail, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	<-r.Ready()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			panic(err)
		}
	}
	return r
}

func bubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(memkv.New())
		r.t = t
		defer r.stop()
		test(r)
	})
}

const (
	ada      = "ada@example.com"
	password = "correct horse battery"
)

func (r *rig) user(t *testing.T, email string, role access.Role) *User {
	t.Helper()
	u, _, err := r.CreateUser(t.Context(), NewUser{Email: email, Name: "Ada", Role: role, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (r *rig) signIn(t *testing.T, email, password string) string {
	t.Helper()
	secret, _, err := r.SignIn(from(t.Context(), "192.0.2.1"), email, password)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func from(ctx context.Context, address string) context.Context {
	return access.WithOrigin(ctx, access.Origin{Address: address})
}

// who is the role that a cookie, or a bearer token, has.
func (r *rig) who(cookie, bearer string) string {
	req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if cookie != "" {
		req.AddCookie(&http.Cookie{Name: access.SessionCookie, Value: cookie})
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	p, err := r.Authenticate(req)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %s", p.Kind, p.Name, p.Role)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pass lets fake time pass.
func pass(d time.Duration) { <-time.After(d) }

func useFor(r *rig, secret string, d time.Duration) {
	for ; d > 0; d -= time.Hour {
		pass(time.Hour)
		r.who(secret, "")
		synctest.Wait()
	}
}
