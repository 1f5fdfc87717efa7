// Package forwarded says who sent a request, and under which address they reached this server, where proxies stand between. What a proxy says is believed
// of those only that an operator trusts; anybody can send such headers.
package forwarded

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Proxies are the networks whose X-Forwarded headers are believed.
type Proxies []netip.Prefix

func (p Proxies) trust(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// Client is the address that a request comes from: the peer's, or what a trusted proxy says of it. It is the zero Addr when it cannot be told.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	if !p.trust(addr) {
		return addr
	}
	// The last address was written by the nearest proxy: go back as long as proxies are trusted.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(hops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return addr
		}
		addr = hop.Unmap()
		if !p.trust(addr) {
			return addr
		}
	}
	return addr
}

// Reached is how the client has reached this server: by the request itself, by what a trusted proxy says of it, or, where the host is that of the public
// URL, by that.
func (p Proxies) Reached(r *http.Request, publicURL string) (scheme, host string) {
	scheme, host = "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && p.trust(peer.Addr().Unmap()) {
		if said := lastOf(r.Header.Values("X-Forwarded-Host")); said != "" {
			host = said
		}
		if said := strings.ToLower(lastOf(r.Header.Values("X-Forwarded-Proto"))); said == "http" || said == "https" {
			return said, host
		}
	}
	if u, err := url.Parse(publicURL); err == nil && u.Host == host {
		scheme = u.Scheme
	}
	return scheme, host
}

// lastOf is the last value of a header that may be a list: the nearest proxy wrote it.
func lastOf(values []string) string {
	all := strings.Join(values, ",")
	return strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
}
