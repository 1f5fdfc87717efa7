package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	tokenVariable  = "PENSTOCK_ADMIN_TOKEN" //nolint:gosec // the name of a variable
	requestTimeout = 120 * time.Second
	answerBytesMax = 64 << 20
)

// client asks a running server.
type client struct {
	Server string `default:"http://127.0.0.1:8080" env:"PENSTOCK_SERVER" help:"URL of the server (${env}). The token is taken from PENSTOCK_ADMIN_TOKEN."`
}

// request is a call of the control API.
type request struct {
	method, path string
	query        url.Values
	body         []byte // YAML; nil: none
	json         bool   // the body is JSON
}

// open sends a request, and returns the answer when it is one of success.
func (c *client) open(ctx context.Context, r request) (*http.Response, error) {
	base, err := url.Parse(c.Server)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of a server; --server wants one like http://127.0.0.1:8080", c.Server)
	}
	token := os.Getenv(tokenVariable)
	if token == "" {
		return nil, fmt.Errorf("%s is not set; set it to the token that the server was given, or that `penstock serve` printed at its first start", tokenVariable)
	}
	target := strings.TrimSuffix(c.Server, "/") + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	switch {
	case r.json:
		req.Header.Set("Content-Type", "application/json")
	case r.body != nil:
		req.Header.Set("Content-Type", "application/yaml")
	}
	// A redirect would carry the token elsewhere.
	asker := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := asker.Do(req)
	if err != nil {
		if wrong, ok := errors.AsType[*url.Error](err); ok {
			err = wrong.Err
		}
		return nil, fmt.Errorf("the server at %s does not answer (%w); is `penstock serve` running there? --server or PENSTOCK_SERVER says where it is", c.Server, err)
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		defer res.Body.Close()
		return nil, refusal(res)
	}
	return res, nil
}

// ask sends a request and returns the whole answer.
func (c *client) ask(ctx context.Context, r request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerBytesMax+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > answerBytesMax {
		return nil, fmt.Errorf("read answer: it is larger than %d bytes", answerBytesMax)
	}
	return body, nil
}

// data asks for what is under "data" in the answer.
func data[T any](ctx context.Context, c *client, r request) (v T, raw []byte, err error) {
	raw, err = c.ask(ctx, r)
	if err != nil {
		return v, nil, err
	}
	var answer struct {
		Data T `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return v, nil, fmt.Errorf("read answer: %w", err)
	}
	return answer.Data, bytes.TrimSpace(raw), nil
}

// refusal is the error that a server's answer tells of.
func refusal(res *http.Response) error {
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		} `json:"errors"`
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20)) // a part is better than nothing
	if json.Unmarshal(body, &problem) != nil || problem.Title == "" {
		return fmt.Errorf("the server answered %s, not as Penstock does; does --server say where it is?", res.Status)
	}
	lines := []string{cmp.Or(problem.Detail, problem.Title)}
	for _, e := range problem.Errors {
		lines = append(lines, "  "+e.Location+": "+e.Message)
	}
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return errors.New(strings.Join(lines, "\n"))
}
