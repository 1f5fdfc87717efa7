package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/access"
	"penstock/internal/workspace"
)

func TestFirstOwner(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		first := r.Setup()
		second := r.Setup() // of another start
		try := func(token string) error {
			_, _, err := r.MakeFirstOwner(from(t.Context(), "192.0.2.1"), token, NewUser{Email: ada, Name: "Ada", Password: password})
			return err
		}
		for _, token := range []string{"", "guess", first.Token} {
			if err := try(token); !errors.Is(err, ErrLink) {
				t.Errorf("link %q: %v, want ErrLink", token, err)
			}
		}
		if _, _, err := r.MakeFirstOwner(t.Context(), second.Token, NewUser{Email: "no", Name: "Ada", Password: password}); err == nil {
			t.Error("a user without an e-mail address was made")
		}
		secret, s, err := r.MakeFirstOwner(t.Context(), second.Token, NewUser{Email: " Ada@Example.com", Name: "Ada", Password: password})
		if err != nil || s.User.Role != access.Owner || s.User.Email != ada {
			t.Fatalf("first owner: %+v, %v", s.User, err)
		}
		if got := r.who(secret, ""); got != "user Ada owner" {
			t.Errorf("signed in as %s", got)
		}
		if err := try(second.Token); !errors.Is(err, ErrLink) {
			t.Errorf("the link was used twice: %v", err)
		}
		if link := r.Setup(); link != nil {
			t.Error("there is another link, with a user there")
		}
	})
}

func TestSetupLinkExpires(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		link := r.Setup()
		pass(24 * time.Hour)
		if _, _, err := r.MakeFirstOwner(t.Context(), link.Token, NewUser{Email: ada, Name: "Ada", Password: password}); !errors.Is(err, ErrLink) {
			t.Errorf("after a day: %v, want ErrLink", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	over := errSessionOver.Error()
	for name, c := range map[string]struct {
		do   func(r *rig, u *User, secret string)
		want string
	}{
		"at once":             {func(*rig, *User, string) {}, "user Ada editor"},
		"signed out":          {func(r *rig, _ *User, secret string) { must(r.t, r.SignOut(r.t.Context(), secret)) }, over},
		"idle, almost":        {func(*rig, *User, string) { pass(12 * time.Hour) }, "user Ada editor"},
		"idle":                {func(*rig, *User, string) { pass(12*time.Hour + 1) }, over},
		"in use for ten days": {func(r *rig, _ *User, secret string) { useFor(r, secret, 10*24*time.Hour) }, over},
		"in use for six days": {func(r *rig, _ *User, secret string) { useFor(r, secret, 6*24*time.Hour) }, "user Ada editor"},
		"another role": {func(r *rig, u *User, _ string) {
			role := access.Viewer
			_, err := r.ChangeUser(r.t.Context(), u.ID, UserChange{Role: &role})
			must(r.t, err)
		}, over},
		"another name": {func(r *rig, u *User, _ string) {
			name := "Countess"
			_, err := r.ChangeUser(r.t.Context(), u.ID, UserChange{Name: &name})
			must(r.t, err)
		}, "user Countess editor"},
		"user deleted": {func(r *rig, u *User, _ string) { must(r.t, r.DeleteUser(r.t.Context(), u.ID)) }, over},
		"password changed": {func(r *rig, u *User, _ string) {
			secret, _, err := r.ChangePassword(access.With(r.t.Context(), principalOf(u)), password, "another password")
			must(r.t, err)
			if got := r.who(secret, ""); got != "user Ada editor" {
				r.t.Errorf("the new session is %s", got)
			}
		}, over},
		"too many": {func(r *rig, _ *User, _ string) {
			for range sessionsMax {
				pass(time.Minute)
				r.signIn(r.t, ada, password)
			}
		}, over},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				t := r.t
				u := r.user(t, ada, access.Editor)
				secret := r.signIn(t, ada, password)
				c.do(r, u, secret)
				if got := r.who(secret, ""); got != c.want {
					t.Errorf("session: %s, want %s", got, c.want)
				}
				// A node that starts now knows the same.
				other := newRig(r.bucket)
				defer other.stop()
				if got := other.who(secret, ""); got != c.want {
					t.Errorf("session elsewhere: %s, want %s", got, c.want)
				}
			})
		})
	}
}

