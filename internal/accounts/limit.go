package accounts

import (
	"fmt"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often something may be tried: so many times at once, and then once each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// LimitError says that somebody has tried too often.
type LimitError struct{ After time.Duration }

// Error says when to try again.
func (e *LimitError) Error() string {
	return fmt.Sprintf("that was tried too often; try again in %d seconds", e.Seconds())
}

// Seconds is After in whole seconds, at least one.
func (e *LimitError) Seconds() int { return max(int(math.Ceil(e.After.Seconds())), 1) }

// keysMax is how many addresses, or accounts, are remembered.
const keysMax = 10_000

// tries counts attempts to sign in.
type tries struct{ addresses, accounts *limits }

func newTries(byAddress, byAccount Rate) *tries {
	return &tries{addresses: newLimits(byAddress), accounts: newLimits(byAccount)}
}

// take counts one attempt; a *LimitError when it may not be made.
func (t *tries) take(address, account string) error {
	now := time.Now()
	if err := t.addresses.take(network(address), now); err != nil {
		return err
	}
	return t.accounts.take(account, now)
}

// network is what counts as one address: whoever has an address of IPv6 has 2^64 of them.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// limits is a Rate for each key.
type limits struct {
	rate Rate

	mu    sync.Mutex
	byKey map[string]*rate.Limiter
}

func newLimits(r Rate) *limits { return &limits{rate: r, byKey: map[string]*rate.Limiter{}} }

func (l *limits) take(key string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.byKey[key]
	if limiter == nil {
		l.makeRoom(now)
		limiter = rate.NewLimiter(rate.Every(l.rate.Every), l.rate.Burst)
		l.byKey[key] = limiter
	}
	r := limiter.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return &LimitError{After: wait}
	}
	return nil
}

// forget lets a key begin anew.
func (l *limits) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byKey, key)
}

// makeRoom forgets keys that have not been seen for long, and, when all have, any.
func (l *limits) makeRoom(now time.Time) {
	if len(l.byKey) < keysMax {
		return
	}
	for key, limiter := range l.byKey {
		if limiter.TokensAt(now) >= float64(l.rate.Burst) {
			delete(l.byKey, key)
		}
	}
	for key := range l.byKey {
		if len(l.byKey) < keysMax {
			return
		}
		delete(l.byKey, key)
	}
}
