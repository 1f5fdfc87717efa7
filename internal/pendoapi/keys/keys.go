// Package keys is the integration keys that open the Pendo-compatible public API: who made them is told apart by a description, a key opens one app or all, to read or also to write. Only a hash
// of a key is kept, in a bucket of the configuration, so that a key is shown once, when it is made.
//
// What does not belong here: what a key opens. That is internal/pendoapi.
package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"penstock/internal/workspace"
)

// Max is how many keys there may be.
const Max = 200

// ErrTooMany means that there are as many keys as there may be.
var ErrTooMany = fmt.Errorf("there are %d integration keys, and that is as many as may be; delete one that is not used", Max)

// Key is an integration key, without its secret.
type Key struct {
	ID          string    `json:"id"`
	Description string    `json:"description"`
	App         string    `json:"app,omitempty"` // id; "" for all apps
	WriteAccess bool      `json:"writeAccess"`
	Hash        string    `json:"hash"` // SHA-256 of the secret, in hexadecimal digits
	CreatedAt   time.Time `json:"createdAt"`

	LastUsedAt time.Time `json:"-"` // since this process began; zero: not
	revision   uint64
}

// Store is the keys. Run follows the bucket.
type Store struct {
	kv     workspace.KV
	logger *slog.Logger
	ready  chan struct{} // closed once all keys are known
	synced sync.Once

	mu      sync.Mutex
	all     map[string]Key // by id
	used    map[string]time.Time
	changed chan struct{} // closed, and made anew, at each change
}

// Open makes a Store over a bucket. It knows no key until Run, and all of them once it is Ready.
func Open(kv workspace.KV, logger *slog.Logger) *Store {
	return &Store{kv: kv, logger: logger, ready: make(chan struct{}), all: map[string]Key{}, used: map[string]time.Time{}, changed: make(chan struct{})}
}

// Ready is closed once all keys of the bucket are known.
func (s *Store) Ready() <-chan struct{} { return s.ready }

// retryAfter is how long to wait after the bucket could not be followed.
const retryAfter = 5 * time.Second

// Run follows the bucket until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.kv.Watch(ctx, s.learn); ctx.Err() == nil {
			s.logger.LogAttrs(ctx, slog.LevelError, "integration keys are not followed, trying again", slog.String("stage", "pendoapi"), slog.Any("error", err))
			select {
			case <-time.After(retryAfter):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

const prefix = workspace.Default + ".integration-keys."

func (s *Store) learn(e workspace.Entry) {
	if e.Synced {
		s.synced.Do(func() { close(s.ready) })
		return
	}
	id, ours := strings.CutPrefix(e.Key, prefix)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		close(s.changed)
		s.changed = make(chan struct{})
	}()
	if !ours {
		return
	}
	if e.Deleted {
		delete(s.all, id)
		return
	}
	var k Key
	if json.Unmarshal(e.Value, &k) != nil {
		return // of a later version
	}
	k.revision = e.Revision
	s.all[id] = k
}

// List lists the keys, the newest first.
func (s *Store) List() []Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Key{}
	for _, k := range s.all {
		k.LastUsedAt = s.used[k.ID]
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Key) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// Create makes a key of a description, an app (id; "" for all) and its access, and returns it with its secret, which nobody can find out later. region is what the
// secret ends in, as Pendo's do.
func (s *Store) Create(ctx context.Context, k Key, region string) (Key, string, error) {
	if len(s.List()) >= Max {
		return Key{}, "", ErrTooMany
	}
	secret := newSecret(region)
	k.ID, k.Hash, k.CreatedAt = random(8), digest(secret), time.Now().UTC().Truncate(time.Millisecond)
	value, err := json.Marshal(k)
	if err != nil {
		return Key{}, "", fmt.Errorf("make integration key: %w", err)
	}
	if k.revision, err = s.kv.Put(ctx, prefix+k.ID, value, 0); err != nil {
		return Key{}, "", fmt.Errorf("make integration key: %w", err)
	}
	return k, secret, s.wait(ctx, func() bool { return s.all[k.ID].revision >= k.revision })
}

// Delete takes a key away; false when there is none of that id.
func (s *Store) Delete(ctx context.Context, id string) (bool, error) {
	s.mu.Lock()
	k, ok := s.all[id]
	s.mu.Unlock()
	if !ok {
		return false, nil
	}
	if err := s.kv.Delete(ctx, prefix+id, k.revision); err != nil && !errors.Is(err, workspace.ErrConflict) {
		return true, fmt.Errorf("delete integration key: %w", err)
	}
	return true, s.wait(ctx, func() bool { _, there := s.all[id]; return !there })
}

// wait waits until the Store has learnt of a change.
func (s *Store) wait(ctx context.Context, there func() bool) error {
	for {
		s.mu.Lock()
		done, changed := there(), s.changed
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for integration key: %w", context.Cause(ctx))
		}
	}
}

// Find finds the key with a secret, and remembers that it was used. The time that it takes says nothing about the secret: what is looked up is its hash.
func (s *Store) Find(secret string) (Key, bool) {
	if secret == "" {
		return Key{}, false
	}
	hash := digest(secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.all {
		if k.Hash == hash {
			s.used[k.ID] = time.Now().UTC()
			return k, true
		}
	}
	return Key{}, false
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newSecret is random digits in the form of a UUID, and a region.
func newSecret(region string) string {
	d := random(16)
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:] + "." + region
}

// random is so many random bytes in hexadecimal digits.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}
