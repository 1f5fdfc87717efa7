package harness

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// TrustFront makes a server believe what a TLSFront says of a caller.
const TrustFront = "--trusted-proxies=127.0.0.0/8"

// TLSFront stands before a server as a load balancer would: it speaks TLS and HTTP/2 with browsers, plain HTTP with the server, and says in X-Forwarded-For,
// -Proto and -Host what it was asked. It is stopped at the end of the test. The URL begins with https, and its certificate is nobody's.
func TLSFront(tb testing.TB, target string) (address string) {
	tb.Helper()
	to, err := url.Parse(target)
	if err != nil {
		tb.Fatal(err)
	}
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.SetXForwarded()
	}})
	front.EnableHTTP2 = true
	front.StartTLS()
	tb.Cleanup(front.Close)
	return front.URL
}
