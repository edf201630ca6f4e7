package session_test

import (
	"net/http"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/session"
)

func TestProject(t *testing.T) {
	s := session.New(session.Options{Endpoint: "http://127.0.0.1:1"})
	t.Setenv("GOOGLE_CLOUD_PROJECT", "")
	if got := s.Project(t.Context()); got != "" {
		t.Errorf("project %q, and nothing names one", got)
	}
	t.Setenv("GOOGLE_CLOUD_PROJECT", "acme-prod")
	if got := s.Project(t.Context()); got != "acme-prod" {
		t.Errorf("project %q", got)
	}
}

func TestConsumer(t *testing.T) {
	for name, c := range map[string]struct {
		answer gcptest.Answer
		want   string
	}{
		"disabled":   {gcptest.Disabled("run.googleapis.com", "12345"), "12345"},
		"legacy":     {gcptest.DisabledLegacy("run.googleapis.com", "acme-prod"), "acme-prod"},
		"not found":  {gcptest.NotFound("x"), ""},
		"not Google": {gcptest.Page(http.StatusForbidden, "Forbidden"), ""},
	} {
		server := gcptest.New(t)
		server.On("GET /v1/things", gcptest.Always(c.answer))
		s := session.New(session.Options{Endpoint: server.URL, NoBackoff: true})
		_, err := s.Get(t.Context(), "projects/acme-prod", "run.googleapis.com", "/v1/things", nil)
		if got := session.Consumer(err); err == nil || got != c.want {
			t.Errorf("%s: consumer %q, want %q (%v)", name, got, c.want, err)
		}
	}
}
