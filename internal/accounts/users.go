package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// NewUser is what a user is made of. Without a password, the user is invited by a link.
type NewUser struct {
	Email, Name string
	Role        access.Role
	Password    string
}

// UserChange says what is to change in a user; nil: nothing.
type UserChange struct {
	Email, Name *string
	Role        *access.Role
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > nameCharsMax || strings.ContainsFunc(name, unicode.IsControl) {
		return "", &InvalidError{Field: "name", Message: "a name needs 1 to 200 characters on one line"}
	}
	return name, nil
}

func checkEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > emailCharsMax {
		return "", &InvalidError{Field: "email", Message: "this is not an e-mail address; want one like ada@example.com"}
	}
	return email, nil
}

func checkRole(r access.Role) error {
	if !access.IsRole(r) {
		return &InvalidError{Field: "role", Message: "there is no such role; want viewer, editor or owner"}
	}
	return nil
}

// Users lists the users, by e-mail address.
func (a *Accounts) Users() []*User {
	a.mu.RLock()
	defer a.mu.RUnlock()
	all := make([]*User, 0, len(a.table.users))
	for _, u := range a.table.users {
		all = append(all, u)
	}
	slices.SortFunc(all, func(x, y *User) int { return cmp.Compare(x.Email, y.Email) })
	return all
}

// User finds a user by id, or is ErrNotFound.
func (a *Accounts) User(id string) (*User, error) { return a.user(id) }

func (a *Accounts) user(id string) (*User, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if u := a.table.users[id]; u != nil {
		return u, nil
	}
	return nil, ErrNotFound
}

// shown is a user as the audit trail has it.
func (u *User) shown() json.RawMessage {
	if u == nil {
		return nil
	}
	shown, err := json.Marshal(map[string]any{"email": u.Email, "name": u.Name, "role": u.Role, "active": u.Password != ""})
	if err != nil {
		panic(err) // texts and truth values always have a form
	}
	return shown
}

// storeUser stores what a user is to be (before: what it was, nil: none), and writes it down.
func (a *Accounts) storeUser(ctx context.Context, before, next *User, detail string) error {
	r := record.Audit{Action: audit.Create, Kind: "user", ID: next.ID, Name: next.Email, Before: before.shown(), After: next.shown(), Detail: detail}
	var revision uint64
	if before != nil {
		r.Action, revision = audit.Update, before.revision
	}
	return a.trail.Around(ctx, r, func() error { return a.put(ctx, kindUser, next.ID, next, revision) })
}

// CreateUser makes a user. One without a password is sent the link.
func (a *Accounts) CreateUser(ctx context.Context, n NewUser) (*User, *Link, error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	return a.createUser(ctx, n)
}

func (a *Accounts) createUser(ctx context.Context, n NewUser) (*User, *Link, error) {
	u, err := a.newUser(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	if err := a.storeUser(ctx, nil, u, ""); err != nil {
		return nil, nil, err
	}
	if u.Password != "" {
		return u, nil, nil
	}
	link, err := a.invite(ctx, u)
	return u, link, err
}

// newUser checks what a user is to be.
func (a *Accounts) newUser(ctx context.Context, n NewUser) (u *User, err error) {
	u = &User{ID: workspace.NewID(), Role: n.Role, CreatedAt: time.Now().UTC()}
	if u.Email, err = checkEmail(n.Email); err != nil {
		return nil, err
	}
	if u.Name, err = checkName(n.Name); err != nil {
		return nil, err
	}
	if err := checkRole(n.Role); err != nil {
		return nil, err
	}
	a.mu.RLock()
	taken, many := a.table.userByEmail(u.Email) != nil, len(a.table.users) >= usersMax
	a.mu.RUnlock()
	switch {
	case taken:
		return nil, ErrTaken
	case many:
		return nil, ErrTooMany
	case n.Password == "":
		return u, nil
	}
	if err := checkPassword(n.Password); err != nil {
		return nil, err
	}
	u.Password, err = a.hasher.hash(ctx, n.Password)
	return u, err
}

// ChangeUser changes a user. A change of role ends the user's sessions.
func (a *Accounts) ChangeUser(ctx context.Context, id string, c UserChange) (*User, error) {
	a.changing.Lock()
	defer a.changing.Unlock()
	u, err := a.user(id)
	if err != nil {
		return nil, err
	}
	next := *u
	if c.Email != nil {
		if next.Email, err = checkEmail(*c.Email); err != nil {
			return nil, err
		}
	}
	if c.Name != nil {
		if next.Name, err = checkName(*c.Name); err != nil {
			return nil, err
		}
	}
	if c.Role != nil {
		if err := checkRole(*c.Role); err != nil {
			return nil, err
		}
		next.Role = *c.Role
	}
	if next.Role != u.Role {
		next.Epoch++
	}
	a.mu.RLock()
	other, owners := a.table.userByEmail(next.Email), a.table.ownersBeside(id)
	a.mu.RUnlock()
	switch {
	case other != nil && other.ID != id:
		return nil, ErrTaken
	case next.Role != access.Owner && u.Role == access.Owner && u.Password != "" && owners == 0:
		return nil, ErrLastOwner
	}
	return &next, a.storeUser(ctx, u, &next, "")
}

// DeleteUser removes a user, whose sessions end.
func (a *Accounts) DeleteUser(ctx context.Context, id string) error {
	a.changing.Lock()
	defer a.changing.Unlock()
	u, err := a.user(id)
	if err != nil {
		return err
	}
	a.mu.RLock()
	owners := a.table.ownersBeside(id)
	a.mu.RUnlock()
	if u.Role == access.Owner && u.Password != "" && owners == 0 {
		return ErrLastOwner
	}
	gone := record.Audit{Action: audit.Delete, Kind: "user", ID: u.ID, Name: u.Email, Before: u.shown()}
	return a.trail.Around(ctx, gone, func() error { return a.remove(ctx, kindUser, u.ID, u.revision) })
}

// ChangePassword changes the password of the user who asks for it, ends all sessions of that user, and begins another one.
func (a *Accounts) ChangePassword(ctx context.Context, current, password string) (secret string, s SignedIn, err error) {
	who, _ := access.Of(ctx)
	u, err := a.user(who.ID)
	if who.Kind != access.User || err != nil {
		return "", SignedIn{}, ErrNoUser
	}
	if err := a.tries.take(access.From(ctx).Address, u.Email); err != nil {
		return "", SignedIn{}, err
	}
	ok, err := a.hasher.is(ctx, current, u.Password)
	if err != nil {
		return "", SignedIn{}, err
	}
	if !ok {
		return "", SignedIn{}, &InvalidError{Field: "current", Message: "this is not your present password"}
	}
	next, err := a.setPassword(ctx, u.ID, password, "password changed")
	if err != nil {
		return "", SignedIn{}, err
	}
	return a.begin(ctx, next, password)
}

// setPassword gives a user another password, which ends all sessions.
func (a *Accounts) setPassword(ctx context.Context, id, password, detail string) (*User, error) {
	if err := checkPassword(password); err != nil {
		return nil, err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	u, err := a.user(id)
	if err != nil {
		return nil, err
	}
	next := *u
	next.Password, next.Epoch = hash, u.Epoch+1
	return &next, a.storeUser(ctx, u, &next, detail)
}
