package remote_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// cloud answers as the API of Terraform Enterprise is documented to. All values are made.
type cloud struct {
	*site
	archive *site
	answers map[string]http.HandlerFunc // in the place of the own ones, by path
	version string                      // of the current state of the workspace "prod"
	queries []string
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{answers: map[string]http.HandlerFunc{}, version: "sv-1"}
	c.archive = serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "state of "+strings.TrimPrefix(r.URL.Path, "/"))
	})
	c.site = serve(t, c.answer)
	return c
}

func (c *cloud) answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+secret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if f := c.answers[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v2")
	switch {
	case path == "/organizations/acme/workspaces":
		c.queries = append(c.queries, r.URL.Query().Encode())
		c.page(w, r.URL.Query().Get("page[number]"))
	case path == "/organizations/acme/projects":
		_, _ = io.WriteString(w, `{"data":[{"id":"prj-2","type":"projects","attributes":{"name":"net 2"}},{"id":"prj-1","type":"projects","attributes":{"name":"net"}}]}`)
	case strings.HasPrefix(path, "/organizations/acme/workspaces/"):
		name := strings.TrimPrefix(path, "/organizations/acme/workspaces/")
		fmt.Fprintf(w, `{"data":%s}`, workspace(name))
	case path == "/workspaces/ws-prod/current-state-version":
		c.state(w, c.version)
	case strings.HasPrefix(path, "/state-versions/sv-"):
		c.state(w, strings.TrimPrefix(path, "/state-versions/"))
	case strings.HasPrefix(path, "/state-versions/"): // its hosted state
		http.Redirect(w, r, c.archive.URL+"/"+strings.TrimPrefix(path, "/state-versions/of-")+"?sig=c2lnbmVk", http.StatusFound)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *cloud) page(w io.Writer, number string) {
	if number == "1" {
		fmt.Fprintf(w, `{"data":[%s,%s],"meta":{"pagination":{"current-page":1,"next-page":2,"total-pages":2}}}`, workspace("prod"), workspace("new"))
		return
	}
	fmt.Fprintf(w, `{"data":[%s],"meta":{"pagination":{"current-page":2,"next-page":null,"total-pages":2}}}`, workspace("prod-net"))
}

func workspace(name string) string {
	state := `{"id":"sv-1","type":"state-versions"}`
	if name == "new" {
		state = "null"
	}
	return fmt.Sprintf(`{"id":"ws-%s","type":"workspaces","attributes":{"name":%q,"locked":false},"relationships":{"current-state-version":{"data":%s}}}`, name, name, state)
}

func (c *cloud) state(w io.Writer, id string) {
	fmt.Fprintf(w, `{"data":{"id":%q,"type":"state-versions","attributes":{"created-at":"2026-01-02T03:04:05.678Z","serial":9,"size":11,
		"hosted-state-download-url":"%s/api/v2/state-versions/of-%s"}}}`, id, c.URL, id)
}

func (c *cloud) env() map[string]string {
	return map[string]string{"TF_TOKEN_127_0_0_1": secret}
}

func TestCloud(t *testing.T) {
	c := newCloud(t)
	stores, _, log := client(t, c.env())
	if text, err := one(t, stores, log, "tfe://"+c.host()+"/acme/prod"); text != "state of sv-1" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	for _, r := range c.archive.requests(t) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("the archive is given %v", r.Header)
		}
	}
	if len(c.archive.requests(t)) != 1 {
		t.Error("the archive was not asked")
	}
	list := scopes(t, stores, "tfe://"+c.host()+"/acme/*")
	if got := ids(list); !slices.Equal(got, []string{"tfe://" + c.host() + "/acme/prod", "tfe://" + c.host() + "/acme/prod-net"}) {
		t.Errorf("%q", got)
	}
	_ = scopes(t, stores, "tfe://"+c.host()+"/acme/{prod-*,x}?tags=a,b&project=net")
	wants := []string{
		"page[number]=1&page[size]=100", "page[number]=2&page[size]=100",
		"filter[project][id]=prj-1&page[number]=1&page[size]=100&search[tags]=a,b&search[wildcard-name]=prod-*",
	}
	for i, q := range wants {
		if got := strings.NewReplacer("%5B", "[", "%5D", "]", "%2C", ",", "%2A", "*").Replace(c.queries[i]); got != q {
			t.Errorf("query %d is %q, want %q", i, got, q)
		}
	}
	_ = c.requests(t)
}

