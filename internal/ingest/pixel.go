package ingest

import (
	"net/http"

	"penstock/internal/event"
)

// gif is one transparent pixel.
//
//nolint:gochecknoglobals // a constant
var gif = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// pixel takes the event that is in the query of an image. The answer is the image and 200 even when the event is never taken, as Segment documents it; the
// record of what was refused says why. Only what could be taken later, and is not durable, is not answered 200: it is an image all the same.
func (h *Handler) pixel(w http.ResponseWriter, r *http.Request, route route) {
	w = &image{ResponseWriter: w}
	if r.Method == http.MethodHead { // asks what there is, and sends nothing
		write(w, http.StatusOK, answer{})
		return
	}
	h.serve(w, r, route)
}

// image answers with a pixel, whatever is to be said.
type image struct {
	http.ResponseWriter

	status  int
	written bool
}

// WriteHeader notes the status that SDKs would get.
func (p *image) WriteHeader(status int) { p.status = status }

// Write sends the pixel in the place of a text.
func (p *image) Write(text []byte) (int, error) {
	if p.written {
		return len(text), nil
	}
	p.written = true
	header := p.Header()
	header.Set("Content-Type", "image/gif")
	header.Set("Cache-Control", "no-store")
	if p.status == http.StatusServiceUnavailable || p.status == http.StatusTooManyRequests {
		p.ResponseWriter.WriteHeader(p.status)
	}
	if _, err := p.ResponseWriter.Write(gif); err != nil {
		return 0, err
	}
	return len(text), nil
}

// readQuery takes the body out of the query.
func (c *call) readQuery(r *http.Request) error {
	body, rejection := event.FromQuery(r.URL.RawQuery)
	if rejection != nil {
		c.body = append(c.body[:0], r.URL.RawQuery...)
		return rejection
	}
	c.body = append(c.body[:0], body...)
	return nil
}
