package pulumi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Versions of the format that are known. Version 4 is version 3 with a list of features.
const (
	oldestVersion = 3
	newestVersion = 4
)

// stack is what is known of a document between its walks.
type stack struct {
	catalog  *catalog.Catalog
	survey   *resource.Survey
	id       string // the scope's
	version  int64
	features []string
	made     time.Time
	deployed bool // there is a deployment, if an empty one
	pending  []operation
	// providers are the provider configurations, by urn::id.
	providers map[string]provider
	maker     *maker // of the first walk
}

// operation is one that was interrupted.
type operation struct {
	Resource struct {
		URN string `json:"urn"`
	} `json:"resource"`
	Type string `json:"type"`
}

// entry is a resource as a stack holds it.
type entry struct {
	URN        string          `json:"urn"`
	Custom     bool            `json:"custom"`
	Delete     bool            `json:"delete"`
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Inputs     json.RawMessage `json:"inputs"`
	Outputs    json.RawMessage `json:"outputs"`
	Provider   string          `json:"provider"`
	External   bool            `json:"external"`
	Replacing  bool            `json:"pendingReplacement"`
	ViewOf     string          `json:"viewOf"`
	Ignores    []string        `json:"ignoreChanges"`
	malformed  bool
	byteOffset int64
}

// isProvider reports whether the entry is the configuration of a provider.
func (e *entry) isProvider() bool { return strings.HasPrefix(e.Type, "pulumi:providers:") }

// managed reports whether the entry is a thing that the stack made: no component, no provider, and nothing that is only read.
func (e *entry) managed() bool {
	return e.Custom && !e.External && e.ViewOf == "" && !e.isProvider() && !strings.HasPrefix(e.Type, "pulumi:pulumi:")
}

// walk reads a document to its end and gives visit each resource, which may keep nothing of it.
func (k *stack) walk(ctx context.Context, r io.Reader, visit func(*entry) error) error {
	d := resource.NewReader(r)
	if d.PeekKind() != '{' {
		if err := d.SkipValue(); err != nil {
			return err
		}
		return d.End()
	}
	k.pending, k.features = nil, nil
	err := d.Object(func(key string) error {
		switch key {
		case "version":
			return d.Number(&k.version)
		case "features":
			return d.Array(func() error { return k.feature(d) })
		case "deployment":
			return k.deployment(ctx, d, visit)
		case "checkpoint":
			return d.Object(func(key string) error {
				if key == "latest" {
					return k.deployment(ctx, d, visit)
				}
				return d.SkipValue()
			})
		}
		return d.SkipValue()
	})
	if err != nil {
		return err
	}
	return d.End()
}

func (k *stack) feature(d *resource.Reader) error {
	var s string
	err := d.Text(&s)
	if len(k.features) < 20 {
		k.features = append(k.features, s)
	}
	return err
}

func (k *stack) deployment(ctx context.Context, d *resource.Reader, visit func(*entry) error) error {
	k.deployed = k.deployed || d.PeekKind() == '{'
	return d.Object(func(key string) error {
		switch key {
		case "manifest":
			return d.Object(func(key string) error { return k.manifest(d, key) })
		case "resources":
			return d.Array(func() error { return k.resource(ctx, d, visit) })
		case "pending_operations":
			return d.Array(func() error { return k.operation(d) })
		}
		return d.SkipValue()
	})
}

func (k *stack) manifest(d *resource.Reader, key string) error {
	if key != "time" {
		return d.SkipValue()
	}
	var s string
	err := d.Text(&s)
	if t, parseErr := time.Parse(time.RFC3339, s); parseErr == nil {
		k.made = t.UTC()
	}
	return err
}

func (k *stack) resource(ctx context.Context, d *resource.Reader, visit func(*entry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	var e entry
	e.malformed = json.Unmarshal(raw, &e) != nil || e.URN == "" || e.Type == ""
	e.byteOffset = d.InputOffset()
	return visit(&e)
}

// mostPending bounds how many interrupted operations are told one by one.
const mostPending = 1000

func (k *stack) operation(d *resource.Reader) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	var o operation
	if json.Unmarshal(raw, &o) == nil && len(k.pending) < mostPending {
		k.pending = append(k.pending, o)
	}
	return nil
}

// detail says how the stack was read, where there is something to say.
func (k *stack) detail() string {
	if len(k.features) > 0 {
		return "version " + fmt.Sprint(k.version) + " with " + strings.Join(k.features, ", ")
	}
	return ""
}

// learn is the first walk.
func (k *stack) learn(e *entry) error {
	if e.malformed {
		return nil
	}
	if k.maker == nil {
		k.maker = newMaker(k)
	}
	m := k.maker
	for _, raw := range []json.RawMessage{e.Inputs, e.Outputs} {
		if err := m.learnSecrets(raw); err != nil {
			return err
		}
	}
	if e.isProvider() {
		k.learnProvider(e)
		return nil
	}
	if !e.managed() {
		return nil
	}
	return k.survey.Instance(m.instance(e))
}

// emit is the second walk.
func (k *stack) emit(ctx context.Context, r io.Reader, out collectors.Sink) error {
	k.homes()
	emitters := map[string]*resource.Emitter{} // by lineage: a file holds one stack
	m := newMaker(k)
	err := k.walk(ctx, r, func(e *entry) error {
		switch {
		case e.malformed:
			out.Skip(inventory.Problem{
				File: k.id, Message: fmt.Sprintf("the resource that ends at byte %d is not of the form of a stack's resources", e.byteOffset),
				Remedy: "export the stack again",
			})
			return nil
		case !e.managed():
			return nil
		}
		lineage := urnOf(e.URN).lineage()
		if emitters[lineage] == nil {
			emitters[lineage] = k.survey.Emitter(resource.Place{File: k.id, Lineage: lineage, Layer: inventory.LayerState}, out, nil)
		}
		return emitters[lineage].Emit(m.instance(e))
	})
	for _, o := range k.pending {
		out.Skip(inventory.Problem{
			File: k.id, Key: k.id + "#" + o.Resource.URN,
			Message: fmt.Sprintf("%s %s was interrupted, and nobody knows whether it was done", o.Type, o.Resource.URN),
			Remedy:  "run pulumi refresh, and export the stack again",
		})
	}
	return err
}

// urn is a name as Pulumi gives it: urn:pulumi:stack::project::type$type::name.
type urn struct{ stack, project, name string }

func urnOf(s string) urn {
	parts := strings.SplitN(strings.TrimPrefix(s, "urn:pulumi:"), "::", 4)
	var u urn
	if len(parts) == 4 {
		u = urn{stack: parts[0], project: parts[1], name: parts[3]}
	}
	return u
}

// lineage names the stack.
func (u urn) lineage() string {
	if u.stack == "" {
		return ""
	}
	return "pulumi:" + u.project + "/" + u.stack
}
