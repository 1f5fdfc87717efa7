package accounts

import (
	"errors"
	"strings"
	"testing"

	"penstock/internal/access"
)

// A hash made with other parameters is replaced when its user signs in.
func TestHashesAreRenewed(t *testing.T) {
	bubble(t, func(r *rig) {
		t := r.t
		u := r.user(t, ada, access.Viewer)
		r.hasher.Passes = 2
		session := r.signIn(t, ada, password)
		next, err := r.Accounts.User(u.ID)
		if err != nil || !strings.Contains(next.Password, ",t=2,") {
			t.Errorf("hash %s, %v", next.Password, err)
		}
		if got := r.who(session, ""); got != "user Ada viewer" {
			t.Errorf("session: %s", got)
		}
		r.signIn(t, ada, password)
	})
}

func TestStoredHashesAreBounded(t *testing.T) {
	sum := strings.Repeat("A", 43)
	for _, hash := range []string{
		"",
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$c3Vt",
		"$argon2i$v=19$m=8,t=1,p=1$c2FsdA$" + sum,
		"$argon2id$v=19$m=99999999,t=1,p=1$c2FsdA$" + sum,
		"$argon2id$v=19$m=8,t=0,p=1$c2FsdA$" + sum,
		"$argon2id$v=19$m=8,t=1,p=0$c2FsdA$" + sum,
	} {
		if _, _, _, err := decodeHash(hash); !errors.Is(err, errHash) {
			t.Errorf("%q: %v, want errHash", hash, err)
		}
	}
}
