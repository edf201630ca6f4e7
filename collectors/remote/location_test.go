package remote_test

import (
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"s3://acme-tfstate/prod/a.tfstate":    "s3 acme-tfstate prod/a.tfstate",
		"s3://acme-tfstate/prod/**":           "s3 acme-tfstate prod/**",
		"s3://acme-tfstate":                   "s3 acme-tfstate **/*.tfstate",
		"s3://acme-tfstate/":                  "s3 acme-tfstate **/*.tfstate",
		"S3://acme-tfstate/a/":                "s3 acme-tfstate a/**/*.tfstate",
		"s3://acme-tfstate//a":                "s3 acme-tfstate /a",
		"s3://acme/a?b#c%20d":                 "s3 acme a?b#c%20d",
		"gs://acme.example.com/a":             "gs acme.example.com a",
		"https://Host.example:8443/a%20b?x=1": "https host.example:8443 a%20b x=1",
		"http://127.0.0.1/":                   "http 127.0.0.1 ",
		"hcp://acme/prod":                     "hcp app.terraform.io acme/prod",
		"hcp://acme":                          "hcp app.terraform.io acme/*",
		"hcp://acme/net-*?tags=a,b&project=p": "hcp app.terraform.io acme/net-* tags=a,b&project=p",
		"tfe://tfe.acme.example/acme/prod":    "tfe tfe.acme.example acme/prod",
	} {
		p, err := remote.Parse(text)
		got := strings.TrimSuffix(strings.Join([]string{p.Scheme, p.Host, p.Key, p.Query}, " "), " ")
		if strings.TrimSuffix(want, " ") != strings.TrimSuffix(got, " ") || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"states/a.tfstate":                  "write s3://bucket/key",
		"azurerm://c/k":                     "write s3://bucket/key",
		"s3://":                             `"" is no name of a bucket`,
		"s3://acme-*/a":                     "name each bucket",
		"s3://Acme/a":                       `"Acme" is no name of a bucket`,
		"s3://acme/a[b":                     "a bracket or brace is not closed",
		"s3://acme/\n":                      "control character",
		"https:///a":                        "names no server",
		"https://u:hunter2@h/a":             "TF_HTTP_USERNAME",
		"https://h/a?private_token=hunter2": "holds a secret",
		"https://h/a#b":                     `behind "#"`,
		"https://h/*.tfstate":               "name each state",
		"hcp:///w":                          "no name of an organization",
		"hcp://a c/w":                       "no name of an organization",
		"hcp://*/w":                         "no name of an organization",
		"hcp://a/w/x":                       "no name of a workspace",
		"hcp://a/w?tags=x":                  "names one workspace",
		"hcp://a/*?token=hunter2":           "there are tags and project",
		"tfe://a":                           "no name of an organization",
		"tfe://h@x/a/b":                     "names no server",
		"s3://acme/{a,b,c,d,e,f,g,h,i,j,k}{a,b,c,d,e,f,g,h,i,j,k}": "more than 100 globs",
	} {
		if _, err := remote.Parse(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	list := remote.Check("paths", []string{"a.tfstate", "s3://acme/a", "gs://*/a"})
	if len(list) != 1 || list[0].Option != "paths[2]" {
		t.Errorf("%+v", list)
	}
}

// TestGlobsMatchLikeFiles holds that a glob of keys matches what doublestar says, however its braces and prefixes are taken apart, and that
// the pattern which stands for it when a listing fails matches all of that.
func TestGlobsMatchLikeFiles(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", "/", "/", "*", "**/", "/**", "?", "[ab]", "[!a]", "{a,b}", "{a/*,b{c,/}}", `\*`, `\{`, ",", ".tfstate"})
	name := rapid.SampledFrom([]string{"a", "b", "c", "/", "*", "{", ",", ".tfstate"})
	rapid.Check(t, func(t *rapid.T) {
		glob := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "glob"), "")
		key := strings.Join(rapid.SliceOfN(name, 1, 6).Draw(t, "key"), "")
		if strings.HasSuffix(glob, "/") || strings.HasSuffix(key, "/") || strings.HasPrefix(key, "/") {
			return
		}
		p, err := remote.Parse("s3://acme/" + glob)
		if err != nil {
			return
		}
		should, _ := doublestar.Match(glob, key)
		m := &memory{objects: []object{{key: key}}}
		set := remote.Set{Stores: stores(m), Patterns: []remote.Pattern{p}}
		list, err := set.Scopes(t.Context(), inventory.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		l, literal := p.Literal()
		got := literal && l.Key == key
		if !literal {
			got = len(list) == 1 && list[0].Params["remote_refused"] == ""
		}
		if got != should {
			t.Fatalf("glob %q key %q: matched %v, doublestar says %v (prefixes %q)", glob, key, got, should, m.prefixes)
		}
		if literal || !should {
			return
		}
		m.fail = remote.Failure(inventory.ReasonDenied, "no")
		list, err = set.Scopes(t.Context(), inventory.Scope{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		for _, stand := range list[0].StandsFor {
			if inventory.MatchGlob(stand, "s3://acme/"+key) {
				return
			}
		}
		t.Fatalf("glob %q: %q does not stand for %q", glob, list[0].StandsFor, key)
	})
}

// FuzzParse holds that an address which is taken keeps its place: the scope of a literal one has the address as its id, and no error quotes
// a password.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"s3://acme/a/**/{b,c}.tfstate", "gs://acme/", "https://h:1/a?b=c", "hcp://o/w*?tags=a", "tfe://h/o/w", `s3://acme/\[a`, "s3://acme/{", "https://u:hunter2@h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := remote.Parse(text)
		if err != nil {
			return
		}
		if !remote.IsRemote(text) || p.Host == "" || p.Scheme == "" {
			t.Fatalf("%q: %+v", text, p)
		}
		l, literal := p.Literal()
		if !literal {
			return
		}
		again, err := remote.Parse(remote.Pattern{Location: l}.String())
		if l.Scheme == "s3" || l.Scheme == "gs" {
			l.Key = remote.Escape(l.Key)
			again, err = remote.Parse(l.String())
		}
		if err != nil || again.Host != p.Host || again.Query != p.Query {
			t.Fatalf("%q: %q: %+v, %v", text, l, again, err)
		}
	})
}
