package accounts

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/record"
)

var (
	errSessionOver  = errors.New("the session is over; sign in again")
	errTokenExpired = errors.New("the token has expired; an owner can make another one with `penstock token create`")
)

// How exactly it is kept when something was used last.
const (
	sessionUsedEvery = 10 * time.Minute
	tokenUsedEvery   = time.Minute
)

// Authenticate implements access.Authenticator: a bearer token, else the cookie of a session.
func (a *Accounts) Authenticate(r *http.Request) (access.Principal, error) {
	if token, ok := access.Bearer(r); ok {
		return a.byToken(token)
	}
	cookie, err := r.Cookie(access.SessionCookie)
	if err != nil || r.Header.Get("Authorization") != "" {
		return access.Principal{}, access.ErrNobody
	}
	s, u, err := a.session(cookie.Value)
	if err != nil {
		return access.Principal{}, err
	}
	if now := time.Now(); now.Sub(s.UsedAt) >= min(sessionUsedEvery, a.cfg.SessionIdle/4) {
		used := *s
		used.UsedAt = now.UTC()
		a.note(func(ctx context.Context) error { return a.put(ctx, kindSession, s.ID, used, s.revision) })
	}
	return principalOf(u), nil
}

func principalOf(u *User) access.Principal {
	return access.Principal{Kind: access.User, ID: u.ID, Name: u.Name, Role: u.Role}
}

func (a *Accounts) byToken(token string) (access.Principal, error) {
	if a.cfg.Bootstrap.Is(token) {
		return access.Bootstrap(), nil
	}
	a.mu.RLock()
	t := a.table.byHash[hashOf(token)]
	a.mu.RUnlock()
	now := time.Now()
	switch {
	case t == nil:
		return access.Principal{}, access.ErrToken
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return access.Principal{}, errTokenExpired
	case t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= tokenUsedEvery:
		used, at := *t, now.UTC()
		used.LastUsedAt = &at
		a.note(func(ctx context.Context) error { return a.put(ctx, kindToken, t.ID, used, t.revision) })
	}
	return access.Principal{Kind: access.Token, ID: t.ID, Name: t.Name, Role: t.Role}, nil
}

// note has it stored, behind the request, that something was used. It does not matter much: when too many wait, it is dropped.
func (a *Accounts) note(store func(ctx context.Context) error) {
	select {
	case a.used <- func(ctx context.Context) { a.unneeded(ctx, store(ctx)) }:
	default:
	}
}

func (a *Accounts) session(secret string) (*Session, *User, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.table.sessions[hashOf(secret)]
	if s == nil {
		return nil, nil, errSessionOver
	}
	u, err := a.table.userOf(s, time.Now(), a.cfg.SessionIdle)
	return s, u, err
}

// SignedIn is a session that counts, and whose it is.
type SignedIn struct {
	User      *User
	ExpiresAt time.Time
}

// Session finds out whose session the value of a cookie is.
func (a *Accounts) Session(secret string) (SignedIn, error) {
	s, u, err := a.session(secret)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{User: u, ExpiresAt: s.ExpiresAt}, nil
}

// SignIn begins a session; secret is what the cookie is to hold. The error is ErrSignIn, the same and as late for a user that there is not, or a *LimitError.
func (a *Accounts) SignIn(ctx context.Context, email, password string) (secret string, s SignedIn, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := a.tries.take(access.From(ctx).Address, email); err != nil {
		return "", SignedIn{}, err
	}
	a.mu.RLock()
	u := a.table.userByEmail(email)
	a.mu.RUnlock()
	hash := ""
	if u != nil {
		hash = u.Password
	}
	ok, err := a.hasher.is(ctx, password, hash)
	if err != nil {
		return "", SignedIn{}, err
	}
	if !ok {
		failed := record.Audit{Action: audit.SignInFailed, Kind: "session", Name: email[:min(len(email), emailCharsMax)]}
		if u != nil {
			failed.ID = u.ID
		}
		if err := a.trail.Record(ctx, failed); err != nil {
			return "", SignedIn{}, err
		}
		return "", SignedIn{}, ErrSignIn
	}
	a.tries.accounts.forget(email)
	return a.begin(ctx, u, password)
}

// begin begins a session of a user as it was when it was checked that the password is this one.
func (a *Accounts) begin(ctx context.Context, checked *User, password string) (secret string, s SignedIn, err error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	u, err := a.user(checked.ID)
	if err != nil || u.Password != checked.Password {
		return "", SignedIn{}, ErrSignIn // it was changed meanwhile
	}
	next, now := *u, time.Now().UTC()
	next.LastSignInAt = &now
	if a.hasher.outdated(u.Password) {
		if next.Password, err = a.hasher.hash(ctx, password); err != nil {
			return "", SignedIn{}, err
		}
	}
	secret, session := a.newSession(&next, now)
	signIn := record.Audit{Action: audit.SignIn, Kind: "session", ID: u.ID, Name: u.Email, Actor: audit.ActorOf(principalOf(u))}
	err = a.trail.Around(ctx, signIn, func() error {
		if err := a.put(ctx, kindUser, u.ID, next, u.revision); err != nil {
			return err
		}
		return a.put(ctx, kindSession, session.ID, session, 0)
	})
	if err != nil {
		return "", SignedIn{}, err
	}
	a.endOldest(ctx, u.ID)
	return secret, SignedIn{User: &next, ExpiresAt: session.ExpiresAt}, nil
}

func (a *Accounts) newSession(u *User, now time.Time) (string, Session) {
	secret := newSecret()
	return secret, Session{ID: hashOf(secret), User: u.ID, Epoch: u.Epoch, CreatedAt: now, UsedAt: now, ExpiresAt: now.Add(a.cfg.SessionMax)}
}

// endOldest ends the sessions of a user that are too many.
func (a *Accounts) endOldest(ctx context.Context, user string) {
	a.mu.RLock()
	var own []*Session
	for _, s := range a.table.sessions {
		if s.User == user {
			own = append(own, s)
		}
	}
	a.mu.RUnlock()
	slices.SortFunc(own, func(x, y *Session) int { return y.CreatedAt.Compare(x.CreatedAt) })
	for _, s := range own[min(len(own), sessionsMax):] {
		a.unneeded(ctx, a.remove(ctx, kindSession, s.ID, s.revision))
	}
}

// SignOut ends the session that the value of a cookie stands for. One that is over already is no error.
func (a *Accounts) SignOut(ctx context.Context, secret string) error {
	s, u, err := a.session(secret)
	if errors.Is(err, errSessionOver) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.trail.Around(ctx, record.Audit{Action: audit.SignOut, Kind: "session", ID: u.ID, Name: u.Email}, func() error {
		return a.removeUsed(ctx, kindSession, s.ID, func(now *table) uint64 {
			if s := now.sessions[s.ID]; s != nil {
				return s.revision
			}
			return 0
		})
	})
}
