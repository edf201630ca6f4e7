package retag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// MaxBatch is how many ARNs the Resource Groups Tagging API takes at once
// (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html).
const MaxBatch = 20

// Change is what is to be set on one asset.
type Change struct {
	Asset *inventory.Entry
	// Declared is where code, a state or a template says what tags the asset has; nil if nothing does.
	Declared *inventory.Entry
	Set      []inventory.Tag // by the keys that the asset bears, where it bears them
	// Unread says that the asset's tags could not be read: nobody knows what is replaced.
	Unread bool
	// Keeper says which tool keeps the asset, by a mark that it bears: what is set behind its back would not last. Empty if none does.
	Keeper string
	// Profile is that of the AWS CLI by which the asset's account can be reached; empty if nobody knows.
	Profile string
}

// Step is one thing to do.
type Step struct {
	// Kind says what the step is.
	Kind StepKind
	// Where is what the step is about: an account and region, a file and line, a state.
	Where string
	// Command is the words of a command, for Run alone.
	Command []string
	Assets  int // that it is about
	Set     []inventory.Tag
	Unread  int // of the assets, those whose tags could not be read
	// File, Address and Attribute say where a patch belongs; empty unless the code is one file of Terraform's.
	File, Address, Attribute string
	// Why says why there is no patch, or no command.
	Why string
}

// StepKind is the kind of a step, in the order in which they are shown.
type StepKind uint8

// The kinds of step. A declared asset is never tagged by a command: its code would take the tag back.
const (
	Run      StepKind = iota // a command of the provider
	EditCode                 // an edit of code, at a place that is known
	FindCode                 // of code that nobody read: its state or template is known
	Register                 // a column of a register
	ByHand                   // no command is known
)

// Steps says how changes are made, commands first. Assets of one account and region that get the same tags share a command where the
// provider has one for several. The result does not depend on the order of the changes.
func Steps(changes []Change, known *catalog.Catalog) []Step {
	sorted := slices.Clone(changes)
	for i := range sorted {
		sorted[i].Set = slices.SortedFunc(slices.Values(sorted[i].Set), func(a, b inventory.Tag) int { return strings.Compare(a.Key, b.Key) })
	}
	slices.SortStableFunc(sorted, compare)
	var steps []Step
	var batch []Change
	flush := func() {
		for chunk := range slices.Chunk(batch, MaxBatch) {
			steps = append(steps, batched(chunk))
		}
		batch = batch[:0]
	}
	for _, c := range sorted {
		if !batches(&c) {
			steps = append(steps, single(&c, known))
			continue
		}
		if len(batch) > 0 && !together(&batch[0], &c) {
			flush()
		}
		batch = append(batch, c)
	}
	flush()
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.Kind, b.Kind) })
	return steps
}

func compare(a, b Change) int {
	return cmp.Or(
		strings.Compare(a.Asset.Account, b.Asset.Account), strings.Compare(Region(a.Asset), Region(b.Asset)), strings.Compare(a.Profile, b.Profile),
		slices.CompareFunc(a.Set, b.Set, compareTags), strings.Compare(a.Asset.Key, b.Asset.Key),
	)
}

func compareTags(a, b inventory.Tag) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Value, b.Value))
}

// together reports whether two assets can be tagged by one command.
func together(a, b *Change) bool {
	return a.Asset.Account == b.Asset.Account && Region(a.Asset) == Region(b.Asset) && a.Profile == b.Profile && slices.Equal(a.Set, b.Set)
}

// batches reports whether the asset is tagged by a command for several.
func batches(c *Change) bool {
	if c.Declared != nil || c.Keeper != "" || c.Asset.Book != inventory.Observed {
		return false
	}
	words := Command(c.Asset, c.Set, nil)
	return len(words) > 2 && words[2] == "tag-resources"
}

func batched(chunk []Change) Step {
	arns := make([]string, len(chunk))
	unread := 0
	for i := range chunk {
		if arns[i] = chunk[i].Asset.Key; chunk[i].Unread {
			unread++
		}
	}
	first := &chunk[0]
	region := Region(first.Asset)
	return Step{
		Kind: Run, Where: awsPlace(first.Asset.Account, region), Assets: len(chunk), Set: first.Set, Unread: unread,
		Command: awsBatch(arns, region, first.Profile, first.Set),
	}
}

