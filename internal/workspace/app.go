package workspace

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"

	"penstock/internal/destination"
	"penstock/internal/pendowire"
)

// Region is the Pendo region that an app stands for; "" for none, which is every one.
type Region string

// The regions.
const (
	RegionUS  Region = "us"
	RegionUS1 Region = "us1"
	RegionEU  Region = "eu"
	RegionJP  Region = "jp"
	RegionAU  Region = "au"
)

// DataHost is the host of Pendo's that takes what is sent to apps of the region; "" for no region.
func (r Region) DataHost() string {
	switch r {
	case RegionUS:
		return "data.pendo.io"
	case RegionUS1:
		return "us1.data.pendo.io"
	case RegionEU:
		return "data.eu.pendo.io"
	case RegionJP:
		return "data.jpn.pendo.io"
	case RegionAU:
		return "data.au.pendo.io"
	}
	return ""
}

// Secret is a text that is never shown: it is stored, and written nowhere else.
type Secret string

// String implements fmt.Stringer: it hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return Masked
}

// IsMasked tells whether this is a secret as it is shown; then the secret that it stands for stays what it is.
func (s Secret) IsMasked() bool { return destination.IsMasked(string(s)) }

// GoString implements fmt.GoStringer: it hides the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue implements slog.LogValuer: it hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// App is an application on the receiving side. Its key is public: it lets send, never read.
type App struct {
	ID              string   `json:"id"`
	Slug            string   `json:"slug"`
	Name            string   `json:"name"`
	Key             string   `json:"key"`
	OldKeys         []string `json:"oldKeys,omitempty"` // those before, which are still taken
	Region          Region   `json:"region,omitempty"`
	SharedSecret    Secret   `json:"sharedSecret,omitempty"`    // for Track Events of servers
	SignatureSecret Secret   `json:"signatureSecret,omitempty"` // a Standard Webhooks secret, whsec_..., or one for X-Signature
	CheckSignature  bool     `json:"checkSignature,omitempty"`

	AnonymousVisitors  bool `json:"anonymousVisitors,omitempty"`  // an anonymousId names a visitor
	IgnoreIdentify     bool `json:"ignoreIdentify,omitempty"`     // Segment identify calls change nothing
	IgnoreGroup        bool `json:"ignoreGroup,omitempty"`        // Segment group calls change nothing
	AccountFromContext bool `json:"accountFromContext,omitempty"` // context.groupId of an identify call names an account

	Retention *AppRetention `json:"retention,omitempty"`

	Revision uint64 `json:"-"` // of its entry
}

// Rules is what the app's switches say about the calls that it receives.
func (a *App) Rules() pendowire.Rules {
	return pendowire.Rules{Anonymous: a.AnonymousVisitors, NoIdentify: a.IgnoreIdentify, NoGroup: a.IgnoreGroup, ContextAccount: a.AccountFromContext}
}

// NormalizeAppKey brings the written forms of an app key (with or without dashes, upper or lower case) to one.
func NormalizeAppKey(key string) string { return strings.ToLower(strings.ReplaceAll(key, "-", "")) }

// NewAppKey makes a random key.
func NewAppKey() string {
	var random [appKeyDigits / 2]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(random[:])
}

// NewSharedSecret makes a random one, of letters and digits.
func NewSharedSecret() Secret { return Secret(random(base62, sharedSecretLen)) }

// secretHash is a secret as it is looked up: how long that takes tells nothing about the secret.
type secretHash [sha256.Size]byte

func hashSecret(s string) secretHash { return sha256.Sum256([]byte(s)) }

// The forms of secrets.
const (
	sharedSecretLen = 44 // characters of one that is made
	secretLenMin    = 16 // characters
	secretLenMax    = 256
)

func isSecret(s string) bool {
	return len(s) >= secretLenMin && len(s) <= secretLenMax && onlyHas(s, func(c byte) bool { return c > ' ' && c <= '~' })
}

func isSignatureSecret(s string) bool {
	_, err := destination.SigningKey(s)
	return err == nil && s != "" && len(s) <= secretLenMax
}
