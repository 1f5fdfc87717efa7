//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"penstock/test/harness"
)

// caller is somebody who uses the control API: headers say who.
type caller struct {
	server  *harness.Server
	headers map[string]string
}

// ask sends a request, and returns the answer and the cookie that it sets.
func (c caller) ask(t *testing.T, method, path, body string) (status int, answer, cookie string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	client := &http.Client{}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range response.Cookies() {
		cookie = set.Name + "=" + set.Value
	}
	return response.StatusCode, string(text), cookie
}

// An operator's way: the server's document is valid OpenAPI 3.1, users come by links, tokens do what their role says, and the trail tells of all of it.
func TestUsersAndTokens(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	command := func(args ...string) string {
		t.Helper()
		output, err := server.Command(args...)
		if err != nil {
			t.Fatal(err)
		}
		return output
	}
	output := command("user", "create", "ada@example.com", "--name", "Ada", "--role", "owner")
	link := regexp.MustCompile(`http\S+/invite#token=(\S+)`).FindStringSubmatch(output)
	if len(link) != 2 || !strings.HasPrefix(link[0], server.URL) {
		t.Fatalf("user create printed no link of this server:\n%s", output)
	}
	status, answer, cookie := caller{server: server}.ask(t, http.MethodPost, "/api/invites/accept", `{"token":"`+link[1]+`","password":"correct horse battery"}`)
	if status != http.StatusOK || cookie == "" {
		t.Fatalf("the link: %d %s", status, answer)
	}
	ada := caller{server, map[string]string{"Cookie": cookie}}
	if status, answer, _ := ada.ask(t, http.MethodGet, "/api/users", ""); status != http.StatusOK || !strings.Contains(answer, `"state":"active"`) {
		t.Errorf("users, as Ada: %d %s", status, answer)
	}
	command("user", "change", "ada@example.com", "--name", "Countess")
	if list := command("user", "list"); !strings.Contains(list, "Countess  owner  active") {
		t.Errorf("user list:\n%s", list)
	}

	viewer := strings.TrimSpace(command("token", "create", "dashboard", "--expires", "1h"))
	dashboard := caller{server, map[string]string{"Authorization": "Bearer " + viewer}}
	if status, answer, _ := dashboard.ask(t, http.MethodGet, "/api/ledger", ""); status != http.StatusOK {
		t.Errorf("ledger, as a viewer: %d %s", status, answer)
	}
	if status, answer, _ := dashboard.ask(t, http.MethodPut, "/api/workspace", "{}"); status != http.StatusForbidden {
		t.Errorf("apply, as a viewer: %d %s", status, answer)
	}
	command("token", "revoke", "dashboard")
	if status, _, _ := dashboard.ask(t, http.MethodGet, "/api/ledger", ""); status != http.StatusUnauthorized {
		t.Errorf("ledger, with a token that was revoked: %d", status)
	}
	if shown := command("secrets", "rotate"); !strings.Contains(shown, "of the data folder") {
		t.Errorf("secrets rotate:\n%s", shown)
	}
	trail := command("audit", "-n", "100")
	for _, want := range []string{
		"create mapping Track Events, by system penstock serve --workspace", "create user ada@example.com, by token admin token from 127.0.0.1", "sign-in session ada@example.com, by user Ada",
		"create token dashboard", "delete token dashboard", "rotate secrets",
	} {
		if !strings.Contains(trail, want) {
			t.Errorf("the trail does not tell of %q:\n%s", want, trail)
		}
	}
}

func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	status, document, _ := caller{server, map[string]string{"Authorization": "Bearer " + harness.Token}}.ask(t, http.MethodGet, "/api/openapi.json", "")
	if status != http.StatusOK {
		t.Fatalf("GET /api/openapi.json: %d %s", status, document)
	}
	validate := exec.CommandContext(t.Context(), "node", "validate.mjs")
	validate.Stdin = strings.NewReader(document)
	output, err := validate.Output()
	var result struct {
		Valid   bool
		Version string
		Errors  []json.RawMessage
	}
	if parsed := json.Unmarshal(output, &result); parsed != nil || err != nil || !result.Valid || result.Version != "3.1" {
		t.Errorf("validator: %v, %v: %s", err, parsed, output)
	}
}