func awsPlace(account, region string) string {
	return fmt.Sprintf("AWS account %s, region %s", cmp.Or(account, "(unknown)"), cmp.Or(region, "(that of your profile)"))
}

func single(c *Change, known *catalog.Catalog) Step {
	s := Step{Assets: 1, Set: c.Set, Where: c.Asset.Key}
	if c.Unread {
		s.Unread = 1
	}
	switch {
	case c.Declared != nil:
		s.inCode(c.Declared, known)
		return s
	case c.Asset.Book == inventory.Recorded:
		s.Kind, s.Where = Register, Place(c.Asset)
		return s
	case c.Keeper != "":
		s.Kind, s.Why = FindCode, c.Keeper
		return s
	}
	if s.Command = Command(c.Asset, c.Set, nil); s.Command == nil {
		s.Kind, s.Why = ByHand, "no command is known for "+string(c.Asset.Type)
		return s
	}
	s.Where = "account " + cmp.Or(c.Asset.Account, "(unknown)")
	switch s.Command[0] {
	case "aws":
		if s.Where = awsPlace(c.Asset.Account, Region(c.Asset)); c.Profile != "" {
			s.Command = append(s.Command, "--profile", c.Profile)
		}
	case "gcloud":
		s.Where = "Google project " + cmp.Or(c.Asset.Account, "(that of your configuration)")
	}
	return s
}

// inCode says where the code of a declaration is.
func (s *Step) inCode(d *inventory.Entry, known *catalog.Catalog) {
	o := d.Origin
	s.Where = Place(d)
	if has(d, s.Set) {
		s.Kind, s.Why = FindCode, "it says so already: apply it"
		return
	}
	if o.Layer != inventory.LayerCode || o.File == "" || o.Line == 0 {
		s.Kind, s.Why = FindCode, "its code was not read: set it there, and apply"
		return
	}
	s.Kind = EditCode
	s.Attribute = tagAttribute(o.Address, known)
	switch {
	case !strings.HasSuffix(o.File, ".tf") && !strings.HasSuffix(o.File, ".tofu"):
		s.Why = "it is no file of HCL"
	case o.Module != "":
		s.Why = "it is the code of a module, which may be used elsewhere"
	case s.Attribute == "":
		s.Why = "its tags are not one map"
	default:
		s.File, s.Address = o.File, o.Address
	}
}

// has reports whether a declaration sets tags already.
func has(d *inventory.Entry, set []inventory.Tag) bool {
	tags := d.CurrentTags()
	return !slices.ContainsFunc(set, func(t inventory.Tag) bool {
		there, ok := tags.Get(t.Key)
		return !ok || there.ValueUnknown || there.Value != t.Value
	})
}

// tagAttribute is what holds the tags of a Terraform resource in its code; empty if it is not one map.
func tagAttribute(address string, known *catalog.Catalog) string {
	kind, _, _ := strings.Cut(address, ".")
	row, _ := known.Terraform(kind)
	for _, name := range row.Tags {
		switch name {
		case "tags", "tags_all":
			return "tags"
		case "labels", "terraform_labels", "effective_labels":
			return "labels"
		case "user_labels", "resource_labels":
			return name
		}
	}
	return ""
}

// Declaration returns where code says what tags an asset has; nil if no code does. A list of the hosts to be configured says nothing of
// the tags of a cloud's instance.
func Declaration(e *rules.Entity, asset *inventory.Entry) *inventory.Entry {
	const machine = "datacenter"
	for _, d := range e.Declared {
		if catalog.Provider(d.Type) != machine || catalog.Provider(asset.Type) == machine {
			return d
		}
	}
	return nil
}

// Place is where a person finds a declaration or a row: "main.tf:12 (aws_instance.web)".
func Place(e *inventory.Entry) string {
	o := e.Origin
	if o.File == "" {
		return e.Key
	}
	text := o.File
	if o.Line > 0 {
		text = fmt.Sprintf("%s:%d", text, o.Line)
	}
	if o.Address != "" {
		text += " (" + o.Address + ")"
	}
	return text
}
