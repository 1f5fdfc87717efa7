package destination

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// AfterMax is the longest Retry-After that is obeyed.
const AfterMax = 24 * time.Hour

// Classify says what the status of an answer means.
func Classify(status int, header http.Header) Result {
	r := Result{Code: strconv.Itoa(status)}
	said := r.Code
	if text := http.StatusText(status); text != "" {
		said += " " + text
	}
	switch {
	case status >= 200 && status < 300:
		r.Class = ClassDelivered
	case status >= 300 && status < 400:
		r.Class, r.Reason = ClassRejected, "answered "+said+redirectTo(header)+"; redirects are not followed: put the final address into the URL of the mapping"
	case status == http.StatusUnauthorized:
		r.Class, r.Reason = ClassUnavailable, "answered "+said+": the key or password is missing, wrong or expired; put a valid one into the mapping or the settings"
	case status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		r.Class, r.Suspect, r.Reason = ClassRetry, true, "answered "+said+": check the host, path and key in the URL of the mapping"
	case status == http.StatusTooManyRequests:
		r.Class, r.Suspect, r.Reason = ClassRetry, true, "answered "+said+": it takes no more for now, and is tried again later"
	case status == http.StatusRequestTimeout, status == http.StatusLocked:
		r.Class, r.Suspect, r.Reason = ClassRetry, true, "answered "+said+": it is tried again"
	case status == http.StatusNotImplemented:
		r.Class, r.Reason = ClassRejected, "answered "+said+": the endpoint does not know this method; choose another method in the mapping"
	case status >= 500 && status < 600:
		r.Class, r.Suspect, r.Reason = ClassRetry, true, "answered "+said+": the endpoint has a problem of its own; it is tried again"
	default:
		r.Class, r.Reason = ClassRejected, "answered "+said+": the endpoint does not take this event; look at its answer, and mend the mapping"
	}
	if r.Class == ClassRetry {
		r.After = retryAfter(header, time.Now())
	}
	return r
}

func redirectTo(header http.Header) string {
	if to := header.Get("Location"); to != "" {
		return " to " + shownURL(to)
	}
	return ""
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), AfterMax)
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(0, date.Sub(now)), AfterMax)
	}
	return 0
}

// classifyError says what it means that there was no answer.
func classifyError(err error) Result {
	if errors.Is(err, ErrEgressRefused) {
		return Result{Class: ClassUnavailable, Code: CodeEgress, Reason: "the address is private, loopback or otherwise not open to deliveries; allow its network with --egress-allow CIDR, or use a public address"}
	}
	if r, ok := classifyName(err); ok {
		return r
	}
	if r, ok := classifyTLS(err); ok {
		return r
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Result{Class: ClassUnavailable, Code: CodeRefused, Reason: "nobody listens at the host and port of the URL; start the endpoint, or mend the URL"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Result{Class: ClassUnavailable, Code: CodeUnreachable, Reason: "there is no route to the host of the URL; check the network, or mend the URL"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return Result{Class: ClassRetry, Suspect: true, Code: CodeTimedOut, Reason: "no answer within " + ExchangeTimeout.String() + "; it is tried again: answer first and work afterwards, if the endpoint is yours"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Result{Class: ClassRetry, Suspect: true, Code: CodeReset, Reason: "the endpoint closed the connection without an answer; it is tried again"}
	case strings.Contains(err.Error(), "malformed HTTP"), strings.Contains(err.Error(), "HTTP/1.x transport connection broken"):
		return Result{Class: ClassRetry, Suspect: true, Code: CodeProtocol, Reason: "what answers at the URL does not speak HTTP; check the port and the scheme of the URL"}
	}
	return Result{Class: ClassRetry, Suspect: true, Code: CodeReset, Reason: "the exchange failed: " + cause(err) + "; it is tried again"}
}

func classifyName(err error) (Result, bool) {
	dns, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return Result{}, false
	case dns.IsTimeout || (dns.IsTemporary && !dns.IsNotFound):
		return Result{Class: ClassUnavailable, Code: CodeNameTemporary, Reason: "the host name of the URL cannot be looked up at present; check the server's name resolution"}, true
	}
	return Result{Class: ClassUnavailable, Code: CodeNotFound, Reason: "the host name of the URL does not exist; mend the URL"}, true
}

func classifyTLS(err error) (Result, bool) {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, hostname := errors.AsType[x509.HostnameError](err)
	_, header := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	if !certificate && !authority && !hostname && !header && !alert && !strings.Contains(err.Error(), "tls: ") {
		return Result{}, false
	}
	return Result{Class: ClassUnavailable, Code: CodeTLS, Reason: "no secure connection to the endpoint: " + cause(err) + "; mend its certificate, or the host or scheme in the URL"}, true
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// cause is the innermost error's text: the outer ones repeat the URL, which may hold secrets.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
