package direct

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// What would fare no better ends the listing.
func TestEnds(t *testing.T) {
	api := apiNamed(t, "pubsub")
	tests := []struct {
		name   string
		answer gcptest.Answer
		reason inventory.RunReason
	}{
		{"no such project", gcptest.NotFound("projects/acme-prod"), inventory.ReasonError},
		{"credentials ended", gcptest.Unauthenticated(), inventory.ReasonExpired},
		{"throttled", gcptest.RateLimited("pubsub.googleapis.com", project), inventory.ReasonThrottled},
	}
	for _, tt := range tests {
		server := gcptest.New(t)
		server.On("GET /v1/projects/acme-prod/topics", gcptest.Always(tt.answer))
		_, err := listed(t, server, api, all)
		if session.ReasonOf(err) != tt.reason || !strings.Contains(err.Error(), "not tried: pubsub.projects.subscriptions.list, pubsub.projects.snapshots.list") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestEmitFails(t *testing.T) {
	server, api, full := gcptest.New(t), apiNamed(t, "pubsub"), errors.New("the disk is full")
	serve(t, server, api)
	n := 0
	err := api.List(context.Background(), on(server), project, all, func(resource.Resource) error { n++; return full })
	if err != full || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestContextEnds(t *testing.T) {
	server, api := gcptest.New(t), apiNamed(t, "pubsub")
	serve(t, server, api)
	ctx, cancel := context.WithCancel(context.Background())
	err := api.List(ctx, on(server), project, all, func(resource.Resource) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Answers that are none end a list and are never taken for an empty one.
func TestBadAnswers(t *testing.T) {
	api := apiNamed(t, "file")
	for body, want := range map[string]string{
		`{"instances": {"name": "x"}}`: `"instances" is no list of objects`,
		`{"instances": ["x"]}`:         `"instances" is no list of objects`,
		`null`:                         "null",
		`[]`:                           "read the answer",
		`<html>`:                       "read the answer",
	} {
		server := gcptest.New(t)
		server.On("GET /v1/projects/acme-prod/locations/-/instances", gcptest.JSON(body))
		if list, err := listed(t, server, api, all); len(list) > 0 || session.ReasonOf(err) != inventory.ReasonError || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	server := gcptest.New(t)
	server.On("GET /v1/projects/acme-prod/locations/-/instances", gcptest.JSON(`{"instances": null}`))
	if list, err := listed(t, server, api, all); len(list) > 0 || err != nil {
		t.Errorf("%s: %v", names(list), err)
	}
}

// Tokens that lead in a circle, of any length, come to an end.
func TestRepeatedTokens(t *testing.T) {
	api := apiNamed(t, "file")
	for _, circle := range []string{"a", "abc", "abcdefg"} {
		server := gcptest.New(t)
		server.On("GET /v1/projects/acme-prod/locations/-/instances", func(c gcptest.Call) gcptest.Answer {
			return gcptest.Answer{Body: `{"nextPageToken": "` + string(circle[c.N%len(circle)]) + `"}`}
		})
		if _, err := listed(t, server, api, all); !errors.Is(err, errRepeatedPage) {
			t.Errorf("%s: %v", circle, err)
		}
	}
}

// A second page that is refused leaves the first one handed over, and the list unread.
func TestSecondPage(t *testing.T) {
	api := apiNamed(t, "file")
	server := gcptest.New(t)
	server.On("GET /v1/projects/acme-prod/locations/-/instances", gcptest.Times(
		gcptest.Answer{Body: `{"instances": [{"name": "projects/acme-prod/locations/l/instances/a"}], "nextPageToken": "n"}`}, gcptest.Denied("file.instances.list", "projects/acme-prod"),
	))
	if list, err := listed(t, server, api, all); names(list) != "a" || session.ReasonOf(err) != inventory.ReasonDenied {
		t.Errorf("%s: %v", names(list), err)
	}
}

// A probe asks for one thing.
func TestProbe(t *testing.T) {
	for _, api := range APIs() {
		server := gcptest.New(t)
		asked := 0
		server.Otherwise = func(c gcptest.Call) gcptest.Answer {
			asked++
			for i := range api.Lists {
				if l := &api.Lists[i]; l.Size != "" && l.In == "" && strings.HasSuffix(pattern(l), c.Path) && c.Query.Get(l.Size) != "1" {
					t.Errorf("%s: %s", c.Path, c.Query.Encode())
				}
			}
			return gcptest.Answer{Body: `{"items": [{"name": "europe-west1"}]}`}
		}
		if err := api.Probe(context.Background(), on(server), project); err != nil || asked < 1 || asked > 2 {
			t.Errorf("%s: %d calls: %v", api.Name, asked, err)
		}
	}
	server := gcptest.New(t)
	server.Otherwise = gcptest.JSON(`{}`)
	if err := apiNamed(t, "dataproc").Probe(context.Background(), on(server), project); !errors.Is(err, errNothingToAsk) {
		t.Errorf("no region: %v", err)
	}
}

// Where a service has a host for each place, one that has none is a place where it is not offered.
func TestNoHost(t *testing.T) {
	l := &List{Service: "{place}-aiplatform.googleapis.com"}
	unknown := session.Classify(&net.DNSError{Err: "no such host", Name: "mars-west1-aiplatform.googleapis.com", IsNotFound: true})
	if !l.noHost(unknown) || (&List{}).noHost(unknown) || l.noHost(session.Classify(&net.DNSError{Err: "i/o timeout", IsTimeout: true})) {
		t.Error(unknown)
	}
}
