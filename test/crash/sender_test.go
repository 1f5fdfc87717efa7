package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/test/harness"
)

// eventsPerBatch is even: every other event is a Track call, the rest are Identify calls.
const eventsPerBatch = 10

// sender sends batches as the SDKs do: the same batch with the same messageIds again and again, until it is answered 200.
type sender struct {
	url    string
	client *http.Client
	acked  chan []string // the messageIds of each batch that was answered 200
}

// startSenders runs senders until stop is closed; each finishes the batch that it is at, even so. The channel of what was
// acknowledged is closed after the last one.
func startSenders(t *testing.T, url string, count int, stop <-chan struct{}) <-chan []string {
	t.Helper()
	s := &sender{
		url:    url + "/v1/batch",
		client: &http.Client{}, // a server that is killed resets its connections
		acked:  make(chan []string, count),
	}
	var senders sync.WaitGroup
	for number := range count {
		senders.Go(func() { s.run(t, number, stop) })
	}
	t.Cleanup(senders.Wait)
	go func() {
		senders.Wait()
		s.client.CloseIdleConnections()
		close(s.acked)
	}()
	return s.acked
}

func (s *sender) run(t *testing.T, number int, stop <-chan struct{}) {
	t.Helper()
	for batch := 0; ; batch++ {
		select {
		case <-stop:
			return
		case <-t.Context().Done():
			return
		default:
		}
		ids, body := makeBatch(number, batch)
		if err := s.untilTaken(t.Context(), body); err != nil {
			if t.Context().Err() == nil {
				t.Errorf("send batch %d of sender %d: %v", batch, number, err)
			}
			return
		}
		select {
		case s.acked <- ids:
		case <-t.Context().Done():
			return
		}
	}
}

func makeBatch(number, batch int) (ids []string, body string) {
	var events []string
	for i := range eventsPerBatch {
		kind, rest := "track", `"event":"Crash","properties":{"groupId":"account"}`
		if i%2 == 1 {
			kind, rest = "identify", `"traits":{"plan":"pro"}`
		}
		id := fmt.Sprintf("%s-%d-%d-%d", kind, number, batch, i)
		ids = append(ids, id)
		events = append(events, fmt.Sprintf(`{"type":%q,"messageId":%q,"userId":"user-%d",%s}`, kind, id, number, rest))
	}
	return ids, fmt.Sprintf(`{"writeKey":%q,"batch":[%s]}`, harness.WriteKey, strings.Join(events, ","))
}

// untilTaken sends a body until it is answered 200. Any other answer but "come again" is an error.
func (s *sender) untilTaken(ctx context.Context, body string) error {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		status, answer, err := s.post(ctx, body)
		switch {
		case err == nil && status == http.StatusOK:
			return wholeBatchTaken(answer)
		case err == nil && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests:
			return fmt.Errorf("got status %d: %s", status, answer)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

func (s *sender) post(ctx context.Context, body string) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// wholeBatchTaken checks that a 200 does not hide an event that was refused.
func wholeBatchTaken(answer []byte) error {
	var said struct {
		Success bool `json:"success"`
	}
	if err := json.Unmarshal(answer, &said); err != nil || !said.Success {
		return fmt.Errorf("got 200 with %s", answer)
	}
	return nil
}
