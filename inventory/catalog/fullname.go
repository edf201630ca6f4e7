package catalog

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// googleDomain is what the hosts of Google's services end with.
const googleDomain = ".googleapis.com"

// FullName returns the canonical full resource name of a Google resource from any of its spellings: a self link
// (https://www.googleapis.com/compute/v1/…, https://compute.googleapis.com/beta/…, https://sqladmin.googleapis.com/sql/v1beta4/…,
// https://www.googleapis.com/storage/v1/b/bucket …), a full resource name of the asset inventory (//service/…), or a
// relative name ("projects/p/locations/l/…") whose service is given: its host or one of its asset types. A service's own
// short names are relative names too: "bucket" and "gs://bucket" of storage.googleapis.com, "project:dataset.table" of
// bigquery.googleapis.com, "project:instance" of sqladmin.googleapis.com, a service account's e-mail address of iam.googleapis.com.
// project turns a project's number into its id and returns "" if it is not known; nil knows none. FullName reports false if
// the text is none of these.
//
// The canonical name is the one that the asset inventory writes, with the project's id in place of its number where that
// is known. Service accounts and DNS zones have two names each, of which only their own representation tells that they are
// the same: by unique id or number, and by e-mail address or name. Reference: "Asset names" of Cloud Asset Inventory.
func FullName(service, text string, project func(number string) string) (string, bool) {
	host, path, ok := splitName(serviceHost(service), strings.TrimSpace(text))
	if !ok {
		return "", false
	}
	segments, ok := canonicalPath(host, path)
	if !ok {
		return "", false
	}
	if len(segments) > 1 && segments[0] == "projects" {
		segments[1] = projectID(segments[1], project)
	}
	if !cleanSegments(segments) {
		return "", false
	}
	return "//" + host + "/" + strings.Join(segments, "/"), true
}

// Name is what a canonical full name tells. What it does not tell is empty.
type Name struct {
	Project    string // its id, or its number where the id is not known
	Location   string // "europe-west1", "europe-west1-b", "global"
	Collection string // "instances"
	Last       string // the last segment, which is the resource's own name
}

// NameParts takes a canonical full name apart.
func NameParts(name string) Name {
	host, path, _ := strings.Cut(strings.TrimPrefix(name, "//"), "/")
	s := strings.Split(path, "/")
	if host == "storage.googleapis.com" && len(s) == 1 {
		return Name{Collection: "buckets", Last: s[0]}
	}
	var n Name
	for i := 0; i < len(s); i += 2 {
		if s[i] == "global" && i+1 < len(s) && host == "compute.googleapis.com" {
			n.Location = "global"
			i--
			continue
		}
		if i+1 == len(s) {
			n.Collection, n.Last = s[i], s[i]
			break
		}
		if s[i] == "k8s" { // what is in a cluster has no pairs
			n.Collection, n.Last = s[len(s)-2], s[len(s)-1]
			break
		}
		n.pair(host, s[i], s[i+1])
	}
	return n
}

func (n *Name) pair(host, collection, value string) {
	n.Collection, n.Last = collection, value
	switch collection {
	case "projects":
		n.Project = value
	case "apps":
		if host == "appengine.googleapis.com" {
			n.Project = value
		}
	case "locations", "regions", "zones":
		if value != "-" {
			n.Location = value
		}
	}
}

// serviceHost returns the host that begins the full names of a service, which is given by its host or an asset type.
func serviceHost(service string) string {
	host, _, _ := strings.Cut(service, "/")
	host = strings.ToLower(host)
	switch host {
	case "sqladmin.googleapis.com":
		return "cloudsql.googleapis.com"
	case "bigtableadmin.googleapis.com":
		return "bigtable.googleapis.com"
	}
	return host
}

// splitName returns the host of the service and the segments of the path below it, without version. Nothing is empty.
func splitName(service, text string) (string, []string, bool) {
	text, _, _ = strings.Cut(text, "?")
	text, _, _ = strings.Cut(text, "#")
	if bucket, ok := strings.CutPrefix(text, "gs://"); ok {
		service, text = "storage.googleapis.com", strings.TrimRight(bucket, "/")
	}
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		if scheme = strings.ToLower(scheme); scheme != "https" && scheme != "http" {
			return "", nil, false
		}
		return splitLink(rest)
	}
	if rest, ok := strings.CutPrefix(text, "//"); ok {
		host, path, _ := strings.Cut(rest, "/")
		s := strings.Split(strings.TrimRight(path, "/"), "/")
		return serviceHost(host), s, cleanSegments(s) && googleHost(host)
	}
	s := strings.Split(strings.Trim(text, "/"), "/")
	if !cleanSegments(s) || !googleHost(service) {
		return "", nil, false
	}
	s, ok := relative(service, afterVersion(s))
	return service, s, ok
}

