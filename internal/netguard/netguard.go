// Package netguard is the way out: the HTTP client of deliveries. Its dialer looks at every address after name resolution, right before it connects,
// and refuses the ones that an endpoint on the open network never has: private, loopback, link-local, metadata services and the like. What a
// workspace needs beyond that is named: networks, and the server's own receiver.
package netguard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrRefused is in the chain of the error of a dial that the guard refuses.
var ErrRefused = errors.New("address is not open to deliveries")

// Config is what a client is made of.
type Config struct {
	Allow       []netip.Prefix          // networks that may be called although they are not public
	Own         func() []netip.AddrPort // exact addresses of this server that may be called; asked at each dial, since a listener may come later; nil: none
	Refused     error                   // stands in the chain of a refusal beside ErrRefused; nil: nothing does
	Concurrency int                     // connections that are kept open to one host while idle
}

// Limits of connecting, in time; how long a whole request may take is its sender's to decide.
const (
	dialTimeout = 5 * time.Second
	tlsTimeout  = 5 * time.Second
	idleTimeout = 90 * time.Second
	keepAlive   = 30 * time.Second
	headerBytes = 64 << 10 // of an answer
)

// NewClient makes a client that follows no redirect, uses no proxy, and does not decompress.
func NewClient(c Config) *http.Client {
	return &http.Client{
		Transport: NewTransport(c),
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// NewTransport makes the client's transport; who made it closes its idle connections.
func NewTransport(c Config) *http.Transport {
	g := newGuard(c)
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive, ControlContext: g.control}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           0, // the limit is per host
		MaxIdleConnsPerHost:    max(1, c.Concurrency),
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    tlsTimeout,
		MaxResponseHeaderBytes: headerBytes,
	}
}

type guard struct {
	public  *ssrf.Guardian
	own     func() []netip.AddrPort
	refused error
}

func newGuard(c Config) *guard {
	var v4, v6 []netip.Prefix
	for _, p := range c.Allow {
		if p = p.Masked(); p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return &guard{
		public:  ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)),
		own:     c.Own,
		refused: c.Refused,
	}
}

// control is called with the address that is about to be connected to.
func (g *guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read address %q: %w", address, err)
	}
	// An IPv4 address in the clothes of an IPv6 one is judged as what it is.
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if g.own != nil && slices.Contains(g.own(), to) {
		return nil
	}
	if network != "tcp4" && network != "tcp6" {
		return g.refuse(to, fmt.Errorf("network %s is not TCP", network))
	}
	if err := g.public.SafeAddrPort(to); err != nil {
		return g.refuse(to, err)
	}
	return nil
}

func (g *guard) refuse(to netip.AddrPort, why error) error {
	return &RefusedError{Addr: to, why: why, also: g.refused}
}

// RefusedError says which address was refused.
type RefusedError struct {
	Addr netip.AddrPort
	why  error
	also error
}

// Error names the address, and why it was refused.
func (e *RefusedError) Error() string { return fmt.Sprintf("dial %s: %v", e.Addr, e.why) }

// Unwrap gives ErrRefused, the reason, and the error that the configuration names.
func (e *RefusedError) Unwrap() []error {
	all := []error{ErrRefused, e.why}
	if e.also != nil {
		all = append(all, e.also)
	}
	return all
}
