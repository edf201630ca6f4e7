package direct

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory/catalog"
)

// method is what a discovery document says of a method.
type method struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Host   string            `json:"host"`
	Query  []string          `json:"query"`
	Answer map[string]string `json:"answer"` // types of the fields
	Most   int               `json:"most"`
}

var versions = regexp.MustCompile(`^v[0-9]+[a-z0-9]*$`)

// documented is the method that a path belongs to.
func documented(t *testing.T, facts map[string]map[string]method, call, path string) method {
	t.Helper()
	i := slices.IndexFunc(strings.Split(path, "/"), versions.MatchString)
	for api, methods := range facts {
		m, ok := methods[call]
		if !ok {
			continue
		}
		if _, version, _ := strings.Cut(api, "/"); i < 0 || strings.Split(path, "/")[i] == version || call == "sql.instances.list" {
			return m
		}
	}
	t.Errorf("%s: no discovery document has such a method in the version of %s", call, path)
	return method{}
}

var braces = regexp.MustCompile(`\{[^}]+\}|-`)

// fits reports whether a path of ours is one of a documented form: {parent} is several parts.
func fits(path, flat string) bool {
	want := "^" + braces.ReplaceAllString(regexp.QuoteMeta(unbrace(flat)), "[^/]+") + "$"
	for _, parent := range []string{"p", "projects/p/locations/l", "projects/p/instances/i", "projects/p/locations/l/keyRings/r"} {
		ours := strings.NewReplacer("{parent}", parent, "{project}", "p", "{place}", "l", "{id}", "i").Replace(path)
		if regexp.MustCompile(want).MatchString(ours) {
			return true
		}
	}
	return false
}

// unbrace makes the variables of a path plain for QuoteMeta.
func unbrace(path string) string { return regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "-") }

// What the table says of each API is what Google's discovery documents say.
func TestAgainstDiscovery(t *testing.T) {
	var facts map[string]map[string]method
	read(t, "discovery.json", &facts)
	for _, a := range APIs() {
		for _, l := range a.Lists {
			m := documented(t, facts, l.Call, l.Path)
			if m.Method != "GET" || !fits(l.Path, m.Path) {
				t.Errorf("%s: %s %s, documented is %s %s", l.Call, "GET", l.Path, m.Method, m.Path)
			}
			if host := strings.NewReplacer("{place}-", "", ".{place}.rep", "").Replace(or(l.Service, a.Service)); host != m.Host {
				t.Errorf("%s: of %s, documented is %s", l.Call, host, m.Host)
			}
			answer(t, &l, m)
			if l.Detail != "" {
				one := documented(t, facts, strings.TrimSuffix(l.Call, "list")+"get", l.Detail)
				if one.Method != "GET" || !fits(l.Detail, one.Path) {
					t.Errorf("%s: %s, documented is %s %s", l.Call, l.Detail, one.Method, one.Path)
				}
			}
		}
	}
}

// answer compares what is asked for and what is read of an answer.
func answer(t *testing.T, l *List, m method) {
	t.Helper()
	token, next := or(l.Token, "pageToken"), or(l.Next, "nextPageToken")
	asked := []string{l.Size}
	for part := range strings.SplitSeq(l.Query, "&") {
		name, _, _ := strings.Cut(part, "=")
		asked = append(asked, name)
	}
	if slices.Contains(m.Query, token) {
		if m.Answer[next] != "string" {
			t.Errorf("%s: pages are led to by %s, and the answer has no %s", l.Call, token, next)
		}
	} else if m.Answer[next] != "" || l.Size != "" {
		t.Errorf("%s: documented is no parameter %s", l.Call, token)
	}
	for _, name := range asked {
		if name != "" && !slices.Contains(m.Query, name) {
			t.Errorf("%s: documented is no parameter %q, but %v", l.Call, name, m.Query)
		}
	}
	if l.Size == "" && (slices.Contains(m.Query, "pageSize") || slices.Contains(m.Query, "maxResults")) && l.Type != "" {
		t.Errorf("%s: the size of pages is not asked for, documented are %v", l.Call, m.Query)
	}
	if m.Most > 0 && l.Max > m.Most || l.Size != "" && l.Max <= 0 {
		t.Errorf("%s: pages of %d, documented are at most %d", l.Call, l.Max, m.Most)
	}
	if l.Items != "" && m.Answer[l.Items] != "list" {
		t.Errorf("%s: the answer has no list %s, but %v", l.Call, l.Items, m.Answer)
	}
	if _, ok := m.Answer[l.Unreachable]; l.Unreachable != "" && !ok {
		t.Errorf("%s: the answer has no %s", l.Call, l.Unreachable)
	}
	for _, field := range []string{"unreachable", "missingZones", "failedLocations", "failedLocation", "warnings"} {
		if first, _, _ := strings.Cut(l.Unreachable, "."); m.Answer[field] == "list" && first != field {
			t.Errorf("%s: the answer says in %s what was not reached, and nobody looks", l.Call, field)
		}
	}
}

// Every type is one that the catalog knows, and every list says what it takes.
func TestTable(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, a := range APIs() {
		for _, l := range a.Lists {
			for _, typ := range l.types() {
				if _, ok := c.Type(typ); !ok {
					t.Errorf("%s: the catalog has no %s", a.Name, typ)
				}
				if by := seen[string(typ)]; by != "" && by != a.Name {
					t.Errorf("%s is listed by %s and %s", typ, by, a.Name)
				}
				seen[string(typ)] = a.Name
			}
			if len(l.Permissions) == 0 || l.In != "" && a.parent(&l) == nil {
				t.Errorf("%s: permissions %v, in %q", l.Call, l.Permissions, l.In)
			}
		}
		if !strings.HasSuffix(a.Service, ".googleapis.com") || strings.ContainsAny(a.Name, "./ ") || seen["API "+a.Name] != "" {
			t.Errorf("API %q of %s", a.Name, a.Service)
		}
		seen["API "+a.Name] = a.Name
	}
	if !slices.IsSorted(Permissions()) || !slices.Contains(Permissions(), "storage.buckets.list") {
		t.Errorf("permissions %v", Permissions())
	}
	for _, p := range Permissions() {
		if !regexp.MustCompile(`^[a-z]+\.[a-zA-Z]+\.(list|get)$`).MatchString(p) {
			t.Errorf("%q is no permission to read", p)
		}
	}
}
