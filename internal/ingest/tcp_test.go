package ingest_test

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"testing"

	"penstock/internal/ingest"
)

// overTCP writes a request byte by byte to a server that has the routes of a handler, and reads its answer. A Transfer-Encoding that is asked for
// is kept to; a header that is not given is not sent.
func overTCP(t *testing.T, h *ingest.Handler, q request) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	h.Register(mux)
	server := httptest.NewServer(mux)
	defer server.Close()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()

	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n", cmp.Or(q.method, http.MethodPost), q.path)
	for name, value := range q.header {
		fmt.Fprintf(&text, "%s: %s\r\n", name, value)
	}
	switch {
	case q.header["Transfer-Encoding"] == "chunked":
		text.WriteString("\r\n")
		chunks := httputil.NewChunkedWriter(&text)
		for body := []byte(q.body); len(body) > 0; body = body[min(50, len(body)):] {
			_, _ = chunks.Write(body[:min(50, len(body))]) // into memory
		}
		_ = chunks.Close()
		text.WriteString("\r\n")
	default:
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n%s", len(q.body), q.body)
	}
	if _, err := connection.Write(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: cmp.Or(q.method, http.MethodPost)})
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	defer response.Body.Close()
	w := httptest.NewRecorder()
	maps.Copy(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)
	if _, err := io.Copy(w, response.Body); err != nil {
		t.Fatalf("read answer: %v", err)
	}
	return w
}
