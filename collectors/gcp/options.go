package gcp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Options are the keys of a source of this collector.
type Options struct {
	Projects     []string      `yaml:"projects" jsonschema_description:"ids of projects to read, or globs, as acme-*; default: the project of the credentials"`
	Folder       string        `yaml:"folder" jsonschema_description:"read every project below a folder instead: its number"`
	Organization string        `yaml:"organization" jsonschema_description:"read every project of an organization instead: its number"`
	Exclude      []string      `yaml:"exclude" jsonschema_description:"globs of ids of projects to leave out"`
	Types        []string      `yaml:"types" jsonschema_description:"globs of types, as compute.googleapis.com/*; default: all"`
	QuotaProject string        `yaml:"quota_project" jsonschema_description:"project whose quota is used; default: that of the credentials"`
	Inventory    string        `yaml:"inventory" jsonschema:"enum=search,enum=list,enum=off" jsonschema_description:"how the asset inventory is read: search (default), list, or off, which reads each service by its own API"`
	Compute      string        `yaml:"compute" jsonschema:"enum=api,enum=inventory" jsonschema_description:"where machines, disks and networks are read: api (default), which is Compute Engine's, or inventory"`
	CallTimeout  time.Duration `yaml:"call_timeout" jsonschema_description:"longest time one attempt at one API call may take; default 60s"`
	Endpoint     string        `yaml:"endpoint" jsonschema_description:"for tests: a server on this machine that stands for every API of Google"`
	Replay       string        `yaml:"replay" jsonschema_description:"read from a folder that \"muster scan --record\" wrote, with no credentials and no network"`
}

// Values of Options.Inventory and Options.Compute.
const (
	inventorySearch  = "search"
	inventoryList    = "list"
	inventoryOff     = "off"
	computeAPI       = "api"
	computeInventory = "inventory"
)

// Replays returns the folder of the recording that the source is read from; empty if it is read from Google.
func (o *Options) Replays() string { return o.Replay }

// tree is the folder or organization to read, "folders/12"; empty if single projects are read.
func (o *Options) tree() string {
	switch {
	case o.Folder != "":
		return "folders/" + strings.TrimPrefix(o.Folder, "folders/")
	case o.Organization != "":
		return "organizations/" + strings.TrimPrefix(o.Organization, "organizations/")
	}
	return ""
}

func (o *Options) excludes(project string) bool {
	return slices.ContainsFunc(o.Exclude, func(p string) bool { return inventory.MatchGlob(p, project) })
}