// splitLink is splitName for what follows the scheme of a self link.
func splitLink(link string) (string, []string, bool) {
	host, path, _ := strings.Cut(link, "/")
	s := strings.Split(strings.TrimRight(path, "/"), "/")
	for i, segment := range s {
		s[i] = unescape(segment)
	}
	host = strings.ToLower(host)
	if !cleanSegments(s) || !googleHost(host) {
		return "", nil, false
	}
	service, region := endpoint(host)
	if service == "www.googleapis.com" {
		if len(s) < 3 || !isVersion(s[1]) {
			return "", nil, false
		}
		service = strings.ToLower(s[0]) + googleDomain
		if s[0] == "sql" {
			service = "sqladmin.googleapis.com"
		}
	}
	if n := len(s); service == "run.googleapis.com" && region != "" && n > 4 && s[0] == "apis" && s[n-4] == "namespaces" {
		return service, []string{"projects", s[n-3], "locations", region, s[n-2], s[n-1]}, true
	}
	return serviceHost(service), afterVersion(s), googleHost(service)
}

// endpoint returns the service that a host serves, and the region if it serves only that one: "europe-west1-run.googleapis.com",
// "aiplatform.europe-west1.rep.googleapis.com".
func endpoint(host string) (service, region string) {
	name := strings.TrimSuffix(host, googleDomain)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".mtls"), ".sandbox")
	if rest, ok := strings.CutSuffix(name, ".rep"); ok {
		name, region, _ = strings.Cut(rest, ".")
		return name + googleDomain, region
	}
	if i := strings.LastIndexByte(name, '-'); i > 0 && isRegion(name[:i]) {
		return name[i+1:] + googleDomain, name[:i]
	}
	return name + googleDomain, ""
}

// googleHost reports whether a host is one of Google's APIs.
func googleHost(host string) bool {
	name, ok := strings.CutSuffix(strings.ToLower(host), googleDomain)
	for label := range strings.SplitSeq(name, ".") {
		ok = ok && label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	}
	return ok
}

// cleanSegments reports whether all segments of a path may be segments of a name.
func cleanSegments(s []string) bool {
	return !slices.ContainsFunc(s, func(segment string) bool {
		return segment == "" || segment == "." || segment == ".." || strings.ContainsFunc(segment, blank)
	})
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// unescape decodes a segment of a link. A slash stays escaped, since it does not part segments.
func unescape(segment string) string {
	if !strings.Contains(segment, "%") {
		return segment
	}
	decoded, err := url.PathUnescape(segment)
	if err != nil {
		return segment
	}
	return strings.NewReplacer("/", "%2F", "?", "%3F", "#", "%23").Replace(decoded)
}

// afterVersion returns what follows "v1/" or "compute/v1/" at the beginning of a path, and a path without version as it is.
func afterVersion(s []string) []string {
	for i := 0; i < 2 && i+1 < len(s); i++ {
		if isVersion(s[i]) {
			return s[i+1:]
		}
	}
	return s
}

// isVersion reports whether a segment is an API's version: "v1", "v1beta4", "v2.1", and "beta", "alpha" of Compute Engine.
func isVersion(s string) bool {
	if s == "beta" || s == "alpha" {
		return true
	}
	return len(s) > 1 && s[0] == 'v' && s[1] >= '0' && s[1] <= '9' && strings.Trim(s[2:], "abcdehlpt0123456789_.") == ""
}

// relative returns the segments of a relative name, or of a service's own short one.
func relative(service string, s []string) ([]string, bool) {
	if len(s) == 1 {
		return shortName(service, s[0])
	}
	if service == "storage.googleapis.com" && (s[0] == "b" || s[0] == "buckets") {
		return s, true
	}
	if service == "run.googleapis.com" && len(s) == 6 && s[0] == "locations" && s[2] == "namespaces" {
		return []string{"projects", s[3], "locations", s[1], s[4], s[5]}, true
	}
	roots := []string{
		"projects", "folders", "organizations", "billingAccounts", "locations", "apps", "services", "accessPolicies",
		"tagKeys", "tagValues", "tagBindings", "liens", "policies",
	}
	return s, slices.Contains(roots, s[0])
}
