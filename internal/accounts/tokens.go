package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// TokenPrefix is what every token begins with, so that one that has leaked is found.
const TokenPrefix = "pst_"

// NewToken is what a token is made of; ExpiresAt nil: it does not expire.
type NewToken struct {
	Name      string
	Role      access.Role
	ExpiresAt *time.Time
}

// Tokens lists the tokens, by name.
func (a *Accounts) Tokens() []*Token {
	a.mu.RLock()
	defer a.mu.RUnlock()
	all := make([]*Token, 0, len(a.table.tokens))
	for _, t := range a.table.tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(x, y *Token) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return all
}

// shown is a token as the audit trail has it.
func (t *Token) shown() json.RawMessage {
	shown, err := json.Marshal(struct {
		Name      string      `json:"name"`
		Role      access.Role `json:"role"`
		ExpiresAt *time.Time  `json:"expiresAt,omitempty"`
	}{t.Name, t.Role, t.ExpiresAt})
	if err != nil {
		panic(err) // only for years beyond 9999, which CreateToken refuses
	}
	return shown
}

// CreateToken makes a token; secret is the token itself, which is kept nowhere.
func (a *Accounts) CreateToken(ctx context.Context, n NewToken) (secret string, t *Token, err error) {
	if n.Name, err = checkName(n.Name); err != nil {
		return "", nil, err
	}
	if err := checkRole(n.Role); err != nil {
		return "", nil, err
	}
	now := time.Now().UTC()
	if n.ExpiresAt != nil && (!now.Before(*n.ExpiresAt) || n.ExpiresAt.Year() > 9999) {
		return "", nil, &InvalidError{Field: "expiresAt", Message: "a token must expire in the future, or not at all"}
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	a.mu.RLock()
	many := len(a.table.tokens) >= tokensMax
	a.mu.RUnlock()
	if many {
		return "", nil, ErrTooMany
	}
	who, _ := access.Of(ctx)
	secret = TokenPrefix + newSecret()
	t = &Token{ID: workspace.NewID(), Name: n.Name, Role: n.Role, CreatedAt: now, CreatedBy: who.Name, ExpiresAt: n.ExpiresAt, Hash: hashOf(secret)}
	made := record.Audit{Action: audit.Create, Kind: "token", ID: t.ID, Name: t.Name, After: t.shown()}
	err = a.trail.Around(ctx, made, func() error { return a.put(ctx, kindToken, t.ID, t, 0) })
	return secret, t, err
}

// RevokeToken removes a token; it opens nothing from then on.
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	a.changing.Lock()
	defer a.changing.Unlock()
	t := a.token(id)
	if t == nil {
		return ErrNotFound
	}
	gone := record.Audit{Action: audit.Delete, Kind: "token", ID: t.ID, Name: t.Name, Before: t.shown()}
	return a.trail.Around(ctx, gone, func() error {
		return a.removeUsed(ctx, kindToken, id, func(now *table) uint64 {
			if t := now.tokens[id]; t != nil {
				return t.revision
			}
			return 0
		})
	})
}

func (a *Accounts) token(id string) *Token {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.table.tokens[id]
}