func isGlob(s string) bool { return strings.ContainsAny(s, `*?[\`) }

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

var (
	// projectID is an id of a project, which may have a domain before it: "example.com:acme". Source: "Creating and managing projects".
	projectID = regexp.MustCompile(`^([a-z0-9.-]+:[a-z][a-z0-9-]*[a-z0-9]|[a-z][a-z0-9-]{4,28}[a-z0-9])$`)
	// projectGlob holds what an id may hold, and signs.
	projectGlob = regexp.MustCompile(`^[a-z0-9.:*?\[\]\\^-]+$`)
)

// Validate names what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	var list []collectors.OptionError
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	o.checkRoots(bad)
	for i, p := range o.Exclude {
		if !projectGlob.MatchString(p) {
			bad(fmt.Sprintf("exclude[%d]", i), "%q is no id of a project, nor a glob of ids: write it as acme-sandbox-*", p)
		}
	}
	o.checkTypes(bad)
	if o.QuotaProject != "" && !projectID.MatchString(o.QuotaProject) {
		bad("quota_project", "%q is no id of a project: write it as acme-prod", o.QuotaProject)
	}
	oneOf(bad, "inventory", o.Inventory, inventorySearch, inventoryList, inventoryOff)
	oneOf(bad, "compute", o.Compute, computeAPI, computeInventory)
	if o.Inventory == inventoryOff && o.Compute == computeInventory {
		bad("compute", "the inventory is off: take api, or turn inventory on")
	}
	if o.CallTimeout < 0 {
		bad("call_timeout", "%s: want more than 0, as 60s", o.CallTimeout)
	}
	if err := session.CheckEndpoint(o.Endpoint); err != nil {
		bad("endpoint", "%v", err)
	}
	return list
}

func oneOf(bad func(option, format string, args ...any), option, value string, words ...string) {
	if !slices.Contains(words, value) {
		bad(option, "%q is none of %s", value, strings.Join(words, ", "))
	}
}

func (o *Options) checkRoots(bad func(option, format string, args ...any)) {
	given := 0
	for _, has := range []bool{len(o.Projects) > 0, o.Folder != "", o.Organization != ""} {
		if has {
			given++
		}
	}
	if given > 1 {
		bad(o.lastRoot(), "give one of projects, folder and organization")
	}
	for i, p := range o.Projects {
		at := fmt.Sprintf("projects[%d]", i)
		switch {
		case slices.Contains(o.Projects[:i], p):
			bad(at, "project %s is there twice", p)
		case isNumber(p):
			bad(at, `%q is the number of a project: write its id, as "gcloud projects list" shows it`, p)
		case isGlob(p) && !projectGlob.MatchString(p), !isGlob(p) && !projectID.MatchString(p):
			bad(at, "%q is no id of a project: write it as acme-prod, or a glob as acme-*", p)
		}
	}
	if o.Folder != "" && !isNumber(strings.TrimPrefix(o.Folder, "folders/")) {
		bad("folder", "%q is no number of a folder: write it as \"123456789012\"", o.Folder)
	}
	if o.Organization != "" && !isNumber(strings.TrimPrefix(o.Organization, "organizations/")) {
		bad("organization", "%q is no number of an organization: write it as \"123456789012\"", o.Organization)
	}
}

// lastRoot is the option that an error about several roots points to.
func (o *Options) lastRoot() string {
	if o.Organization != "" {
		return "organization"
	}
	return "folder"
}

// checkTypes rejects a glob that is likely meant to be another. The inventory may have types that nobody here knows, so that what looks like
// one of them is taken as it is.
func (o *Options) checkTypes(bad func(option, format string, args ...any)) {
	if len(o.Types) == 0 {
		return
	}
	names := typeNames()
	for i, p := range o.Types {
		at := fmt.Sprintf("types[%d]", i)
		switch hint := typeHint(p, names); {
		case matchesOne(p, names):
		case hint != "":
			bad(at, "%q matches no type of Google: did you mean %q?", p, hint)
		case !typeGlob.MatchString(p):
			bad(at, "%q is no type of Google: write a type or a glob, as compute.googleapis.com/*", p)
		}
	}
}

// typeGlob is a type, or a glob of types, of a service's host: "apps.k8s.io/*".
var typeGlob = regexp.MustCompile(`^[a-z0-9*?-]+(\.[a-z0-9*?-]+)+/[A-Za-z0-9*?]+$`)

func matchesOne(glob string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return inventory.MatchGlob(glob, n) })
}

// typeHint is what a glob that stands for no type was likely meant to be; empty if nobody can tell.
func typeHint(glob string, names []string) string {
	if service, kind, ok := strings.Cut(glob, "/"); ok && !strings.Contains(service, ".") {
		if whole := service + ".googleapis.com/" + kind; matchesOne(whole, names) {
			return whole
		}
	}
	service, kind, _ := strings.Cut(glob, "/")
	var services, kinds []string // of the same kind, and of the same service
	for _, n := range names {
		switch s, k, _ := strings.Cut(n, "/"); {
		case s == service && slip(kind, k):
			kinds = append(kinds, k)
		case (k == kind || isGlob(kind)) && slip(service, s):
			services = append(services, s)
		}
	}
	if near := inventory.Nearest(kind, kinds); near != "" {
		return service + "/" + near
	}
	if near := inventory.Nearest(service, services); near != "" {
		return near + "/" + kind
	}
	return ""
}

// slip reports whether one word can be another with a slip of the fingers: real types may be like each other, but not of a length.
func slip(a, b string) bool { return max(len(a)-len(b), len(b)-len(a)) <= 2 }

// typeNames lists all types that the inventory or an API knows. That the catalog cannot be loaded is told elsewhere.
func typeNames() []string {
	var names []string
	if known, err := catalog.Load(); err == nil {
		names = googleTypes(known)
	}
	for _, a := range allAPIs() {
		for _, t := range a.types {
			names = append(names, string(t))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// googleTypeMark is in every type of a service of Google's, and in none of what is in a cluster of Kubernetes.
const googleTypeMark = ".googleapis.com/"

func googleTypes(known *catalog.Catalog) []string {
	return slices.DeleteFunc(known.TypeNames(""), func(n string) bool { return !strings.Contains(n, googleTypeMark) })
}
