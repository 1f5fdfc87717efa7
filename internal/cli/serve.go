package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"penstock/internal/app"
)

// tokenLenMin is the shortest token that the server takes, in characters.
const tokenLenMin = 8

// duplicateWindowMax is the longest that a messageId may count as seen: as long as the index of seen ids keeps it.
const duplicateWindowMax = 7 * 24 * time.Hour

type serveCommand struct {
	Data            string         `default:"penstock-data" env:"PENSTOCK_DATA" help:"Folder for everything that the server keeps (${env})."`
	Listen          string         `default:"127.0.0.1:8080" env:"PENSTOCK_LISTEN" help:"Address to listen on; :8080 is every address of this machine (${env})."`
	Workspace       string         `env:"PENSTOCK_WORKSPACE" help:"Workspace file that is applied at start (${env})."`
	PublicURL       string         `name:"public-url" env:"PENSTOCK_PUBLIC_URL" help:"URL under which others reach this server. Default: made of the address (${env})."`
	NATSURL         string         `name:"nats-url" env:"PENSTOCK_NATS_URL" help:"JetStream cluster that holds the log. Default: the log is in the data folder (${env})."`
	Durability      string         `default:"sync" enum:"sync,quorum" env:"PENSTOCK_DURABILITY" help:"sync: refuse a cluster whose servers do not sync to the disk; quorum: replication is enough (${env})."`
	EgressAllow     []netip.Prefix `env:"PENSTOCK_EGRESS_ALLOW" help:"Private networks that destinations may reach, as in 10.0.0.0/8,192.168.1.7/32 (${env})."`
	TrustedProxies  []netip.Prefix `env:"PENSTOCK_TRUSTED_PROXIES" help:"Proxies whose X-Forwarded-For, -Proto and -Host are believed, as in 10.0.0.0/8 (${env})."`
	RateLimit       int            `default:"0" env:"PENSTOCK_RATE_LIMIT" help:"Events that each source may send in a second; beyond it the answer is 429. 0: no limit (${env})."`
	DuplicateWindow time.Duration  `default:"24h" env:"PENSTOCK_DUPLICATE_WINDOW" help:"How long a messageId counts as seen on its source, as in 90m or 24h (${env})."`
	RetentionDays   int            `default:"7" env:"PENSTOCK_RETENTION_DAYS" help:"Days that events are kept, where a source says nothing else (${env})."`
	RetentionBytes  int64          `default:"0" env:"PENSTOCK_RETENTION_BYTES" help:"Bytes that the events of a source may take; 0: as many as there is room for (${env})."`
	BacklogHours    int            `default:"72" env:"PENSTOCK_BACKLOG_HOURS" help:"Hours that an event may wait for a mapping to settle it; beyond it its source is answered 503 (${env})."`
	BacklogBytes    int64          `default:"8589934592" env:"PENSTOCK_BACKLOG_BYTES" help:"Bytes of a source that may wait for that (${env})."`
	LogLevel        string         `default:"info" enum:"debug,info,warn,error" env:"PENSTOCK_LOG_LEVEL" help:"debug, info, warn or error (${env})."`
	LogFormat       string         `default:"text" enum:"text,json" env:"PENSTOCK_LOG_FORMAT" help:"text or json (${env})."`
	ForgetSecrets   bool           `help:"Drop the secrets of destinations that cannot be read, because their key is lost. Without it, the server does not start then."`
	SyncAlways      bool           `default:"true" negatable:"" hidden:"" env:"PENSTOCK_SYNC_ALWAYS" help:"Sync to the disk before an answer. Off loses events; it is there to prove that."`
	Memory          int64          `default:"2048" env:"PENSTOCK_MEMORY" help:"MiB that the server aims to stay within, --duckdb-memory among them; near it, the processor works more to keep there (${env})."`
	DuckDBMemory    int64          `name:"duckdb-memory" default:"512" env:"PENSTOCK_DUCKDB_MEMORY" help:"MiB that journal and analytics may keep in memory; beyond it, queries use the disk (${env})."`
	DuckDBThreads   int            `name:"duckdb-threads" default:"2" env:"PENSTOCK_DUCKDB_THREADS" help:"Threads that work on queries of journal and analytics (${env})."`
	CountWindow     time.Duration  `default:"168h" env:"PENSTOCK_COUNT_WINDOW" help:"How long after a received call the same one is not counted again (${env})."`
}

