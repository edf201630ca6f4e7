package direct

import (
	"net/url"
	"strings"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/inventory"
)

// List is one list of an API.
type List struct {
	// Type is the type of what is listed; empty for a list of places, which are no resources and only say where others look.
	Type inventory.Type
	// Call is the method by its id in Google's discovery document: "storage.buckets.list".
	Call string
	// Service is the host that answers, if it is not that of the API; {place} stands for the last part of the parent's name.
	Service string
	// Path is that of the list, with the project in place of {project}, the parent in place of {parent} and the last part of the parent's
	// name in place of {place}.
	Path string
	// In is the Call of the list before whose items are the parents, one after the other; empty if there is one list for the project.
	In string
	// ID is the field of an item by which lists of what it holds name it: its Name, if ID is empty.
	ID string
	// Also are parents besides those that were listed.
	Also []string
	// Items is the field with the list; empty if the answer is one resource.
	Items string
	// Query is what is asked for besides: "view=FULL"; {project} stands for the project.
	Query string
	// Size is the parameter that says how much is on a page, and Max the most that the API gives; empty if it has none.
	Size string
	Max  int
	// Token is the parameter, and Next the field, that leads to the next page; empty for "pageToken" and "nextPageToken".
	Token, Next string
	// Unreachable is the field that names what the API could not reach; empty if it never tells.
	Unreachable string
	// Detail is the path that tells all of one resource, whose ID stands in place of {id}, where the list tells only a part.
	Detail string
	// Part says that the list tells only a part, and nothing else tells more at the price of one call.
	Part bool
	// Labels says that a list which tells only a part leaves the labels out only where there are none.
	Labels bool
	// Name makes the resource's name; nil if that is its field "name".
	Name func(at at, d resource.Doc) string
	// Place is where a resource and what it holds is, if that is neither in its name nor in its field "location".
	Place func(d resource.Doc) string
	// Keep reports whether an item is one of those that the list is for; nil for all.
	Keep func(d resource.Doc) bool
	// Inner is what the items hold.
	Inner []Inner
	// Permissions are those that the list takes.
	Permissions []string
}

// Inner is a list within the items of a list: the node pools of a cluster.
type Inner struct {
	Type  inventory.Type
	Field string // also what stands before the name: "nodePools"
}

// at is where a list is called.
type at struct {
	project string
	parent  holder // empty for a list of the project
}

// holder is what was listed and by which another list goes.
type holder struct {
	id       string
	location string // empty if it does not tell
}

func (a at) place() string { return last(a.parent.id) }

func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// fill puts what is asked about in the place of a template's variables.
func (a at) fill(template string) string {
	parent := strings.Split(a.parent.id, "/")
	for i, segment := range parent {
		parent[i] = url.PathEscape(segment)
	}
	return strings.NewReplacer(
		"{project}", url.PathEscape(a.project), "{parent}", strings.Join(parent, "/"), "{place}", url.PathEscape(a.place()),
	).Replace(template)
}

// types are those that a list hands over.
func (l *List) types() []inventory.Type {
	var types []inventory.Type
	if l.Type != "" {
		types = append(types, l.Type)
	}
	for _, i := range l.Inner {
		types = append(types, i.Type)
	}
	return types
}

// name is the name of a resource.
func (l *List) name(a at, d resource.Doc) string {
	if l.Name != nil {
		return l.Name(a, d)
	}
	return d.Text("name")
}

// id is how lists of what an item holds name it.
func (l *List) id(a at, d resource.Doc) string {
	if l.ID != "" {
		return d.Text(l.ID)
	}
	return l.name(a, d)
}

// location is where a resource is; empty if the list does not tell.
func (l *List) location(d resource.Doc) string {
	if l.Place != nil {
		return l.Place(d)
	}
	return d.Text("location")
}

// query is that of one page.
func (l *List) query(a at, token string, size int) url.Values {
	q, err := url.ParseQuery(strings.ReplaceAll(l.Query, "{project}", url.QueryEscape(a.project)))
	if err != nil || q == nil {
		q = url.Values{}
	}
	if l.Size != "" {
		q.Set(l.Size, itoa(min(size, l.Max)))
	}
	if token != "" {
		q.Set(or(l.Token, "pageToken"), token)
	}
	return q
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// ownName makes the names of what has none with a path: "projects/acme-prod/instances/db". The field is that with the last part.
func ownName(collection, field string) func(at, resource.Doc) string {
	return func(a at, d resource.Doc) string {
		if id := d.Text(field); id != "" {
			return "projects/" + a.project + "/" + collection + "/" + id
		}
		return ""
	}
}
