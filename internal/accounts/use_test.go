package accounts

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/access"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

// lagging is a bucket whose changes reach this process late, its own changes too.
type lagging struct {
	*memkv.KV
	until atomic.Pointer[chan struct{}]
}

func (l *lagging) wait() {
	if until := l.until.Load(); until != nil {
		<-*until
	}
}

func (l *lagging) Put(ctx context.Context, key string, value []byte, expect uint64) (uint64, error) {
	defer l.wait()
	return l.KV.Put(ctx, key, value, expect)
}

func (l *lagging) Watch(ctx context.Context, tell func(workspace.Entry)) error {
	return l.KV.Watch(ctx, func(e workspace.Entry) {
		l.wait()
		tell(e)
	})
}

// What a note of use has just changed can be ended all the same, however long it takes until this process has heard of
// the change.
func TestEndOfWhatIsInUse(t *testing.T) {
	for name, end := range map[string]func(r *rig, session, token string) error{
		"token":   func(r *rig, _, token string) error { return r.RevokeToken(r.t.Context(), token) },
		"session": func(r *rig, session, _ string) error { return r.SignOut(r.t.Context(), session) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bucket := &lagging{KV: memkv.New()}
				r := newRigOn(bucket)
				r.t = t
				defer r.stop()
				r.user(t, ada, access.Owner)
				session := r.signIn(t, ada, password)
				secret, token, err := r.CreateToken(t.Context(), NewToken{Name: "ci", Role: access.Editor})
				must(t, err)
				synctest.Wait()
				pass(2 * time.Hour) // since when the use of a session is noted again
				late := make(chan struct{})
				bucket.until.Store(&late)
				if name == "token" {
					r.who("", secret)
				} else {
					r.who(session, "")
				}
				synctest.Wait() // the note is in the bucket, and not in the table
				done := make(chan error, 1)
				go func() { done <- end(r, session, token.ID) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Errorf("ended with %v before the table knew of the note", err)
				default:
				}
				close(late)
				must(t, <-done)
				got := r.who("", secret) + ", " + r.who(session, "")
				if strings.Count(got, "Ada")+strings.Count(got, "ci") != 1 {
					t.Errorf("who comes in: %s, want one of both", got)
				}
			})
		})
	}
}
