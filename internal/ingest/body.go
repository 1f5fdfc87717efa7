package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"penstock/internal/event"
)

// drainBytesMax is how much of a body that is too large is read, so that its sender gets to read the answer.
const drainBytesMax = 4 << 20

// bodySize is how much memory a body may take, in bytes, as far as can be known before it is read.
func bodySize(r *http.Request) int64 {
	if r.ContentLength >= 0 && r.Header.Get("Content-Encoding") == "" {
		return min(r.ContentLength, event.BodyBytesMax)
	}
	return event.BodyBytesMax
}

// read takes the whole body, inflated. An error that is a *event.Rejection says that it will never be taken; any other that it did not arrive.
func (c *call) read(r *http.Request) error {
	c.body = c.body[:0]
	if r.ContentLength > event.BodyBytesMax {
		drain(r.Body)
		return event.TooLarge()
	}
	if n := int(r.ContentLength) + bytes.MinRead; r.ContentLength > 0 && cap(c.body) < n {
		c.body = make([]byte, 0, n)
	}
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	var err error
	switch encoding {
	case "", "identity":
		c.body, err = readUpTo(c.body, r.Body, event.BodyBytesMax)
	case "gzip", "x-gzip":
		err = c.readGzip(r)
	default:
		drain(r.Body)
		return event.Whole(event.BadRequest, "Content-Encoding is "+quoteKey(encoding)+".", "Send the body as it is, or compressed with gzip.")
	}
	if errors.Is(err, errTooLong) {
		drain(r.Body)
		return event.TooLarge()
	}
	return err
}

// readGzip inflates the body. Neither what comes in nor what comes out may be larger than a body.
func (c *call) readGzip(r *http.Request) error {
	limited := &io.LimitedReader{R: r.Body, N: event.BodyBytesMax + 1}
	compressed := &wire{r: limited}
	source := bufio.NewReader(compressed)
	head, err := source.Peek(1)
	if compressed.err != nil {
		return compressed.err
	}
	if err == nil && (head[0] == '{' || head[0] == '[') {
		drain(r.Body)
		return event.Whole(event.BadRequest, "Content-Encoding says gzip, but the body is not compressed.", "Leave the header out, or compress the body.")
	}
	if err = c.inflate.Reset(source); err == nil {
		c.body, err = readUpTo(c.body, &c.inflate, event.BodyBytesMax)
	}
	switch {
	case err == nil || errors.Is(err, errTooLong):
		return err
	case compressed.err != nil:
		return compressed.err
	case limited.N == 0:
		return errTooLong
	}
	drain(r.Body)
	return event.Whole(event.BadRequest, "The body cannot be inflated: "+err.Error()+".", "Send all of it, compressed with gzip, or leave Content-Encoding out.")
}

// wire remembers whether reading from the network itself did not succeed.
type wire struct {
	r   io.Reader
	err error
}

// Read reads from the network.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

var errTooLong = errors.New("body is too long")

// readUpTo appends all that r has to dst, which may become limit bytes long.
func readUpTo(dst []byte, r io.Reader, limit int) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):min(cap(dst), limit+1)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > limit:
			return dst[:limit], errTooLong
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}

// drain reads what a sender still sends, up to a bound.
func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, drainBytesMax) // whether it succeeds changes nothing
}
