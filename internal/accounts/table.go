package accounts

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"penstock/internal/access"
	"penstock/internal/workspace"
)

// kind is the second part of a key of the bucket.
type kind string

const (
	kindUser    kind = "users"
	kindToken   kind = "tokens"
	kindSession kind = "sessions"
	kindInvite  kind = "invites"
)

func (k kind) key(id string) string { return workspace.Default + "." + string(k) + "." + id }

// User is a person.
type User struct {
	ID           string      `json:"id"`
	Email        string      `json:"email"`
	Name         string      `json:"name"`
	Role         access.Role `json:"role"`
	CreatedAt    time.Time   `json:"createdAt"`
	LastSignInAt *time.Time  `json:"lastSignInAt,omitempty"`
	Password     string      `json:"password,omitempty"` // its hash; empty: the user was invited and has not come yet
	Epoch        int         `json:"epoch"`              // of the sessions that count

	revision uint64
}

// Token opens the control API to a program.
type Token struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Role       access.Role `json:"role"`
	CreatedAt  time.Time   `json:"createdAt"`
	CreatedBy  string      `json:"createdBy"`
	ExpiresAt  *time.Time  `json:"expiresAt,omitempty"`
	LastUsedAt *time.Time  `json:"lastUsedAt,omitempty"`
	Hash       string      `json:"hash"` // SHA-256 of the token

	revision uint64
}

// Session is a browser that a user has signed in with. Its id is the SHA-256 of what the cookie holds.
type Session struct {
	ID        string    `json:"id"`
	User      string    `json:"user"`
	Epoch     int       `json:"epoch"`
	CreatedAt time.Time `json:"createdAt"`
	UsedAt    time.Time `json:"usedAt"`
	ExpiresAt time.Time `json:"expiresAt"`

	revision uint64
}

// invite is a one-time link that lets a user choose a password. Its id is the SHA-256 of the link's token.
type invite struct {
	ID        string    `json:"id"`
	User      string    `json:"user"`
	ExpiresAt time.Time `json:"expiresAt"`

	revision uint64
}

// table is the bucket as far as it is known. What it holds is never changed, only replaced.
type table struct {
	users    map[string]*User
	tokens   map[string]*Token
	byHash   map[string]*Token
	sessions map[string]*Session
	invites  map[string]*invite
	stands   map[string]uint64 // revision of each entry that is there; removed, of one that was removed here
	told     uint64            // the newest revision that the watch has told of
}

// removed is where an entry stands that was removed here, until the watch tells of that: what the watch still tells of the time before must not bring it back.
const removed = math.MaxUint64

func newTable() table {
	return table{
		users: map[string]*User{}, tokens: map[string]*Token{}, byHash: map[string]*Token{}, sessions: map[string]*Session{}, invites: map[string]*invite{},
		stands: map[string]uint64{},
	}
}

// tell takes in a change that the watch tells of.
func (t *table) tell(e workspace.Entry) error {
	t.told = max(t.told, e.Revision)
	return t.set(e)
}

// put takes in a change that was made here. When the watch was there before, it may have told of a removal since, which would be undone.
func (t *table) put(e workspace.Entry) error {
	if e.Revision <= t.told {
		return nil
	}
	return t.set(e)
}

// set takes in a change, unless a later one of the same entry is known.
func (t *table) set(e workspace.Entry) error {
	if !e.Deleted && e.Revision <= t.stands[e.Key] {
		return nil
	}
	rest, ok := strings.CutPrefix(e.Key, workspace.Default+".")
	name, id, more := strings.Cut(rest, ".")
	if !ok || !more {
		return fmt.Errorf("read entry %q: the key is of another form", e.Key)
	}
	if e.Deleted {
		t.forget(kind(name), id)
		delete(t.stands, e.Key) // ids are never used again, so nothing is kept
		return nil
	}
	t.stands[e.Key] = e.Revision
	switch kind(name) {
	case kindUser:
		return read(t.users, id, e.Value, func(u *User) { u.revision = e.Revision })
	case kindToken:
		if before := t.tokens[id]; before != nil {
			delete(t.byHash, before.Hash)
		}
		return read(t.tokens, id, e.Value, func(k *Token) {
			k.revision = e.Revision
			t.byHash[k.Hash] = k
		})
	case kindSession:
		return read(t.sessions, id, e.Value, func(s *Session) { s.revision = e.Revision })
	case kindInvite:
		return read(t.invites, id, e.Value, func(i *invite) { i.revision = e.Revision })
	}
	return fmt.Errorf("read entry %q: no such kind", e.Key)
}

func read[T any](all map[string]*T, id string, value []byte, noted func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(value, v); err != nil {
		return fmt.Errorf("read entry %s: %w", id, err)
	}
	noted(v)
	all[id] = v
	return nil
}

// drop takes out an entry that was removed here.
func (t *table) drop(k kind, id string) {
	if _, there := t.stands[k.key(id)]; there { // else the watch has told of it already
		t.stands[k.key(id)] = removed
	}
	t.forget(k, id)
}

// forget takes an entry out.
func (t *table) forget(k kind, id string) {
	switch k {
	case kindUser:
		delete(t.users, id)
	case kindToken:
		if token := t.tokens[id]; token != nil {
			delete(t.byHash, token.Hash)
		}
		delete(t.tokens, id)
	case kindSession:
		delete(t.sessions, id)
	case kindInvite:
		delete(t.invites, id)
	}
}

// userByEmail finds a user; nil when there is none.
func (t *table) userByEmail(email string) *User {
	for _, u := range t.users {
		if u.Email == email {
			return u
		}
	}
	return nil
}

// owners counts the owners that can sign in, but for one.
func (t *table) ownersBeside(id string) int {
	n := 0
	for _, u := range t.users {
		if u.ID != id && u.Role == access.Owner && u.Password != "" {
			n++
		}
	}
	return n
}

// userOf is the user of a session that counts.
func (t *table) userOf(s *Session, now time.Time, idle time.Duration) (*User, error) {
	u := t.users[s.User]
	if u == nil || u.Epoch != s.Epoch || !now.Before(s.ExpiresAt) || now.Sub(s.UsedAt) > idle {
		return nil, errSessionOver
	}
	return u, nil
}
