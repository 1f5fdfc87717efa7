package app

import (
	"log/slog"
	"net/netip"
	"time"

	"penstock/internal/retain"
)

// Config is what `penstock serve` is started with.
type Config struct {
	DataDir         string         // everything that the server keeps; made when it is missing
	Listen          string         // address of the one listener, host:port
	PublicURL       string         // under which others reach this server; empty: made from the listener's address
	WorkspaceFile   string         // applied at start; empty: none
	AdminToken      string         // opens the control API; empty: one is made at the first start
	SecretKey       string         // encrypts the secrets at rest; empty: the data folder has the key
	SecretKeysOld   []string       // what they were encrypted with before
	ForgetSecrets   bool           // those whose key is not there are dropped
	NATSURL         string         // a JetStream cluster; empty: the log is embedded
	Quorum          bool           // --durability=quorum: the cluster's servers need not sync
	SyncAlways      bool           // of the embedded log; off only to prove that it matters
	EgressAllow     []netip.Prefix // private networks that destinations may reach
	TrustedProxies  []netip.Prefix // whose X-Forwarded headers are believed
	EventsPerSecond int            // that each source may send; 0: no limit
	Retention       Retention      // of sources that say nothing else
	DuplicateWindow time.Duration  // how long a messageId counts as seen; 0: 24 h
	DuckDBMemory    int64          // bytes that journal and analytics may keep in memory; 0: the default
	DuckDBThreads   int            // that work on their queries; 0: the default
	CountWindow     time.Duration  // how long after a received call the same one is not counted again; 0: the default
	Version         string
	Logger          *slog.Logger
	// Lookup finds the variables that the workspace file refers to.
	Lookup func(name string) (string, bool)
}

// Retention is how long the log is kept.
type Retention = retain.Config

// DefaultRetention is the opinionated value of Retention.
func DefaultRetention() Retention { return retain.DefaultConfig() }

// Started is what there is to say once the server takes events.
type Started struct {
	URL       string   // of this server
	Token     string   // the admin token, if it was made just now; it is shown once
	Setup     string   // the link that makes the first owner; empty: there is a user
	WriteKeys []string // of the first source that is on
	App       string   // slug of the first app
}
