//go:build e2e

package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// receivingSide is an app of 3,000 events: a raw event with the reason of its verdict, a Track Event explored by
// property, its visitor, and the visitor's account.
func receivingSide(t *testing.T, server *harness.Server, in any) {
	t.Helper()
	type seen struct {
		HeldBack int
		Why      string
		Journey  string
		Counted  string
		CSV      int
		Values   []string
		Explored []string
		Visitor  []string
		Account  int
	}
	got := visit[seen](t, server, "receiving.mjs", in)
	if !strings.Contains(got.Why, "groupId only in context") || !strings.Contains(got.Why, "Move context.groupId to properties.groupId") {
		t.Errorf("the verdict says %q, want what is the case, and how it is mended", got.Why)
	}
	got.Why = ""
	if !strings.HasPrefix(got.Journey, "/where?id=seed-") {
		t.Errorf("a raw event leads to %q, want its journey", got.Journey)
	}
	got.Journey = ""
	want := seen{
		Counted:  "Invoice Paid 1,000 100 9 10%",
		CSV:      2, // the names of the columns, and the one that was searched for
		Values:   []string{"pro 500 50% 50 9", "free 250 25% 25 5", "team 250 25% 25 4"},
		Explored: []string{"pro 500 66.7%", "team 250 33.3%"},
		Visitor:  []string{"Invoice Paid", "10", "Member Invited", "10", "Report Exported", "10"},
		Account:  10,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the receiving side (-want +got):\n%s", diff)
	}
}

// settings are the workspace's: what is shown once works, what was changed is in the audit trail, a file is applied
// after its plan; a viewer sees the settings and an app, and changes nothing.
func settings(t *testing.T, server *harness.Server, in any) {
	t.Helper()
	type seen struct {
		TokenWorks bool
		Changed    []string
		Plan       string
		Impact     string
		Offered    []string
		Asked      []string
	}
	got := visit[seen](t, server, "settings.mjs", in)
	want := seen{
		TokenWorks: true,
		Changed:    []string{"name", `"Website"`, `"Web site"`},
		Plan:       "1 change, 3 unchanged",
		Impact:     "1 event no longer delivered",
		Offered:    []string{},
		Asked:      []string{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the settings (-want +got):\n%s", diff)
	}
}