// What was removed does not come back, in whatever order the watch and what was done here are taken in; and nothing is left behind.
func TestRemovedStaysRemoved(t *testing.T) {
	made := workspace.Entry{Key: kindSession.key("s"), Value: []byte(`{"id":"s","user":"u"}`), Revision: 5}
	used := workspace.Entry{Key: made.Key, Value: made.Value, Revision: 6}
	gone := workspace.Entry{Key: made.Key, Revision: 7, Deleted: true}
	put := func(e workspace.Entry) func(*table) error { return func(t *table) error { return t.put(e) } }
	tell := func(e workspace.Entry) func(*table) error { return func(t *table) error { return t.tell(e) } }
	drop := func(t *table) error { t.drop(kindSession, "s"); return nil }
	type step struct {
		do    func(*table) error
		there bool // afterwards
	}
	for name, steps := range map[string][]step{
		"the watch is late":             {{put(made), true}, {drop, false}, {tell(made), false}, {tell(gone), false}},
		"the watch is first":            {{tell(made), true}, {tell(gone), false}, {drop, false}},
		"the watch is before a change":  {{tell(made), true}, {tell(used), true}, {tell(gone), false}, {put(used), false}},
		"the watch is behind a removal": {{put(made), true}, {put(used), true}, {drop, false}, {tell(used), false}, {tell(gone), false}},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable()
			for i, s := range steps {
				must(t, s.do(&table))
				if there := table.sessions["s"] != nil; there != s.there {
					t.Errorf("after step %d the session is there: %v, want %v", i, there, s.there)
				}
			}
			if len(table.stands) != 0 {
				t.Errorf("left behind: %v", table.stands)
			}
		})
	}
}

// Whether there is a user is not told, neither by the answer nor by what is done for it.
func TestSignInTellsNothing(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		r.user(t, ada, access.Viewer)
		_, _, err := r.CreateUser(t.Context(), NewUser{Email: "invited@example.com", Name: "I", Role: access.Viewer})
		must(t, err)
		for _, c := range [][2]string{{ada, "wrong password"}, {ada, ""}, {"nobody@example.com", password}, {"invited@example.com", ""}, {"invited@example.com", password}, {"", ""}} {
			if _, _, err := r.SignIn(t.Context(), c[0], c[1]); !errors.Is(err, ErrSignIn) {
				t.Errorf("%q with %q: %v, want ErrSignIn", c[0], c[1], err)
			}
		}
		r.signIn(t, "ADA@example.com ", password)
		// The decoy of a user that there is not costs what a hash costs.
		p, _, _, err := decodeHash(r.hasher.decoy)
		if h := r.cfg.Password; err != nil || p.MemoryKiB != h.MemoryKiB || p.Passes != h.Passes || p.Lanes != h.Lanes {
			t.Errorf("the decoy has %+v (%v), hashes have %+v", p, err, h)
		}
		if ok, err := r.hasher.is(t.Context(), password, ""); ok || err != nil {
			t.Errorf("the decoy is somebody's: %v, %v", ok, err)
		}
	})
}

func TestTriesAreBounded(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		r.user(t, ada, access.Viewer)
		try := func(address, email, password string) error {
			_, _, err := r.SignIn(from(t.Context(), address), email, password)
			return err
		}
		// One account, from many addresses.
		for i := range 10 {
			if err := try(fmt.Sprintf("192.0.2.%d", i), ada, "a guess"); !errors.Is(err, ErrSignIn) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		limit, ok := errors.AsType[*LimitError](try("198.51.100.1", ada, password))
		if !ok || limit.Seconds() != 30 {
			t.Fatalf("try 11: %v, want to wait 30 s", limit)
		}
		pass(30 * time.Second)
		must(t, try("198.51.100.1", ada, password))

		// One address, with many accounts; of IPv6, one network.
		for i := range 20 {
			if err := try(fmt.Sprintf("2001:db8::%d", i), fmt.Sprintf("u%d@example.com", i), "a guess"); !errors.Is(err, ErrSignIn) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		if _, ok := errors.AsType[*LimitError](try("2001:db8::ff", "another@example.com", "a guess")); !ok {
			t.Error("an address may try for ever")
		}
		must(t, try("2001:db8:0:1::1", ada, password))
	})
}

func TestLimitsAreBounded(t *testing.T) {
	l := newLimits(Rate{Burst: 1, Every: time.Hour})
	now := time.Now()
	for i := range keysMax + 100 {
		if err := l.take(fmt.Sprint(i), now); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.byKey) > keysMax {
		t.Errorf("%d keys are remembered, at most %d may be", len(l.byKey), keysMax)
	}
}

