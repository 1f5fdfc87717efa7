package netguard_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/netguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errAlso = errors.New("also")

// get gives the status of the answer.
func get(t *testing.T, c netguard.Config, url string) (int, error) {
	t.Helper()
	client := netguard.NewClient(c)
	t.Cleanup(client.CloseIdleConnections)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func server(t *testing.T, h http.HandlerFunc) (*httptest.Server, netip.AddrPort) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s, netip.MustParseAddrPort(s.Listener.Addr().String())
}

func TestRefusesWhatIsNotPublic(t *testing.T) {
	for _, host := range []string{
		"127.0.0.1:1", "[::1]:1", "10.1.2.3:80", "172.16.0.1:80", "192.168.0.1:80", "169.254.169.254:80", "0.0.0.0:80", "100.64.0.1:80",
		"[fd00::1]:80", "[fe80::1]:80", "[::ffff:127.0.0.1]:80", "[64:ff9b::7f00:1]:80", "localhost:1", "224.0.0.1:80", "255.255.255.255:80",
	} {
		status, err := get(t, netguard.Config{Refused: errAlso}, "http://"+host+"/")
		if err == nil {
			t.Fatalf("%s answered %d", host, status)
		}
		refusal, ok := errors.AsType[*netguard.RefusedError](err)
		if !ok || !errors.Is(err, netguard.ErrRefused) || !errors.Is(err, errAlso) || !refusal.Addr.IsValid() {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAllowsWhatIsNamed(t *testing.T) {
	s, addr := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	own := func(list ...netip.AddrPort) func() []netip.AddrPort {
		return func() []netip.AddrPort { return list }
	}
	for name, c := range map[string]struct {
		config netguard.Config
		want   bool
	}{
		"nothing":              {netguard.Config{}, false},
		"its network":          {netguard.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, true},
		"another network":      {netguard.Config{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, false},
		"a network's address":  {netguard.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}}, true},
		"the server itself":    {netguard.Config{Own: own(addr)}, true},
		"another port of ours": {netguard.Config{Own: own(netip.AddrPortFrom(addr.Addr(), addr.Port()^1))}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := get(t, c.config, s.URL)
			if (err == nil) != c.want {
				t.Errorf("error %v, want reached %v", err, c.want)
			}
		})
	}
}

func TestNamesAreJudgedByWhatTheyResolveTo(t *testing.T) {
	s, addr := server(t, func(http.ResponseWriter, *http.Request) {})
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	if _, err := get(t, netguard.Config{}, url); !errors.Is(err, netguard.ErrRefused) {
		t.Errorf("localhost: %v", err)
	}
	if _, err := get(t, netguard.Config{Own: func() []netip.AddrPort { return []netip.AddrPort{addr} }}, url); err != nil {
		t.Errorf("localhost, when it is this server: %v", err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	calls := 0
	s, addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	status, err := get(t, netguard.Config{Own: func() []netip.AddrPort { return []netip.AddrPort{addr} }}, s.URL)
	if err != nil || status != http.StatusTemporaryRedirect || calls != 1 {
		t.Errorf("status %d, error %v, %d calls", status, err, calls)
	}
}

func TestKeepsConnectionsOpen(t *testing.T) {
	const concurrency = 8
	transport := netguard.NewTransport(netguard.Config{Concurrency: concurrency})
	if transport.MaxIdleConnsPerHost != concurrency || transport.Proxy != nil {
		t.Errorf("transport: %d idle connections per host, proxy %v", transport.MaxIdleConnsPerHost, transport.Proxy != nil)
	}
	if _, err := transport.DialContext(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", "1")); !errors.Is(err, netguard.ErrRefused) { //nolint:usetesting // nothing is dialed
		t.Errorf("dial: %v", err)
	}
}
