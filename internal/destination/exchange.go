package destination

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"penstock/internal/record"
)

const (
	// ExchangeTimeout is how long a request may take, its answer's body included.
	ExchangeTimeout = 10 * time.Second
	// AnswerReadMax is how much of an answer's body is read, in bytes, after decompression.
	AnswerReadMax = 64 << 10
)

// Send sends one request of a call, and brings whatever comes of it into a class. Headers that the transport makes itself
// (Content-Length, Connection: keep-alive) are left to it. What is secret does not enter the result.
func Send(ctx context.Context, call *Call, r *Request) Result {
	within, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	begun := time.Now()
	exchange := &record.Exchange{ID: call.ID, Method: r.Method, URL: shownURL(r.URL), Bytes: len(r.Body)}
	result, answer := roundTrip(within, call, r)
	if ctx.Err() != nil && answer.status == 0 && result.Class != ClassRejected {
		result = Result{Class: ClassCanceled, Code: CodeCanceled, Reason: "the delivery was broken off by the server; it is taken up again"}
	}
	exchange.Took = time.Since(begun).Milliseconds()
	exchange.Status = answer.status
	exchange.Answer = excerpt(redact(answer.body, call, r))
	result.Exchange = exchange
	return result
}

// answer is what came back: its status, 0 for none, and the beginning of its body.
type answer struct {
	status int
	body   string
}

func roundTrip(ctx context.Context, call *Call, r *Request) (Result, answer) {
	req, err := newRequest(ctx, r)
	if err != nil {
		return Result{Class: ClassRejected, Code: CodePayloadValidation, Reason: "the request cannot be built: " + err.Error()}, answer{}
	}
	client := *call.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return classifyError(err), answer{}
	}
	defer res.Body.Close()
	// The status decides. What cannot be read of the body, in time or at all, is missing in what is shown, and no more.
	body := readBody(res)
	return Classify(res.StatusCode, res.Header), answer{res.StatusCode, body}
}

func newRequest(ctx context.Context, r *Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return nil, err
	}
	for _, h := range r.Headers {
		switch name, value := h[0], latin1(h[1]); name {
		case "host":
			req.Host = value
		case "content-length", "transfer-encoding", "trailer":
		case "connection":
			req.Close = strings.EqualFold(value, "close")
		default:
			req.Header.Set(name, value)
		}
	}
	return req, nil
}

// latin1 is s with a byte for each of its characters, which are below U+0100.
func latin1(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return s
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = append(out, byte(r)) //nolint:gosec // checked by who made the header
	}
	return string(out)
}

// readBody reads a bounded part of an answer's body.
func readBody(res *http.Response) string {
	body, err := io.LimitReader(res.Body, AnswerReadMax), error(nil)
	switch strings.ToLower(res.Header.Get("Content-Encoding")) {
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	}
	if err != nil {
		return ""
	}
	data, _ := io.ReadAll(io.LimitReader(body, AnswerReadMax))
	return string(data)
}

// excerpt is the beginning of an answer that is kept: valid UTF-8, at most record.AnswerBytesMax bytes.
func excerpt(body string) string {
	body = strings.ToValidUTF8(body, "\uFFFD")
	if len(body) <= record.AnswerBytesMax {
		return body
	}
	end := record.AnswerBytesMax
	for !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end]
}

// redact masks in an answer what the request carried in secret, for those who answer with what they were sent.
func redact(body string, call *Call, r *Request) string {
	const shortest = 4 // a shorter one is found everywhere
	secrets := call.Settings.Secrets()
	for _, h := range r.Headers {
		if sensitive(h[0]) {
			secrets = append(secrets, h[1])
			if _, credentials, ok := strings.Cut(h[1], " "); ok {
				secrets = append(secrets, credentials)
			}
		}
	}
	if u, err := url.Parse(r.URL); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			secrets = append(secrets, password)
		}
	}
	for _, secret := range secrets {
		if len(secret) >= shortest {
			body = strings.ReplaceAll(body, secret, Mask)
		}
	}
	return body
}

// sensitive tells whether a header's value is a secret; the list is the one that Segment masks.
func sensitive(name string) bool {
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie", "www-authenticate", "proxy-authenticate", "x-csrf-token", "x-xsrf-token",
		"x-api-key", "x-client-id", "x-uid", "x-requested-with", "x-forwarded-for", "x-real-ip", "x-amz-security-token", "x-amz-content-sha256",
		"x-amz-date", "x-amz-user-agent":
		return true
	}
	return false
}

// shownURL is a URL without user and password.
func shownURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return text
	}
	u.User = nil
	return u.String()
}

// Shown is a request with what is secret masked, for people to see.
func (m *Mapping) Shown(r *Request) Request {
	call := m.call("", Payload{})
	shown := Request{Method: r.Method, URL: shownURL(r.URL), Headers: make([][2]string, len(r.Headers)), Body: r.Body}
	for i, h := range r.Headers {
		if h[1] = redact(h[1], call, r); sensitive(h[0]) {
			h[1] = Mask
		}
		shown.Headers[i] = h
	}
	if r.Body != nil {
		shown.Body = []byte(redact(string(r.Body), call, r))
	}
	return shown
}
