package session

import (
	"context"
	"regexp"
	"strings"
	"sync"
)

var version = regexp.MustCompile(`^v[0-9]+[a-z0-9]*$`)

// operationOf names what a REST path asks for, without the names of things, so that there are few: "aggregated/instances" for
// "/compute/v1/projects/acme/aggregated/instances", "searchAllResources" for "/v1/projects/acme:searchAllResources", "b/-/iam".
func operationOf(path string) string {
	var out []string
	parts := afterVersion(strings.Split(strings.Trim(path, "/"), "/"))
	for i := 0; i < len(parts); i++ {
		out = append(out, parts[i]) // of a collection
		if parts[i] == "global" || parts[i] == "aggregated" || i+1 == len(parts) {
			continue
		}
		i++ // what follows is a name
		_, verb, ok := strings.Cut(parts[i], ":")
		if i+1 == len(parts) && ok {
			out = append(out, "-:"+verb)
		} else {
			out = append(out, "-")
		}
	}
	return withoutRoot(out)
}

// afterVersion drops the name of the API and its version.
func afterVersion(parts []string) []string {
	for i, p := range parts[:min(len(parts), 3)] {
		if version.MatchString(p) {
			return parts[i+1:]
		}
	}
	return parts
}

// withoutRoot leaves out on whose behalf a call is.
func withoutRoot(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "/")
	}
	switch parts[0] {
	case "projects", "folders", "organizations", "billingAccounts":
		if verb, ok := strings.CutPrefix(parts[1], "-:"); ok {
			return verb
		}
		if len(parts) > 2 {
			parts = parts[2:]
		}
	}
	return strings.Join(parts, "/")
}

// Counter counts calls by operation: "compute.googleapis.com:aggregated/instances". It is safe for concurrent use. Each scope counts its
// own:
//
//	var calls session.Counter
//	ctx = session.Count(ctx, &calls)
//	…
//	sink.Note(collectors.Facts{Calls: calls.Calls()})
type Counter struct {
	mu    sync.Mutex
	calls map[string]int
}

// Calls returns the counts so far, and begins anew.
func (c *Counter) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

func (c *Counter) add(service, operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[service+":"+operation]++
}

type counterKey struct{}

// Count returns a context whose calls are counted in the counter, every attempt at them.
func Count(ctx context.Context, c *Counter) context.Context {
	return context.WithValue(ctx, counterKey{}, c)
}

func countIn(ctx context.Context, service, operation string) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.add(service, operation)
	}
}
