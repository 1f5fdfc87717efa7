package publicapi

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// bodyBytesMax bounds the body of a request, in bytes.
const bodyBytesMax = 1 << 20

// newCall reads the query and the body of a request.
func newCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{Request: r, params: newParams(r.URL.Query()), body: body{}}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytesMax))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &fault{status: http.StatusRequestEntityTooLarge, kind: "RequestError", message: "the body is too large"}
	}
	if err != nil {
		return nil, &fault{status: http.StatusBadRequest, kind: "RequestError", message: "the body could not be read"}
	}
	if len(text) == 0 {
		return c, nil
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, &fault{status: http.StatusBadRequest, kind: "RequestError", message: "the body must be JSON, and its Content-Type application/json or application/vnd.segment.v1+json"}
	}
	if r.Method == http.MethodGet {
		var more any
		if json.Unmarshal(text, &more) == nil {
			c.params.add("", more)
		}
		return c, nil
	}
	if err := json.Unmarshal(text, &c.body); err != nil || c.body == nil {
		return nil, &fault{status: http.StatusBadRequest, kind: "RequestError", message: "the body must be a JSON object"}
	}
	return c, nil
}

// isJSON tells whether a body is JSON in one of the types that clients give it.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	typ, _, err := mime.ParseMediaType(contentType)
	return err == nil && (typ == "application/json" || strings.HasPrefix(typ, "application/vnd.segment.") && strings.HasSuffix(typ, "+json"))
}
