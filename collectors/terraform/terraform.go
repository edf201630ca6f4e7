// Package terraform reads what Terraform and OpenTofu last wrote into their state files, and what they show of a plan or a state as
// JSON, and emits every managed resource instance as a declared asset.
//
// A state is walked twice, each time with the memory of one resource instance: first to learn what is secret in it, in
// which account each provider configuration works and which names are there twice, then to emit. Only tags, identifiers
// and the attributes that the catalog compares leave this package, with every secret hashed.
package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/muster-audit/muster/collectors"
	awsobjects "github.com/muster-audit/muster/collectors/aws/objects"
	"github.com/muster-audit/muster/collectors/files"
	gcpobjects "github.com/muster-audit/muster/collectors/gcp/objects"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/collectors/terraform/plan"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths []string `yaml:"paths" jsonschema_description:"State and plan files, globs and folders of code, relative to the config file, and addresses: s3://bucket/key, gs://bucket/key, https://host/path, hcp://organization/workspace, tfe://host/organization/workspace."`
	// As whom s3:// is read.
	Profile    string `yaml:"profile" jsonschema_description:"Profile of the AWS configuration that reads s3:// addresses."`
	Role       string `yaml:"role" jsonschema_description:"ARN of an AWS role to assume for s3:// addresses."`
	ExternalID string `yaml:"external_id" jsonschema_description:"External id that the role asks for."`
	Region     string `yaml:"region" jsonschema_description:"Region of AWS calls whose own nobody knows."`
	// For folders of code.
	Variables map[string]string `yaml:"variables" jsonschema_description:"Values of root variables, as with -var."`
	VarFiles  []string          `yaml:"var_files" jsonschema_description:"Files of values within the folder, as with -var-file."`
	Workspace string            `yaml:"workspace" jsonschema_description:"Value of terraform.workspace."`

	MaxAge time.Duration `yaml:"max_age" jsonschema_description:"How long ago a state may have been written and still be believed; 0 is for ever."`
}

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := append(files.Check("paths", o.local()), remote.Check("paths", o.Paths)...)
	if len(o.Paths) == 0 {
		list = append(list, collectors.OptionError{Option: "paths", Message: "is missing: name state files, as states/**/*.tfstate"})
	}
	if o.MaxAge < 0 {
		list = append(list, collectors.OptionError{Option: "max_age", Message: fmt.Sprintf("%s: want 0 or more, as 36h", o.MaxAge)})
	}
	return list
}

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "terraform",
		Summary: "states, plans and code of Terraform and OpenTofu",
		Books:   []inventory.Book{inventory.Declared},
		Reads: "Reads states (from files, or from where a backend keeps them), plans as JSON, and code. It runs neither Terraform nor a provider.\n" +
			"The user who runs muster needs the right to read the files and, for addresses, the objects: s3:ListBucket and s3:GetObject,\n" +
			"storage.objects.list and storage.objects.get. Secrets in them are hashed before they are stored.",
		NewOptions: func() any { return &Options{} },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector terraform: options are %T", options)
			}
			c, err := catalog.Load()
			if err != nil {
				return nil, fmt.Errorf("make collector terraform: %w", err)
			}
			return &collector{env: env, options: *o, catalog: c, stores: stores(env, o)}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	options Options
	catalog *catalog.Catalog
	stores  *remote.Stores
}

// local returns the paths, with those that are addresses left blank of meaning so that positions stay.
func (o *Options) local() []string {
	list := slices.Clone(o.Paths)
	for i, p := range list {
		if remote.IsRemote(p) {
			list[i] = "remote"
		}
	}
	return list
}

// stores are those of the addresses that a source names. Passwords go only to those that it names itself.
func stores(env collectors.Env, o *Options) *remote.Stores {
	var trusted []string
	for _, p := range o.Paths {
		if remote.IsRemote(p) {
			trusted = append(trusted, p)
		}
	}
	table := append(remote.Own(), awsobjects.Scheme(), gcpobjects.Scheme())
	return remote.NewStores(remote.Options{Now: env.Now, Log: env.Log, Trusted: trusted}, table...)
}

