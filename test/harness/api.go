package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
)

// LedgerRow is a row of GET /api/ledger: what became of the events that one mapping was owed.
type LedgerRow struct {
	Destination string `json:"destination"`
	Mapping     string `json:"mapping"`
	Accepted    int    `json:"accepted"`
	Delivered   int    `json:"delivered"`
	Filtered    int    `json:"filtered"`
	Duplicate   int    `json:"duplicate"`
	Discarded   int    `json:"discarded"`
	Lost        int    `json:"lost"`
	Retrying    int    `json:"retrying"`
	Parked      int    `json:"parked"`
	Pending     int    `json:"pending"`
}

// Sum is what must equal Accepted.
func (r LedgerRow) Sum() int {
	return r.Delivered + r.Filtered + r.Duplicate + r.Discarded + r.Lost + r.Open()
}

// Open counts what has no last outcome yet.
func (r LedgerRow) Open() int { return r.Retrying + r.Parked + r.Pending }

// TrackEvent is a row of GET /api/apps/{app}/track-events.
type TrackEvent struct {
	Name     string `json:"name"`
	Events   int    `json:"events"`
	Visitors int    `json:"visitors"`
	Accounts int    `json:"accounts"`
}

// Visitor is what GET /api/apps/{app}/visitors/{id} says of a visitor.
type Visitor struct {
	ID       string   `json:"id"`
	Accounts []string `json:"accounts"`
}

// Ledger asks for the ledger's rows.
func (s *Server) Ledger() ([]LedgerRow, error) {
	return get[[]LedgerRow](s, "/api/ledger")
}

// TrackEvents asks the receiver for the Track Events of an app.
func (s *Server) TrackEvents(app string) ([]TrackEvent, error) {
	return get[[]TrackEvent](s, "/api/apps/"+app+"/track-events")
}

// Visitor asks the receiver for a visitor of an app.
func (s *Server) Visitor(app, id string) (Visitor, error) {
	return get[Visitor](s, "/api/apps/"+app+"/visitors/"+id)
}

// Settled returns the ledger once no mapping has anything open and each was owed at least so many events.
func (s *Server) Settled(accepted int) []LedgerRow {
	s.t.Helper()
	var rows []LedgerRow
	Eventually(s.t, "ledger settled", func() (err error) {
		if rows, err = s.Ledger(); err != nil {
			return err
		}
		if len(rows) == 0 {
			return errors.New("the ledger has no row")
		}
		for _, row := range rows {
			if row.Open() > 0 || row.Accepted < accepted {
				return fmt.Errorf("open or short of %d: %+v", accepted, row)
			}
		}
		return nil
	})
	return rows
}

// WantTrackEvents waits until the receiver has counted so many Track Events, and fails if it counts more.
func (s *Server) WantTrackEvents(want int) {
	s.t.Helper()
	Eventually(s.t, "receiver counts each Track call once", func() error {
		events, err := s.TrackEvents(App)
		if err != nil {
			return err
		}
		got := 0
		for _, event := range events {
			got += event.Events
		}
		if got > want {
			s.t.Fatalf("receiver: got %d Track Events, want %d: %+v", got, want, events)
		}
		if got < want {
			return fmt.Errorf("receiver: got %d Track Events, want %d", got, want)
		}
		return nil
	})
}

// get asks the control API and returns the value of "data".
func get[T any](s *Server, path string) (T, error) {
	var answer struct {
		Data T `json:"data"`
	}
	request, err := http.NewRequest(http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		return answer.Data, err
	}
	request.Header.Set("Authorization", "Bearer "+Token)
	status, body, err := s.do(request)
	if err != nil {
		return answer.Data, err
	}
	if status != http.StatusOK {
		return answer.Data, fmt.Errorf("GET %s: got status %d: %s", path, status, body)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer.Data, fmt.Errorf("GET %s: decode %s: %w", path, body, err)
	}
	return answer.Data, nil
}

// API sends a request to the control API, with the token, and returns the status and body of the answer.
func (s *Server) API(method, path, body string) (status int, answer string) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+Token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	status, read, err := s.do(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, string(read)
}

// Post sends a body as curl would with --data-raw, and returns the status and body of the answer.
func (s *Server) Post(path, body string) (status int, answer string) {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	status, read, err := s.do(request)
	if err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
	return status, string(read)
}

func (s *Server) do(request *http.Request) (status int, body []byte, err error) {
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// Erasure is what GET /api/apps/{app}/erasures/{id} says of an erasure.
type Erasure struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Lines  int    `json:"lines"`
	Frames int    `json:"frames"`
}

// Erase begins to erase visitors of the app, also from the events of a source.
func (s *Server) Erase(visitors []string, source string) (Erasure, error) {
	body, err := json.Marshal(map[string][]string{"visitors": visitors, "sources": {source}})
	if err != nil {
		return Erasure{}, err
	}
	request, err := http.NewRequest(http.MethodPost, s.URL+"/api/apps/"+App+"/erasures", strings.NewReader(string(body)))
	if err != nil {
		return Erasure{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+Token)
	status, answer, err := s.do(request)
	if err != nil {
		return Erasure{}, err
	}
	var job struct {
		Data Erasure `json:"data"`
	}
	if status != http.StatusOK {
		return Erasure{}, fmt.Errorf("begin erasure: got status %d: %s", status, answer)
	}
	if err := json.Unmarshal(answer, &job); err != nil {
		return Erasure{}, fmt.Errorf("begin erasure: decode %s: %w", answer, err)
	}
	return job.Data, nil
}

// Erasure tells how far an erasure is.
func (s *Server) Erasure(id string) (Erasure, error) {
	return get[Erasure](s, "/api/apps/"+App+"/erasures/"+id)
}

// Folder is where the server keeps everything.
func (s *Server) Folder() string { return filepath.Join(s.folder, "data") }