// TestCloudTwice holds that a state version stays the same while others are made.
func TestCloudTwice(t *testing.T) {
	c := newCloud(t)
	stores, _, _ := client(t, c.env())
	f, err := stores.File(scopes(t, stores, "tfe://"+c.host()+"/acme/prod")[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(t.Context())
	if err != nil || !r.ModTime.Equal(time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)) || r.Version != "sv-1" {
		t.Fatalf("%+v, %v", r, err)
	}
	_ = r.Close()
	c.version = "sv-2"
	if text, err := readFile(t, f); text != "state of sv-1" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	c.answers["/api/v2/state-versions/sv-1"] = status(404)
	_, err = readFile(t, f)
	want(t, "deleted", err, inventory.ReasonError, "was written while it was read", remote.ErrChanged)
}

func TestCloudFaults(t *testing.T) {
	const list, single, current = "/api/v2/organizations/acme/workspaces", "/api/v2/organizations/acme/workspaces/prod", "/api/v2/workspaces/ws-prod/current-state-version"
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, tt := range map[string]struct {
		path    string
		answer  http.HandlerFunc
		pattern string
		reason  inventory.RunReason
		text    string
		cause   error
	}{
		"no workspace":      {single, status(404), "prod", inventory.ReasonError, "see the names", remote.ErrNotFound},
		"no state":          {"", nil, "new", inventory.ReasonError, "holds no state yet", remote.ErrNoState},
		"hidden state":      {current, status(404), "prod", inventory.ReasonError, "or this token may not read it", remote.ErrNotFound},
		"no address":        {current, says(`{"data":{"id":"sv-1","attributes":{"hosted-state-download-url":null}}}`), "prod", inventory.ReasonDenied, "gives no address of the state", nil},
		"open address":      {current, says(`{"data":{"id":"sv-1","attributes":{"hosted-state-download-url":"http://h/c2lnbmVk"}}}`), "prod", inventory.ReasonError, "does not begin with https", nil},
		"archive":           {"/api/v2/state-versions/of-sv-1", status(403), "prod", inventory.ReasonDenied, "HTTP status 403", nil},
		"no JSON":           {single, says(`<html>c2lnbmVk`), "prod", inventory.ReasonError, "no JSON of this API", nil},
		"another API":       {single, says(`{}`), "prod", inventory.ReasonError, "is no workspace", nil},
		"list denied":       {list, status(403), "*", inventory.ReasonDenied, "HTTP status 403", nil},
		"no organization":   {list, status(404), "*", inventory.ReasonError, "see the names", remote.ErrNotFound},
		"list out of order": {list, status(502), "*", inventory.ReasonError, "HTTP status 502", nil},
		"list throttled":    {list, status(429), "*", inventory.ReasonThrottled, "HTTP status 429", nil},
		"list without end":  {list, says(`{"data":[],"meta":{"pagination":{"next-page":1}}}`), "*", inventory.ReasonError, "is followed by page 1", nil},
		"list of nothing":   {list, says(`{"data":null}`), "*", inventory.ReasonError, "no page of workspaces", nil},
		"no pages":          {list, says(`{"data":[]}`), "*", inventory.ReasonError, "no page of workspaces", nil},
		"empty":             {list, says(`{"data":[],"meta":{"pagination":{"next-page":null}}}`), "*", inventory.ReasonError, "nothing matches", remote.ErrNotFound},
		"no project":        {"", nil, "*?project=absent", inventory.ReasonError, `no project "absent"`, remote.ErrNotFound},
	} {
		c := newCloud(t)
		c.answers[tt.path] = tt.answer
		stores, _, log := client(t, c.env())
		_, err := one(t, stores, log, "tfe://"+c.host()+"/acme/"+tt.pattern)
		if e := want(t, name, err, tt.reason, tt.text, tt.cause); e.Skip != (name == "no state") {
			t.Errorf("%s: skipped %v", name, e.Skip)
		}
		_ = c.requests(t)
	}
}

// TestCloudSecondPage holds that a listing which ends early stands for what it did not tell.
func TestCloudSecondPage(t *testing.T) {
	c := newCloud(t)
	c.answers["/api/v2/organizations/acme/workspaces"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page[number]") == "2" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		c.page(w, "1")
	}
	stores, _, _ := client(t, c.env())
	list := scopes(t, stores, "tfe://"+c.host()+"/acme/*")
	if len(list) != 2 || len(list[0].StandsFor) != 1 || !inventory.MatchGlob(list[0].StandsFor[0], "tfe://"+c.host()+"/acme/prod-net") {
		t.Fatalf("%+v", list)
	}
	_, err := read(t, stores, list[0])
	want(t, "page 2", err, inventory.ReasonError, "HTTP status 500", nil)
}

func TestTokens(t *testing.T) {
	c := newCloud(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".terraform.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(home, ".terraform.d", "credentials.tfrc.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	try := func() error {
		_, _, log := client(t, nil)
		stores := remote.NewStores(remote.Options{Getenv: func(string) string { return "" }, Home: home, Transport: c.Client().Transport}, remote.Own()...)
		_, err := one(t, stores, log, "tfe://"+c.host()+"/acme/prod")
		return err
	}
	want(t, "none", try(), inventory.ReasonDenied, "set TF_TOKEN_127_0_0_1, or run terraform login", nil)
	write(`{"credentials":{"app.terraform.io":{"token":"` + secret + `"}}}`)
	want(t, "another's", try(), inventory.ReasonDenied, "set TF_TOKEN_127_0_0_1, or run terraform login", nil)
	write(`{"credentials":{"` + c.host() + `":{"token":"` + secret + `-old"}}}`)
	want(t, "wrong", try(), inventory.ReasonDenied, "or they have expired", nil)
	write(`{"credentials":{"` + secret)
	want(t, "damaged", try(), inventory.ReasonError, "credentials.tfrc.json is no valid JSON", nil)
	write(`{"credentials":{"` + c.host() + `":{"token":"` + secret + `"}}}`)
	if err := try(); err != nil {
		t.Error(err)
	}
}
