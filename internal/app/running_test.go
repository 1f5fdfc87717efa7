package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/test/harness"
)

const adminTestToken = "a-token-of-the-tests"

// running is a server that runs in this process, with all its parts.
type running struct {
	*server
	logs *shelf
}

// shelf keeps what is logged.
type shelf struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shelf) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shelf) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// begin starts a server on a folder. It must be ended. A test that fails prints the end of its log.
func begin(t *testing.T, dir string, edit func(*Config)) *running {
	t.Helper()
	logs := &shelf{}
	cfg := Config{
		DataDir: dir, Listen: "127.0.0.1:0", AdminToken: adminTestToken, SyncAlways: true, Retention: DefaultRetention(), EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Version: "test", Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Lookup: func(string) (string, bool) { return "", false },
	}
	if edit != nil {
		edit(&cfg)
	}
	r := &running{server: &server{cfg: cfg, parts: newParts(cfg.Logger), began: time.Now().UTC()}, logs: logs}
	t.Cleanup(func() {
		if text := logs.String(); t.Failed() {
			t.Logf("the server's log ends:\n%s", text[max(0, len(text)-8000):])
		}
	})
	if _, err := r.start(t.Context()); err != nil {
		r.end(t)
		t.Fatal(err)
	}
	return r
}

// end stops the server in order.
func (r *running) end(t *testing.T) {
	t.Helper()
	if err := r.parts.stop(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// ask sends a request with the bootstrap token.
func (r *running) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	status, text, err := send(t.Context(), method, r.url+path, body, map[string]string{"Authorization": "Bearer " + adminTestToken})
	if err != nil {
		t.Fatal(err)
	}
	return status, text
}

func send(ctx context.Context, method, url, body string, headers map[string]string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// sink is a destination that takes everything, and counts it.
func sink(t *testing.T) (url string, taken func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a sender that is gone is no matter here
		mu.Lock()
		defer mu.Unlock()
		n++
	}))
	t.Cleanup(s.Close)
	return s.URL, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// settled waits until nothing is open any more, and the ledger balances.
func (r *running) settled(t *testing.T) {
	t.Helper()
	harness.Eventually(t, "everything is settled", func() error {
		rows, cut, err := r.ledger.Totals(t.Context())
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Pending+row.Retrying+row.Parked > 0 {
				return fmt.Errorf("at %+v: %+v", cut, row)
			}
			if sum := row.Delivered + row.Filtered + row.Duplicate + row.Discarded + row.Lost; sum != row.Accepted {
				return fmt.Errorf("%+v does not balance", row)
			}
		}
		return nil
	})
}

// holding lists the files of a folder that hold a text.
func holding(t *testing.T, dir, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