func TestInvite(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		u, link, err := r.CreateUser(t.Context(), NewUser{Email: ada, Name: "A.", Role: access.Owner})
		if err != nil || link == nil || u.Password != "" {
			t.Fatalf("invited: %+v, %v, %v", u, link, err)
		}
		accept := func(token, name, password string) error {
			_, _, err := r.Accept(t.Context(), token, name, password)
			return err
		}
		if _, ok := errors.AsType[*InvalidError](accept(link.Token, "", "short")); !ok {
			t.Error("a short password was taken")
		}
		must(t, accept(link.Token, "Ada", password))
		if err := accept(link.Token, "", password); !errors.Is(err, ErrLink) {
			t.Errorf("the link was used twice: %v", err)
		}
		if got := r.who(r.signIn(t, ada, password), ""); got != "user Ada owner" {
			t.Errorf("signed in as %s", got)
		}
		// A password that was forgotten: the link before does not count any more, nor does one that has expired.
		session := r.signIn(t, ada, password)
		old, err := r.Invite(t.Context(), u.ID)
		must(t, err)
		next, err := r.Invite(t.Context(), u.ID)
		must(t, err)
		if err := accept(old.Token, "", "another password"); !errors.Is(err, ErrLink) {
			t.Errorf("the link before: %v, want ErrLink", err)
		}
		must(t, accept(next.Token, "", "another password"))
		if got := r.who(session, ""); got != errSessionOver.Error() {
			t.Errorf("a session outlives its password: %s", got)
		}
		late, err := r.Invite(t.Context(), u.ID)
		must(t, err)
		pass(7 * 24 * time.Hour)
		if err := accept(late.Token, "", password); !errors.Is(err, ErrLink) {
			t.Errorf("after a week: %v, want ErrLink", err)
		}
		pass(2 * sweepEvery)
		synctest.Wait()
		if n := len(r.table.invites) + len(r.table.sessions); n != 0 {
			t.Errorf("%d links and sessions that are over are kept", n)
		}
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		one := r.user(t, ada, access.Owner)
		_, _, err := r.CreateUser(t.Context(), NewUser{Email: "invited@example.com", Name: "I", Role: access.Owner}) // nobody who could do anything
		must(t, err)
		viewer := access.Viewer
		if _, err := r.ChangeUser(t.Context(), one.ID, UserChange{Role: &viewer}); !errors.Is(err, ErrLastOwner) {
			t.Errorf("change: %v, want ErrLastOwner", err)
		}
		if err := r.DeleteUser(t.Context(), one.ID); !errors.Is(err, ErrLastOwner) {
			t.Errorf("delete: %v, want ErrLastOwner", err)
		}
		two := r.user(t, "two@example.com", access.Owner)
		must(t, r.DeleteUser(t.Context(), one.ID))
		if err := r.DeleteUser(t.Context(), two.ID); !errors.Is(err, ErrLastOwner) {
			t.Errorf("delete: %v, want ErrLastOwner", err)
		}
		if err := r.DeleteUser(t.Context(), one.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("delete twice: %v, want ErrNotFound", err)
		}
	})
}

func TestUsersAreChecked(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		r.user(t, ada, access.Owner)
		for field, n := range map[string]NewUser{
			"email":    {Email: "Ada <a@b.c>", Name: "A", Role: access.Viewer},
			"name":     {Email: "a@example.com", Name: "two\nlines", Role: access.Viewer},
			"role":     {Email: "a@example.com", Name: "A", Role: access.Anyone},
			"password": {Email: "a@example.com", Name: "A", Role: access.Viewer, Password: "elevenchars"},
		} {
			_, _, err := r.CreateUser(t.Context(), n)
			if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Field != field {
				t.Errorf("%+v: %v, want that %s is wrong", n, err, field)
			}
		}
		if _, _, err := r.CreateUser(t.Context(), NewUser{Email: "ADA@example.com", Name: "A", Role: access.Viewer}); !errors.Is(err, ErrTaken) {
			t.Errorf("the same address twice: %v", err)
		}
		if _, _, err := r.ChangePassword(access.With(t.Context(), access.Bootstrap()), "", password); !errors.Is(err, ErrNoUser) {
			t.Errorf("the password of a token: %v", err)
		}
	})
}

