package publicapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"penstock/destinations"
	"penstock/internal/publicapi"
)

// recorded is a request of a real client, and how a server answered it that the client was content with.
type recorded struct {
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	Query       string          `json:"query"`
	ContentType string          `json:"contentType"`
	Request     json.RawMessage `json:"request"`
	Status      int             `json:"status"`
	Response    any             `json:"response"`
}

// notHere tells whether a path is of a part of Segment's API that is answered 501.
func notHere(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"tracking-plans", "regulations", "suppressions"}, first)
}

// The recorded requests of Segment's SDKs and of its Terraform provider, one after the other, get answers of the recorded shapes.
func TestRecordedClients(t *testing.T) {
	for _, name := range []string{"ts-sdk", "go-sdk", "terraform"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var all []recorded
			if err := json.Unmarshal(text, &all); err != nil {
				t.Fatal(err)
			}
			r := newRig(t)
			ours := []string{} // pairs: an id as it was recorded, and as it is here
			for i, was := range all {
				as := strings.NewReplacer(ours...)
				q := request{method: was.Method, path: as.Replace(was.Path), query: as.Replace(was.Query), contentType: was.ContentType, body: as.Replace(string(was.Request)), token: token}
				if was.Status == http.StatusUnauthorized {
					q.token = "another"
				}
				status, answer := r.send(t, q)
				want := was.Status
				switch {
				case notHere(was.Path):
					want = http.StatusNotImplemented
					was.Response = map[string]any{"errors": []any{map[string]any{"type": "", "message": ""}}}
				case was.Path == "/delivery-overview/filtered-at-source": // nothing is, without tracking plans
					was.Response = map[string]any{"data": map[string]any{"total": json.Number("0"), "dataset": []any{}}}
				case strings.HasPrefix(was.Path, "/catalog/destinations/") && !listed(was.Path):
					want = http.StatusNotFound
					was.Response = map[string]any{"errors": []any{map[string]any{"type": "", "message": ""}}}
				}
				if status != want {
					t.Fatalf("%d. %s %s: %d %v, want %d", i, was.Method, was.Path, status, answer, want)
				}
				for _, wrong := range differs("", was.Response, answer) {
					t.Errorf("%d. %s %s: %s", i, was.Method, was.Path, wrong)
				}
				if !strings.HasPrefix(was.Path, "/catalog/") {
					ours = append(ours, renamed(was.Response, answer)...)
				}
				if id, ok := dig(answer, "data", "source", "id").(string); ok && was.Method == http.MethodPost {
					r.audit = append(r.audit, publicapi.AuditEvent{ID: "events/1", Type: "Source Modified", Actor: "public-api-token/rig", ResourceID: id, ResourceType: "source", ResourceName: "Rig web"})
				}
			}
		})
	}
}

// listed tells whether this server has the destination that a path of the catalog names.
func listed(path string) bool {
	for _, d := range destinations.Catalog() {
		if c := d.Definition().Catalog; c != nil && strings.HasSuffix(path, c.ID) {
			return true
		}
	}
	return false
}

// differs lists where the shape of an answer is another than the recorded one. An answer may have more than was recorded; of lists, items with one id are compared, or the first.
func differs(at string, want, got any) []string {
	if text, ok := want.(string); ok && strings.HasPrefix(text, "<destinationMetadata ") {
		want = map[string]any{"id": "", "actions": []any{}, "options": []any{}}
	}
	switch want := want.(type) {
	case map[string]any:
		has, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want an object", at, got)}
		}
		var all []string
		for name, v := range want {
			inner, there := has[name]
			if !there {
				if name == "next" || name == "previous" || name == "hidden" {
					continue // more or fewer entries are listed here
				}
				all = append(all, at+"."+name+" is missing")
				continue
			}
			all = append(all, differs(at+"."+name, v, inner)...)
		}
		return all
	case []any:
		has, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want a list", at, got)}
		}
		for _, a := range want {
			for _, b := range has {
				if id := dig(a, "id"); id != nil && id == dig(b, "id") {
					return differs(at+"["+fmt.Sprint(id)+"]", a, b)
				}
			}
		}
		if len(want) > 0 && len(has) > 0 {
			return differs(at+"[0]", want[0], has[0])
		}
		if len(want) > 0 {
			return []string{at + " is empty"}
		}
		return nil
	case nil:
		return nil
	}
	if strings.HasSuffix(at, ".trackingPlanId") && got == nil {
		return nil // there are none
	}
	if kind(want) != kind(got) && !strings.HasSuffix(at, ".choices") && !strings.HasSuffix(at, ".defaultTrigger") && !strings.HasSuffix(at, ".defaultValue") {
		return []string{fmt.Sprintf("%s is %T %v, want as %v", at, got, got, want)}
	}
	return nil
}

// kind is the JSON type of a value.
func kind(v any) string {
	switch v.(type) {
	case json.Number, float64:
		return "number"
	case string:
		return "string"
	case bool:
		return "boolean"
	}
	return "other"
}

// renamed pairs the ids and keys of a recorded answer with those of the answer that was given here.
func renamed(was, is any) []string {
	var all []string
	switch was := was.(type) {
	case map[string]any:
		has, _ := is.(map[string]any)
		for name, v := range was {
			old, isText := v.(string)
			fresh, given := has[name].(string)
			if name == "id" && isText && given && old != fresh {
				all = append(all, old, fresh)
			}
			all = append(all, renamed(v, has[name])...)
		}
	case []any:
		has, _ := is.([]any)
		for i := range min(len(was), len(has)) {
			old, isText := was[i].(string)
			fresh, given := has[i].(string)
			if isText && given && old != fresh && len(old) == len(fresh) {
				all = append(all, old, fresh)
			}
			all = append(all, renamed(was[i], has[i])...)
		}
	}
	return all
}
