package agents_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// plain is a kind of export of one object with an id a record.
func plain(joined bool) collectors.Spec {
	return agents.Kind{Name: "plain", Joined: joined, Reader: func() agents.Reader { return plainReader{} }}.Spec()
}

type plainReader struct{}

func (plainReader) End(context.Context, *agents.Out) error { return nil }

func (plainReader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	return f.Records(ctx, "list", func(r agents.Record) error {
		about := agents.Facts(r.Object())
		if about.Text("id") == "" {
			out.Skip("", r.Offset, "no id", "")
			return nil
		}
		return out.Host(ctx, &agents.Host{ID: about.Text("id"), Record: about, Whole: true})
	}, nil)
}

func scopes(t *testing.T, spec collectors.Spec, dir string, fill func(*agents.Options)) []inventory.Scope {
	t.Helper()
	o := agents.NewOptions()
	fill(o)
	c, err := spec.New(collectors.Env{Dir: dir, Now: agentstest.Now, Log: slog.New(slog.DiscardHandler)}, inventory.Source{}, o)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCoverage: an export of agents proves no absence unless somebody says what it covers.
func TestCoverage(t *testing.T) {
	for _, joined := range []bool{false, true} {
		s := scopes(t, plain(joined), t.TempDir(), func(o *agents.Options) { o.Paths = []string{"a.json"} })[0]
		if s.Covers.Includes("datacenter/server", "", "") || !s.Covers.PresenceOnly || s.Covers.Derived || !s.Export {
			t.Errorf("scope %+v proves absence", s)
		}
		s = scopes(t, plain(joined), t.TempDir(), func(o *agents.Options) {
			o.Paths, o.Covers = []string{"a.json"}, files.Covers{Types: []string{"datacenter/*"}}
		})[0]
		if !s.Covers.Includes("datacenter/server", "dc1", "") || s.Covers.Includes("AWS::EC2::Instance", "", "") {
			t.Errorf("scope %+v does not cover what is configured", s)
		}
	}
}

// TestScopes: a folder is one scope whose id stays when it is gone, and joined files are one.
func TestScopes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json", "nodes/1.json", "nodes/2.json", "nodes/.hidden.json", "nodes/readme.txt", "nodes/deep/3.json"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"id":"`+name+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	paths := func(o *agents.Options) { o.Paths = []string{"nodes", "*.json"} }
	ids := func(joined bool) string {
		var list []string
		for _, s := range scopes(t, plain(joined), dir, paths) {
			list = append(list, s.ID)
		}
		return strings.Join(list, " ")
	}
	if have := ids(false); have != "a.json nodes" {
		t.Errorf("scopes are %q", have)
	}
	if have := ids(true); have != "plain" {
		t.Errorf("joined scopes are %q", have)
	}
	o := agents.NewOptions()
	paths(o)
	if r := agentstest.Read(t, plain(true), dir, o); len(r.Assets) != 3 || r.Err != nil {
		t.Errorf("joined: %d assets, error %v", len(r.Assets), r.Err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "nodes")); err != nil {
		t.Fatal(err)
	}
	if have := ids(false); have != "a.json nodes" {
		t.Errorf("without the folder the scopes are %q", have)
	}
	if r := agentstest.Read(t, plain(false), dir, o); len(r.Assets) != 1 || !strings.Contains(r.Err.Error(), "does not exist") {
		t.Errorf("without the folder: %d assets, error %v", len(r.Assets), r.Err)
	}
	if err := os.Mkdir(filepath.Join(dir, "nodes"), 0o700); err != nil {
		t.Fatal(err)
	}
	if r := agentstest.Read(t, plain(false), dir, o); len(r.Assets) != 1 || !strings.Contains(r.Err.Error(), "holds no file to read") {
		t.Errorf("with an empty folder: %d assets, error %v", len(r.Assets), r.Err)
	}
}

// TestOldExport: in an export older than max_age every agent looks silent, so that it is not believed, with or without max_export_age.
func TestOldExport(t *testing.T) {
	for name, c := range map[string]struct {
		age, max, export time.Duration
		err              string
	}{
		"no limit":         {1000 * time.Hour, 0, 0, ""},
		"fresh":            {time.Hour, 24 * time.Hour, 0, ""},
		"older than agent": {25 * time.Hour, 24 * time.Hour, 0, "max_age is 24h0m0s"},
		"older than said":  {25 * time.Hour, 0, 24 * time.Hour, "max_export_age is 24h0m0s"},
		"longer than age":  {25 * time.Hour, 24 * time.Hour, 48 * time.Hour, ""},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.json")
		if err := os.WriteFile(path, []byte(`{"id":"a"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		written := agentstest.Now().Add(-c.age)
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
		o := agents.NewOptions()
		o.Paths, o.MaxAge, o.MaxExportAge = []string{"a.json"}, c.max, c.export
		r := agentstest.Read(t, plain(false), dir, o)
		var e *collectors.Error
		switch {
		case len(r.Assets) != 1 || !r.Facts.DataTime.Equal(written):
			t.Errorf("%s: %d assets of %s", name, len(r.Assets), r.Facts.DataTime)
		case c.err == "" && r.Err != nil:
			t.Errorf("%s: %v", name, r.Err)
		case c.err != "" && (!errors.As(r.Err, &e) || e.Reason != inventory.ReasonStale || !strings.Contains(r.Err.Error(), c.err)):
			t.Errorf("%s: error %v, want %q", name, r.Err, c.err)
		}
	}
}

// TestSecretTags: a tag that is mapped from what is secret by its name is hashed.
func TestSecretTags(t *testing.T) {
	r := agentstest.Files(t, plain(false), map[string]string{"a.json": `{"id":"a","api":{"auth_token":"hunter2"},"owner":"payments"}`}, func(o *agents.Options) {
		o.Tags = map[string]string{"token": "api.auth_token", "owner": "owner"}
		o.Attributes = map[string]string{"plain": "api.auth_token", "password": "owner"}
	})
	if text := string(inventory.EncodeAsset(&r.Assets[0])); strings.Contains(text, "hunter2") || !strings.Contains(text, `"owner":"payments"`) || strings.Count(text, "hmac:") != 3 {
		t.Errorf("asset is %s", text)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for option, fill := range map[string]func(*agents.Options){
		"paths":                    func(o *agents.Options) { o.Paths = nil },
		"paths[0]":                 func(o *agents.Options) { o.Paths = []string{" "} },
		"max_age":                  func(o *agents.Options) { o.MaxAge = time.Second },
		"max_export_age":           func(o *agents.Options) { o.MaxExportAge = -1 },
		"max_drop":                 func(o *agents.Options) { o.MaxDrop = 2 },
		"max_skipped":              func(o *agents.Options) { o.MaxSkipped = -1 },
		"tags.owner":               func(o *agents.Options) { o.Tags = map[string]string{"owner": " "} },
		"attributes":               func(o *agents.Options) { o.Attributes = map[string]string{"": "x"} },
		"attributes.last_check_in": func(o *agents.Options) { o.Attributes = map[string]string{"last_check_in": "x"} },
	} {
		o := agents.NewOptions()
		o.Paths = []string{"a.json"}
		if list := o.Validate(); len(list) > 0 {
			t.Fatalf("the defaults are wrong: %v", list)
		}
		fill(o)
		if list := o.Validate(); len(list) != 1 || list[0].Option != option || list[0].Message == "" {
			t.Errorf("%s: problems are %v", option, list)
		}
	}
}