// access is as whom an address is read: what the source says goes before what a backend block says.
func (c *collector) access(a remote.Access) remote.Access {
	if c.options.Role != "" {
		a.Role, a.ExternalID = c.options.Role, c.options.ExternalID
	}
	a.Profile, a.Region = cmp.Or(c.options.Profile, a.Profile), cmp.Or(c.options.Region, a.Region)
	return a
}

// Collect reads one state file.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	if err := refused(s); err != nil {
		return err
	}
	if root, ok := s.Params[paramRoot]; ok {
		return c.collectCode(ctx, s, root, out)
	}
	in, err := c.input(s)
	if err != nil {
		return err
	}
	first, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = first.Close() }() // it was read
	out.Note(collectors.Facts{DataTime: first.ModTime})

	f := &stateFile{input: in, scope: s}
	o, again, err := in.sniff(ctx, first)
	if again == nil {
		return err
	}
	if first = again; err != nil || o != (plan.Outline{}) {
		return c.collectShown(ctx, f, first, o, err, out)
	}
	sv, doc, readErr := c.survey(ctx, f, first)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := f.judge(doc, readErr); err != nil {
		return err
	}
	if doc.version == legacyVersion {
		out.Note(collectors.Facts{DataTime: first.ModTime, Detail: "state of version 3 (legacy): names and tags alone"})
	}
	if err := c.emit(ctx, f, sv, doc, out); err != nil && (readErr == nil || !errors.Is(err, errOfFile)) {
		return err
	}
	if readErr != nil {
		return f.damage(readErr)
	}
	return c.checkAge(s, first.ModTime)
}

// survey walks the state once; twice if it holds blocks whose fields come after their instances.
func (c *collector) survey(ctx context.Context, f *stateFile, r *reader) (*resource.Survey, surveyed, error) {
	sv := c.newSurvey()
	w := newWalker(r, nil)
	err := w.walk(ctx, sv)
	late := w.found
	if len(late) > 0 {
		again, openErr := f.open(ctx)
		if openErr != nil {
			return sv, surveyed{}, openErr
		}
		defer again.Close()
		sv = c.newSurvey()
		w = newWalker(again, late)
		err = w.walk(ctx, sv)
	}
	return sv, surveyed{document: w.doc, late: late, paths: w.paths}, err
}

// surveyed is what the first walk learned of the document itself.
type surveyed struct {
	document
	late  map[int]block
	paths []string
}

func (c *collector) newSurvey() *resource.Survey { return resource.NewSurvey(c.catalog, c.env.Secret) }

// errOfFile marks an error of the second walk that the file is to blame for, and not the sink or the context.
var errOfFile = errors.New("file")

// emit walks the state again and hands its assets over.
func (c *collector) emit(
	ctx context.Context, f *stateFile, sv *resource.Survey, doc surveyed, out collectors.Sink,
) error {
	r, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	refused := false
	place := resource.Place{File: f.scope.ID, Lineage: doc.lineage, Layer: inventory.LayerState}
	e := sv.Emitter(place, watched{Sink: out, refused: &refused}, f.line)
	w := newWalker(r, doc.late)
	w.paths = doc.paths
	err = w.walk(ctx, emission{e})
	if err == nil || refused || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errOfFile, f.damage(err))
}

// emission is the second walk: it hands the assets over.
type emission struct{ *resource.Emitter }

func (e emission) Instance(in *resource.Instance) error { return e.Emit(in) }

func (emission) Secret([]byte) error { return nil }

// watched notes that the sink refused an asset, which is no damage of the file.
type watched struct {
	collectors.Sink
	refused *bool
}

// Asset hands an asset over.
func (w watched) Asset(a inventory.Asset) error {
	err := w.Sink.Asset(a)
	*w.refused = err != nil
	return err
}

func (c *collector) checkAge(s inventory.Scope, written time.Time) error {
	age := c.env.Now().Sub(written)
	if c.options.MaxAge == 0 || written.IsZero() || age <= c.options.MaxAge {
		return nil
	}
	return &collectors.Error{
		Reason: inventory.ReasonStale,
		Err: fmt.Errorf("%q was written %s ago, max_age is %s: check whether the job that fetches it ran",
			s.ID, age.Round(time.Minute), c.options.MaxAge),
	}
}
