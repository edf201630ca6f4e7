package gcp

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

func examined(t *testing.T, c *collector) (map[string]collectors.Check, error) {
	t.Helper()
	checks := map[string]collectors.Check{}
	err := c.Examine(t.Context(), func(check collectors.Check) error {
		if _, twice := checks[check.Subject]; twice {
			t.Errorf("%s is reported twice", check.Subject)
		}
		checks[check.Subject] = check
		return nil
	})
	return checks, err
}

func TestExamine(t *testing.T) {
	e := newEstate(t)
	e.On("POST cloudresourcemanager.googleapis.com/v3/projects/{project}:testIamPermissions", gcptest.JSON(`{"permissions":["compute.instances.list"]}`))
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		var a gcptest.Answer
		switch {
		case c.Service == computeService && strings.Contains(c.Path, "/acme-dev/"):
			a = gcptest.Disabled(computeService, "102")
		case c.Service == serviceUsage && strings.Contains(c.Path, "/acme-dev/"):
			a = gcptest.Denied(permServices, "projects/acme-dev")
		default:
			return nil
		}
		return &a
	})
	checks, err := examined(t, newTest(t, e, Options{Organization: "1"}))
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]struct {
		state  inventory.RunState
		detail string
	}{
		"credentials":                 {inventory.RunOK, "no credentials"},
		"organizations/1/resources":   {inventory.RunOK, ""},
		"organizations/1 permissions": {inventory.RunOK, "all 1 are held"},
		"projects/acme-old/*":         {inventory.RunSkipped, "DELETE_REQUESTED"},
		"projects/acme-dev/compute":   {inventory.RunSkipped, "gcloud services enable"},
		"projects/acme-dev services":  {inventory.RunSkipped, permServices},
		"projects/acme-prod/compute":  {inventory.RunOK, ""},
		"projects/acme-prod services": {inventory.RunOK, "1 APIs are enabled, and of those that a scan asks, these are not: cloudfunctions.googleapis.com, cloudscheduler.googleapis.com"},
		// what is not held is named
		"projects/acme-prod permissions": {inventory.RunFailed, "compute.disks.list"},
	} {
		got, ok := checks[subject]
		if !ok || got.State != want.state || !strings.Contains(got.Detail, want.detail) {
			t.Errorf("%s: %t %+v", subject, ok, got)
		}
	}
	for _, call := range e.Calls() {
		if call.Method == "POST" && !strings.HasSuffix(call.Path, ":testIamPermissions") {
			t.Errorf("sent %s %s", call.Method, call.Path)
		}
	}
}

// Folders take no token that may only read to tell of permissions: that says nothing about a scan.
func TestExamineFolder(t *testing.T) {
	e := newEstate(t)
	e.refuse(":testIamPermissions", gcptest.NarrowScope(resourceManager))
	checks, err := examined(t, newTest(t, e, Options{Folder: "10"}))
	if got := checks["folders/10 permissions"]; err != nil || got.State != inventory.RunSkipped {
		t.Errorf("error %v, %+v", err, got)
	}
}

func TestExamineQuotaProject(t *testing.T) {
	e := newEstate(t)
	e.refuse(computeService, gcptest.QuotaProjectDenied("acme-dev"))
	checks, err := examined(t, newTest(t, e, Options{Projects: []string{"acme-prod"}, QuotaProject: "acme-dev"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := checks["projects/acme-prod/compute"]; got.State != inventory.RunFailed || !strings.Contains(got.Detail, "serviceUsageConsumer") {
		t.Errorf("%+v", got)
	}
	if got := checks["credentials"]; !strings.Contains(got.Detail, "quota of project acme-dev") {
		t.Errorf("%+v", got)
	}
}
