package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Line is one line of what came in: an event, or what was not taken.
type Line struct {
	Position    string          `json:"position"`
	ReceivedAt  string          `json:"receivedAt"`
	DuplicateOf string          `json:"duplicateOf"` // position of the first with the same messageId; "": it is the first
	Origin      Origin          `json:"origin"`
	Event       json.RawMessage `json:"event"`
	Rejected    json.RawMessage `json:"rejected"`
}

// Origin is where a call was made.
type Origin struct {
	Channel string `json:"channel"`
	Library string `json:"library"`
	Call    string `json:"call"`
}

// Log reads all that came in for a source, page by page.
func (s *Server) Log(source string) []Line {
	s.t.Helper()
	const page = 1000
	var all []Line
	for after := ""; ; after = all[len(all)-1].Position {
		lines, err := s.page(source, after, page)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, lines...)
		if len(lines) < page {
			return all
		}
	}
}

func (s *Server) page(source, after string, limit int) ([]Line, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if after != "" {
		query.Set("after", after)
	}
	path := "/api/sources/" + source + "/events?" + query.Encode()
	request, err := http.NewRequest(http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+Token)
	status, body, err := s.do(request)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("GET %s: got status %d: %s", path, status, body)
	}
	return Lines(body)
}

// Lines reads lines of JSON, as the API and `penstock tail --json` write them.
func Lines(text []byte) ([]Line, error) {
	var all []Line
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var line Line
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read line %d of the log: %w", len(all)+1, err)
		}
		all = append(all, line)
	}
}