func TestTokens(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		if got := r.who("", bootstrap); got != "token admin token owner" {
			t.Errorf("bootstrap: %s", got)
		}
		at := time.Now().Add(time.Hour)
		secret, made, err := r.CreateToken(access.With(t.Context(), access.Bootstrap()), NewToken{Name: "ci", Role: access.Editor, ExpiresAt: &at})
		must(t, err)
		if !strings.HasPrefix(secret, "pst_") || len(secret) < 40 || made.CreatedBy != "admin token" {
			t.Errorf("token %s, %+v", secret, made)
		}
		if got := r.who("", secret); got != "token ci editor" {
			t.Errorf("token: %s", got)
		}
		synctest.Wait()
		if used := r.Tokens()[0].LastUsedAt; used == nil || !used.Equal(time.Now()) {
			t.Errorf("last used %v, want now", used)
		}
		if got := r.who("", secret+"x"); got != access.ErrToken.Error() {
			t.Errorf("another token: %s", got)
		}
		pass(time.Hour)
		if got := r.who("", secret); got != errTokenExpired.Error() {
			t.Errorf("after an hour: %s", got)
		}
		forever, token, err := r.CreateToken(t.Context(), NewToken{Name: "for good", Role: access.Viewer})
		must(t, err)
		r.who("", forever)
		must(t, r.RevokeToken(t.Context(), token.ID))
		synctest.Wait()
		if got := r.who("", forever); got != access.ErrToken.Error() {
			t.Errorf("after it was revoked: %s", got)
		}
		if err := r.RevokeToken(t.Context(), token.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("revoked twice: %v", err)
		}
		past := time.Now()
		if _, _, err := r.CreateToken(t.Context(), NewToken{Name: "past", Role: access.Viewer, ExpiresAt: &past}); err == nil {
			t.Error("a token that has expired was made")
		}
	})
}

// Nothing that opens anything lies in the bucket, nor in the trail.
func TestKeysAreNotKept(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		u := r.user(t, ada, access.Owner)
		session := r.signIn(t, ada, password)
		token, _, err := r.CreateToken(t.Context(), NewToken{Name: "ci", Role: access.Editor})
		must(t, err)
		link, err := r.Invite(t.Context(), u.ID)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var kept strings.Builder
		_ = r.bucket.Watch(ctx, func(e workspace.Entry) { // ends with the context
			if e.Synced {
				cancel()
			}
			kept.WriteString(e.Key + string(e.Value) + "\n")
		})
		kept.WriteString(strings.Join(r.trail.all, "\n"))
		for name, secret := range map[string]string{"password": password, "session": session, "token": token, "link": link.Token} {
			if strings.Contains(kept.String(), secret) {
				t.Errorf("the %s is kept", name)
			}
		}
		if !strings.Contains(kept.String(), "$argon2id$v=19$m=8,t=1,p=1$") {
			t.Errorf("no hash of a password is kept: %s", kept.String())
		}
	})
}

func TestEverythingIsWrittenDown(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		u := r.user(t, ada, access.Owner)
		_, _, _ = r.SignIn(t.Context(), ada, "wrong") // that is in the trail as well
		must(t, r.SignOut(t.Context(), r.signIn(t, ada, password)))
		name := "Countess"
		_, err := r.ChangeUser(t.Context(), u.ID, UserChange{Name: &name})
		must(t, err)
		_, token, err := r.CreateToken(t.Context(), NewToken{Name: "ci", Role: access.Editor})
		must(t, err)
		must(t, r.RevokeToken(t.Context(), token.ID))
		r.user(t, "two@example.com", access.Owner)
		must(t, r.DeleteUser(t.Context(), u.ID))
		want := []string{
			`create user ada@example.com {"active":true,"email":"ada@example.com","name":"Ada","role":"owner"}`,
			`sign-in-failed session ada@example.com`,
			`sign-in session ada@example.com`,
			`sign-out session ada@example.com`,
			`update user ada@example.com {"active":true,"email":"ada@example.com","name":"Ada","role":"owner"}{"active":true,"email":"ada@example.com","name":"Countess","role":"owner"}`,
			`create token ci {"name":"ci","role":"editor"}`,
			`delete token ci {"name":"ci","role":"editor"}`,
			`create user two@example.com {"active":true,"email":"two@example.com","name":"Ada","role":"owner"}`,
			`delete user ada@example.com {"active":true,"email":"ada@example.com","name":"Countess","role":"owner"}`,
		}
		if diff := cmp.Diff(want, r.trail.all); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
		// What cannot be written down is not done.
		r.trail.full = errors.New("the disk is full")
		if _, _, err := r.CreateToken(t.Context(), NewToken{Name: "ci", Role: access.Editor}); !errors.Is(err, r.trail.full) || len(r.Tokens()) != 0 {
			t.Errorf("a token was made: %v", err)
		}
		if _, _, err := r.SignIn(t.Context(), "two@example.com", password); !errors.Is(err, r.trail.full) {
			t.Errorf("signed in: %v", err)
		}
	})
}
