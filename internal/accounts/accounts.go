// Package accounts is the people and programs that may use the control API: users with passwords, their sessions, one-time links, and tokens. It is the
// access.Authenticator of the server.
//
// Everything lies in a bucket of its own, watched, so that each node of a cluster knows of a change. Passwords are kept as argon2id hashes, and whatever is a key
// by itself (sessions, tokens, links) as the SHA-256 of 32 random bytes: none of them can be read back. A session holds the user's epoch; a
// new password or role begins another epoch, which ends all sessions at that moment.
//
// Every change and every sign-in is in the audit trail.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"penstock/internal/access"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Bounds of what there can be.
const (
	usersMax      = 1000
	tokensMax     = 1000
	sessionsMax   = 50 // of one user; a further one ends the oldest
	nameCharsMax  = 200
	emailCharsMax = 254
)

// Config is what an operator may set.
type Config struct {
	// Bootstrap is the token that always works.
	Bootstrap access.HashedToken
	// Password is how passwords are hashed.
	Password Hashing
	// SessionIdle and SessionMax are how long a session lasts without a request, and at most. Default 12 hours and 7 days.
	SessionIdle, SessionMax time.Duration
	// InviteMax and SetupMax are how long a one-time link of either kind works. Default 7 days and 24 hours.
	InviteMax, SetupMax time.Duration
	// TriesByAddress and TriesByAccount bound attempts to sign in. Default 20 and 10 at once, then one each 10 and 30 seconds.
	TriesByAddress, TriesByAccount Rate
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig(bootstrap access.HashedToken) Config {
	return Config{
		Bootstrap: bootstrap, Password: DefaultHashing(),
		SessionIdle: 12 * time.Hour, SessionMax: 7 * 24 * time.Hour, InviteMax: 7 * 24 * time.Hour, SetupMax: 24 * time.Hour,
		TriesByAddress: Rate{Burst: 20, Every: 10 * time.Second}, TriesByAccount: Rate{Burst: 10, Every: 30 * time.Second},
	}
}

// Trail is where it is written down what was done; audit.Trail is one.
type Trail interface {
	Record(ctx context.Context, r record.Audit) error
	Around(ctx context.Context, r record.Audit, do func() error) error
}

// Accounts knows all users, sessions, links and tokens. It answers nobody before Ready.
type Accounts struct {
	cfg    Config
	bucket workspace.KV
	trail  Trail
	logger *slog.Logger
	ready  chan struct{}
	hasher *hasher
	tries  *tries
	used   chan func(context.Context) // notes of use that wait to be stored

	changing sync.Mutex // one change of users, links and tokens at a time
	setup    setupLink

	mu    sync.RWMutex
	table table
	moved chan struct{} // closed, and replaced, when the table changes
}

// New makes Accounts over a bucket. Nothing is read until Run.
func New(cfg Config, bucket workspace.KV, trail Trail, logger *slog.Logger) *Accounts {
	return &Accounts{
		cfg: cfg, bucket: bucket, trail: trail, logger: logger, ready: make(chan struct{}), hasher: newHasher(cfg.Password), tries: newTries(cfg.TriesByAddress, cfg.TriesByAccount),
		used: make(chan func(context.Context), usesMax), table: newTable(), moved: make(chan struct{}),
	}
}

// Ready is closed once everything was read.
func (a *Accounts) Ready() <-chan struct{} { return a.ready }

// What is wrong with a request, to be told to whoever sent it.
var (
	ErrNotFound  = errors.New("there is no such user, token or session")
	ErrTaken     = errors.New("another user has this e-mail address")
	ErrLastOwner = errors.New("this is the last owner; make another user an owner first")
	ErrLink      = errors.New("the link was used, has expired, or was never made; an owner can make another one")
	ErrSignIn    = errors.New("the e-mail address or the password is wrong")
	ErrTooMany   = errors.New("there are as many as there can be; remove some first")
	ErrNoUser    = errors.New("only a user who has signed in with a password has one to change")
)

// InvalidError says which field of a request is wrong.
type InvalidError struct{ Field, Message string }

// Error is the message.
func (e *InvalidError) Error() string { return e.Message }

// newSecret makes 32 random bytes as text.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashOf is the form in which a secret of newSecret is kept.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// put stores an entry, and takes it in at once: the watch reports it later.
func (a *Accounts) put(ctx context.Context, k kind, id string, v any, expect uint64) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	revision, err := a.bucket.Put(ctx, k.key(id), value, expect)
	if err != nil {
		return fmt.Errorf("store %s: %w", strings.TrimSuffix(string(k), "s"), err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.move()
	return a.table.put(workspace.Entry{Key: k.key(id), Value: value, Revision: revision})
}

// remove deletes an entry that stands at a revision.
func (a *Accounts) remove(ctx context.Context, k kind, id string, revision uint64) error {
	if err := a.bucket.Delete(ctx, k.key(id), revision); err != nil {
		return fmt.Errorf("remove %s: %w", strings.TrimSuffix(string(k), "s"), err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.move()
	a.table.drop(k, id)
	return nil
}

// removeUsed deletes an entry, and retries while notes of use change it. Revision returns the entry's revision in the
// table, or 0 if the table does not hold the entry.
func (a *Accounts) removeUsed(ctx context.Context, k kind, id string, revision func(*table) uint64) error {
	for {
		a.mu.RLock()
		at, moved := revision(&a.table), a.moved
		a.mu.RUnlock()
		if at == 0 {
			return nil
		}
		if err := a.remove(ctx, k, id, at); !errors.Is(err, workspace.ErrConflict) {
			return err
		}
		select {
		case <-moved: // what was changed in the bucket is in the table soon
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// move wakes those who wait for a change of the table. The caller holds the lock.
func (a *Accounts) move() {
	close(a.moved)
	a.moved = make(chan struct{})
}

func (a *Accounts) take(e workspace.Entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.move()
	return a.table.tell(e)
}

const (
	sweepEvery = time.Hour // how often what has expired is removed
	usesMax    = 256       // notes of use that may wait; more are dropped
)

// Run follows the bucket until ctx ends, which is no error, or until it cannot be watched any more.
func (a *Accounts) Run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { a.keep(watching) })
	synced := false
	err := a.bucket.Watch(watching, func(e workspace.Entry) {
		if e.Synced {
			if !synced {
				synced = true
				close(a.ready)
			}
			return
		}
		if err := a.take(e); err != nil {
			a.logger.LogAttrs(ctx, slog.LevelError, "account entry is not usable", slog.String("stage", "accounts"), slog.Any("error", err))
		}
	})
	stop()
	wg.Wait()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("watch accounts: %w", err)
	}
	return nil
}

// keep stores the notes of use, and removes what has expired.
func (a *Accounts) keep(ctx context.Context) {
	select {
	case <-a.ready:
	case <-ctx.Done():
		return
	}
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	a.sweep(ctx)
	for {
		select {
		case note := <-a.used:
			note(ctx)
		case <-sweep.C:
			a.sweep(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// sweep removes sessions and links that nobody can use any more. What somebody else removes meanwhile is gone as well.
func (a *Accounts) sweep(ctx context.Context) {
	now := time.Now()
	a.mu.RLock()
	var sessions []*Session
	var invites []*invite
	for _, s := range a.table.sessions {
		if _, err := a.table.userOf(s, now, a.cfg.SessionIdle); err != nil {
			sessions = append(sessions, s)
		}
	}
	for _, i := range a.table.invites {
		if now.After(i.ExpiresAt) || a.table.users[i.User] == nil {
			invites = append(invites, i)
		}
	}
	a.mu.RUnlock()
	for _, s := range sessions {
		a.unneeded(ctx, a.remove(ctx, kindSession, s.ID, s.revision))
	}
	for _, i := range invites {
		a.unneeded(ctx, a.remove(ctx, kindInvite, i.ID, i.revision))
	}
}

// unneeded notes that something could not be tidied up, which is tried again.
func (a *Accounts) unneeded(ctx context.Context, err error) {
	if err != nil && !errors.Is(err, workspace.ErrConflict) && ctx.Err() == nil {
		a.logger.LogAttrs(ctx, slog.LevelWarn, "tidy up accounts", slog.String("stage", "accounts"), slog.Any("error", err))
	}
}
