package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// document is what counts of a discovery document. Reference: "Using the discovery document" of the Google API discovery service.
type document struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	RootURL string `json:"rootUrl"`
	Auth    struct {
		OAuth2 struct {
			Scopes map[string]struct{} `json:"scopes"`
		} `json:"oauth2"`
	} `json:"auth"`
	Schemas   map[string]schema   `json:"schemas"`
	Resources map[string]resource `json:"resources"`
}

type resource struct {
	Methods map[string]struct {
		Response struct {
			Ref string `json:"$ref"`
		} `json:"response"`
	} `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

type schema struct {
	Type        string            `json:"type"`
	Ref         string            `json:"$ref"`
	ReadOnly    bool              `json:"readOnly"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Additional  *schema           `json:"additionalProperties"`
}

func readDocument(path string) (document, error) {
	var d document
	text, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// cloud reports whether the API is one of Google Cloud, which are those that its scope opens.
func (d document) cloud() bool {
	_, ok := d.Auth.OAuth2.Scopes["https://www.googleapis.com/auth/cloud-platform"]
	return ok
}

// host is the service's name in asset types.
func (d document) host() string {
	u, err := url.Parse(d.RootURL)
	if err != nil || u.Host == "www.googleapis.com" {
		return d.Name + ".googleapis.com"
	}
	return u.Host
}

// newestFirst sorts the versions of an API: "v2" before "v1" before "v2beta1" before "alpha".
func newestFirst(a, b document) int {
	return cmp.Or(strings.Compare(a.host(), b.host()), -cmp.Compare(stability(a.Version), stability(b.Version)), -strings.Compare(a.Version, b.Version))
}

func stability(version string) int {
	switch {
	case strings.Contains(version, "alpha"):
		return 0
	case strings.Contains(version, "beta"):
		return 1
	}
	return 2
}

// addTypes adds the types of the document that no newer version has. Where an older or a coming version has labels and the
// newest stable one has none, nobody knows whether assets of the type carry any.
func (d document) addTypes(types map[string]assetType) {
	for _, ref := range d.resources() {
		name := d.host() + "/" + typeName(ref)
		t := d.assetType(d.Schemas[ref])
		if newer, known := types[name]; known {
			if newer.taggable == "0" && t.taggable != "0" {
				newer.taggable, newer.labels = "", t.labels
			}
			t = newer
		}
		types[name] = t
	}
}

// resources lists the schemas of what can be got, sorted.
func (d document) resources() []string {
	found := map[string]bool{}
	var walk func(map[string]resource)
	walk = func(list map[string]resource) {
		for _, r := range list {
			if ref := r.Methods["get"].Response.Ref; ref != "" {
				found[ref] = true
			}
			walk(r.Resources)
		}
	}
	walk(d.Resources)
	var refs []string
	for ref := range found {
		name := typeName(ref)
		if !slices.Contains([]string{"Operation", "Location", "Empty", "HttpBody", "Status"}, name) && !strings.HasSuffix(name, "Response") {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	return refs
}

// qualified is what some APIs put before a schema's name: "GoogleCloudRunV2", "GoogleLongrunning", "GoogleApiServiceusageV1".
var qualified = regexp.MustCompile(`^(Google[A-Za-z]*?V[0-9]+(p[0-9]+)?((alpha|beta)[0-9]*)?(main)?(_{1,2}resources_)?|GoogleLongrunning|GoogleCloudLocation|GoogleApi|GoogleRpc)([A-Z])`)

// typeName is the name of a schema without what tells the API and its version.
func typeName(ref string) string { return qualified.ReplaceAllString(ref, "$7") }

func (d document) assetType(s schema) assetType {
	t := assetType{taggable: "0"}
	for name := range s.Properties {
		t.fields = append(t.fields, name)
	}
	slices.Sort(t.fields)
	for _, path := range []string{
		"userLabels", "resourceLabels", "settings.userLabels", "config.resourceLabels", "labels", "properties.labels", "metadata.labels",
	} {
		labels, ok := d.at(s, strings.Split(path, "."))
		if !ok {
			continue
		}
		if labels.Type != "object" || labels.Additional == nil || labels.Additional.Type != "string" {
			return assetType{fields: t.fields}
		}
		t.taggable, t.labels = "1", path
		if labels.outputOnly() {
			t.taggable = ""
		}
		break
	}
	return t
}

// at returns the schema of what stands at a path.
func (d document) at(s schema, path []string) (schema, bool) {
	for _, name := range path {
		if s.Ref != "" {
			s = d.Schemas[s.Ref]
		}
		next, ok := s.Properties[name]
		if !ok {
			return schema{}, false
		}
		s = next
	}
	return s, true
}

func (s schema) outputOnly() bool {
	text := strings.TrimLeft(strings.ToLower(s.Description), "[")
	return s.ReadOnly || strings.HasPrefix(text, "output only") || strings.HasPrefix(text, "output-only")
}
