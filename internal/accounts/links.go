package accounts

import (
	"context"
	"crypto/subtle"
	"errors"
	"sync"
	"time"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Link is a one-time link, which is shown once.
type Link struct {
	Token     string
	ExpiresAt time.Time
}

// setupLink is the link with which the first owner is made. It is kept in memory: the next start without users makes another one.
type setupLink struct {
	mu        sync.Mutex
	hash      string
	expiresAt time.Time
}

// Setup makes the link for the first owner; nil when there is a user already.
func (a *Accounts) Setup() *Link {
	if a.HasUsers() {
		return nil
	}
	a.setup.mu.Lock()
	defer a.setup.mu.Unlock()
	token := newSecret()
	a.setup.hash, a.setup.expiresAt = hashOf(token), time.Now().Add(a.cfg.SetupMax).UTC()
	return &Link{Token: token, ExpiresAt: a.setup.expiresAt}
}

// HasUsers tells whether there is a user.
func (a *Accounts) HasUsers() bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.table.users) > 0
}

// MakeFirstOwner makes the first user, an owner, and signs in. The error is ErrLink where the link does not count.
func (a *Accounts) MakeFirstOwner(ctx context.Context, token string, n NewUser) (secret string, s SignedIn, err error) {
	if err := a.tries.take(access.From(ctx).Address, "setup"); err != nil {
		return "", SignedIn{}, err
	}
	n.Role = access.Owner
	if err := checkPassword(n.Password); err != nil {
		return "", SignedIn{}, err
	}
	u, err := a.firstOwner(ctx, token, n)
	if err != nil {
		return "", SignedIn{}, err
	}
	return a.begin(ctx, u, n.Password)
}

func (a *Accounts) firstOwner(ctx context.Context, token string, n NewUser) (*User, error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.setup.mu.Lock()
	defer a.setup.mu.Unlock()
	counts := subtle.ConstantTimeCompare([]byte(hashOf(token)), []byte(a.setup.hash)) == 1
	if !counts || !time.Now().Before(a.setup.expiresAt) || a.HasUsers() {
		return nil, ErrLink
	}
	u, _, err := a.createUser(ctx, n)
	if err == nil {
		a.setup.hash = ""
	}
	return u, err
}

// Invite makes a further link for a user: to come for the first time, or with a new password. The link before it does not work any more.
func (a *Accounts) Invite(ctx context.Context, id string) (*Link, error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	u, err := a.user(id)
	if err != nil {
		return nil, err
	}
	return a.invite(ctx, u)
}

func (a *Accounts) invite(ctx context.Context, u *User) (*Link, error) {
	a.mu.RLock()
	var before []*invite
	for _, i := range a.table.invites {
		if i.User == u.ID {
			before = append(before, i)
		}
	}
	a.mu.RUnlock()
	token := newSecret()
	i := invite{ID: hashOf(token), User: u.ID, ExpiresAt: time.Now().Add(a.cfg.InviteMax).UTC()}
	made := record.Audit{Action: audit.Create, Kind: "invite", ID: u.ID, Name: u.Email}
	err := a.trail.Around(ctx, made, func() error {
		for _, old := range before {
			if err := a.remove(ctx, kindInvite, old.ID, old.revision); err != nil && !errors.Is(err, workspace.ErrConflict) {
				return err
			}
		}
		return a.put(ctx, kindInvite, i.ID, i, 0)
	})
	if err != nil {
		return nil, err
	}
	return &Link{Token: token, ExpiresAt: i.ExpiresAt}, nil
}

// Accept uses a link: the user gets a password, a name where one is given, and a session. The error is ErrLink where the link does not count.
func (a *Accounts) Accept(ctx context.Context, token, name, password string) (secret string, s SignedIn, err error) {
	if err := a.tries.take(access.From(ctx).Address, "invite "+hashOf(token)); err != nil {
		return "", SignedIn{}, err
	}
	if err := checkPassword(password); err != nil {
		return "", SignedIn{}, err
	}
	if name != "" {
		if name, err = checkName(name); err != nil {
			return "", SignedIn{}, err
		}
	}
	u, err := a.claim(ctx, token)
	if err != nil {
		return "", SignedIn{}, err
	}
	ctx = access.With(ctx, principalOf(u))
	if u, err = a.setPassword(ctx, u.ID, password, "password chosen by a one-time link"); err != nil {
		return "", SignedIn{}, err
	}
	if name != "" && name != u.Name {
		if u, err = a.ChangeUser(ctx, u.ID, UserChange{Name: &name}); err != nil {
			return "", SignedIn{}, err
		}
	}
	return a.begin(ctx, u, password)
}

// claim takes a link away; of several who use it, one succeeds.
func (a *Accounts) claim(ctx context.Context, token string) (*User, error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.mu.RLock()
	i := a.table.invites[hashOf(token)]
	a.mu.RUnlock()
	if i == nil || !time.Now().Before(i.ExpiresAt) {
		return nil, ErrLink
	}
	u, err := a.user(i.User)
	if err != nil {
		return nil, ErrLink
	}
	if err := a.remove(ctx, kindInvite, i.ID, i.revision); err != nil {
		if errors.Is(err, workspace.ErrConflict) {
			return nil, ErrLink
		}
		return nil, err
	}
	return u, nil
}