// Help is what stands above the flags.
func (*serveCommand) Help() string {
	return "The control API wants a token. It is taken from PENSTOCK_ADMIN_TOKEN; where that is not set, one is made at the first start and printed once. As long as there is no user, each " +
		"start prints a link that makes the first one.\n\nSecrets of destinations are encrypted with a key that is made at the first start and lies in the data folder, or with " +
		"PENSTOCK_SECRET_KEY (32 bytes in base64 or as hex digits). To change that one, start with the new one there, and the old one, or several with commas between them, in PENSTOCK_SECRET_KEY_OLD."
}

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, sys *System) error {
	token := os.Getenv(tokenVariable)
	if token != "" && len(token) < tokenLenMin {
		return fmt.Errorf("%s has %d characters; a token needs at least %d. Leave it unset, and one is made", tokenVariable, len(token), tokenLenMin)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("--public-url is %q; want a URL like https://events.example.com", c.PublicURL)
		}
	}
	if c.RateLimit < 0 {
		return fmt.Errorf("--rate-limit is %d; want a number of events a second, or 0 for no limit", c.RateLimit)
	}
	if c.CountWindow <= 0 {
		return fmt.Errorf("--count-window is %s; want a time like 168h", c.CountWindow)
	}
	if c.DuplicateWindow < time.Second || c.DuplicateWindow > duplicateWindowMax {
		return fmt.Errorf("--duplicate-window is %s; want 1s to %s: ids that are older are not kept", c.DuplicateWindow, duplicateWindowMax)
	}
	limit, err := c.memoryLimit()
	if err != nil {
		return err
	}
	keep, err := c.retention()
	if err != nil {
		return err
	}
	cfg := app.Config{
		DataDir: c.Data, Listen: c.Listen, PublicURL: c.PublicURL, WorkspaceFile: c.Workspace, AdminToken: token,
		NATSURL: c.NATSURL, Quorum: c.Durability == "quorum", SyncAlways: c.SyncAlways, EgressAllow: c.EgressAllow,
		TrustedProxies: c.TrustedProxies, EventsPerSecond: c.RateLimit, DuplicateWindow: c.DuplicateWindow, Retention: keep,
		SecretKey: os.Getenv("PENSTOCK_SECRET_KEY"), SecretKeysOld: keysOf(os.Getenv("PENSTOCK_SECRET_KEY_OLD")), ForgetSecrets: c.ForgetSecrets,
		DuckDBMemory: c.DuckDBMemory << 20, DuckDBThreads: c.DuckDBThreads, CountWindow: c.CountWindow,
		Version: version(), Logger: c.logger(sys.Stderr), Lookup: os.LookupEnv,
	}
	debug.SetMemoryLimit(limit)
	return app.Run(ctx, cfg, func(s app.Started) { _, _ = io.WriteString(sys.Stdout, welcome(s)) })
}

// What a server needs besides its databases' memory, in MiB: what lies outside of Go's heap (the index of seen ids, the program), and the least heap that it works with.
const (
	memoryOutside = 256
	memoryHeapMin = 256
)

// memoryLimit is the size, in bytes, near which Go's garbage collector works as hard as it must.
func (c *serveCommand) memoryLimit() (int64, error) {
	least := c.DuckDBMemory + memoryOutside + memoryHeapMin
	if c.Memory < least {
		return 0, fmt.Errorf("--memory is %d MiB; want at least %d, which are the %d of --duckdb-memory and %d for all else", c.Memory, least, c.DuckDBMemory, memoryOutside+memoryHeapMin)
	}
	return (c.Memory - c.DuckDBMemory - memoryOutside) << 20, nil
}

// retention is how long the log is kept where sources say nothing else.
func (c *serveCommand) retention() (app.Retention, error) {
	if c.RetentionDays < 1 || c.RetentionBytes < 0 || c.BacklogHours < 1 || c.BacklogBytes < 1 {
		return app.Retention{}, errors.New("--retention-days, --backlog-hours and --backlog-bytes want a whole number above 0, and --retention-bytes one that is not below")
	}
	keep := app.DefaultRetention()
	keep.Days, keep.Bytes, keep.BacklogHours, keep.BacklogBytes = c.RetentionDays, c.RetentionBytes, c.BacklogHours, c.BacklogBytes
	return keep, nil
}

// keysOf splits a list of keys.
func keysOf(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func (c *serveCommand) logger(out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // the parser takes none other than the four
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// welcome says what a newcomer does next. The calls are those of Pendo's article on Track Events, with straight quotes.
func welcome(s app.Started) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "Penstock takes events at %s\n", s.URL)
	if s.Token != "" {
		fmt.Fprintf(out, "\nThe admin token, which is shown only this once:\n\n  export %s=%s\n", tokenVariable, s.Token)
	}
	if s.Setup != "" {
		fmt.Fprintf(out, "\nThere is no user yet. Whoever opens this link in a browser, within a day, becomes the first one, an owner:\n\n  %s\n", s.Setup)
	}
	if len(s.WriteKeys) == 0 {
		fmt.Fprintf(out, "\nThere is no source yet, so nothing can be sent. Write a workspace file (examples/pendo/workspace.yaml is one), and:\n\n"+
			"  %s apply --server %s -f workspace.yaml\n", program(), s.URL)
		return out.String()
	}
	fmt.Fprint(out, "\nSend two Track Events, one with groupId at the top level, one with it in properties:\n\n",
		trackCall(s, `"groupId": "account",
     "properties": {
         "exampleKeyName": "exampleValue"
     },`),
		trackCall(s, `"properties": {
         "groupId": "account",
         "exampleKeyName": "exampleValue"
     },`))
	fmt.Fprintf(out, "See what became of them, with the token in %s:\n\n"+
		"  curl --header \"Authorization: Bearer $%s\" '%s/api/apps/%s/track-events'\n"+
		"  %s ledger --server %s\n", tokenVariable, tokenVariable, s.URL, cmp.Or(s.App, "APP"), program(), s.URL)
	return out.String()
}

// program is how this program was called.
func program() string { return os.Args[0] }

// trackCall is a call to paste into a shell.
func trackCall(s app.Started, group string) string {
	return `curl --location '` + s.URL + `/v1/track' \
--header 'Content-Type: application/json' \
--data-raw '{
     "event": "Example Event Name",
     "userId": "123",
     ` + group + `
     "writeKey": "` + s.WriteKeys[0] + `"
  }'

`
}
