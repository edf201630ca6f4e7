// Package sweep sees to it that no service is invisible: what has a type that no native lister reads is added by its name and tags.
//
// Two services tell of it. The tagging API returns what bears tags or once bore some, of nearly every service. Resource Explorer
// returns untagged things too, but only where somebody turned it on. Neither says whether a thing is still there: both go on
// returning what was deleted, for a while. Nobody else is asked, and that is what Shallow of an asset says. So a sweep proves
// presence, and even that not for sure, and never absence.
//
// Which types are native is decided statically, so that one ARN is in one scope.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourceexplorer2"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Type stands for all types in the scope of a sweep. No asset has it.
const Type inventory.Type = "AWS::*"

// The permissions under which an asset was listed, as its origin names them.
const (
	callTagging  = "tag:GetResources"
	callExplorer = "resource-explorer-2:Search"
)

// Lister returns the sweep of a region as a lister of type "AWS::*". natives are all native listers, those that the source does not
// want too: what their patterns match is left to them. So is what is of one of their types and no pattern matches, for a service may have
// ARNs of an old form or of parts that nobody thought of, and one thing in two scopes would be two assets.
//
// The assets' types are not those that the lister names. Building the search for them waits for the first sweep.
func Lister(native []lister.Lister, known *catalog.Catalog) lister.Lister {
	find := sync.OnceValue(func() *finder { return newFinder(native, known) })
	explorer := lister.API(resourceexplorer2.ServiceID, "resource-explorer-2")
	return lister.Lister{
		Type: Type,
		Operations: slices.Concat(
			lister.API(tagging.ServiceID, "tag").Ops("GetResources"),
			explorer.Ops("GetIndex", "GetDefaultView"),
			[]lister.Operation{explorer.As("ListResources", callExplorer)},
		),
		List: func(ctx context.Context, t *lister.Target, out lister.Out) error {
			s := &sweep{finder: find(), target: t, out: out, seen: map[string]bool{}}
			return s.run(ctx)
		},
	}
}

// finder tells what is to be swept, and as which type. It is safe for concurrent use.
type finder struct {
	natives natives
	naming  *naming
	known   *catalog.Catalog
}

func newFinder(native []lister.Lister, known *catalog.Catalog) *finder {
	var names []inventory.Type
	for _, n := range known.TypeNames("AWS::") {
		names = append(names, inventory.Type(n))
	}
	for i := range native { // among them are types that CloudFormation does not have
		names = append(names, native[i].Types()...)
	}
	return &finder{nativesOf(native), namingOf(names), known}
}

// typeOf returns the type of what an ARN names, and false if that is left to a native lister.
func (f *finder) typeOf(a arn) (inventory.Type, bool) {
	if f.natives.bear(a) {
		return "", false
	}
	typ := f.naming.of(a)
	return typ, !f.natives.types[typ]
}

// sweep reads one account and region.
type sweep struct {
	*finder
	target *lister.Target
	out    lister.Out
	seen   map[string]bool // ARNs handed over
	halt   error           // what the receiver returned: nothing more is to be read
}

// run asks both services. What one of them refuses does not keep the other from being read.
func (s *sweep) run(ctx context.Context) error {
	if err := s.tell("list what the tagging API knows", s.tagged(ctx)); err != nil {
		return err
	}
	return s.tell("list what Resource Explorer knows", s.explored(ctx))
}

// tell passes on why a service was not read whole.
func (s *sweep) tell(what string, err error) error {
	if s.halt != nil {
		return s.halt
	}
	if err == nil {
		return nil
	}
	return s.out.Unread("", fmt.Errorf("%s: %w", what, err))
}

// tagged lists what bears tags or once bore some.
func (s *sweep) tagged(ctx context.Context) error {
	c := tagging.NewFromConfig(s.target.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetResources(ctx, &tagging.GetResourcesInput{PaginationToken: token, ResourcesPerPage: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		for _, m := range page.ResourceTagMappingList {
			tags := lister.TagsOf(m.Tags, func(t taggingtypes.Tag) (*string, *string) { return t.Key, t.Value })
			if err := s.add(aws.ToString(m.ResourceARN), tags, callTagging); err != nil {
				return nil, err
			}
		}
		return page.PaginationToken, nil
	})
}

// add hands over what an ARN names, if it is the sweep's and new.
func (s *sweep) add(text string, tags inventory.Tags, call string) error {
	a, ok := parseARN(text)
	if !ok {
		s.halt = s.out.Unread(text, errors.New("the service gave a name that is no ARN"))
		return s.halt
	}
	if s.seen[text] || !s.here(a) {
		return nil
	}
	typ, ok := s.typeOf(a)
	if !ok {
		return nil
	}
	s.seen[text] = true
	s.halt = s.out.Asset(inventory.Asset{
		Key: text, Type: typ, Name: a.name(), Region: a.Region, Shallow: true,
		Tags: s.judge(typ, tags), Origin: inventory.Origin{Call: call},
		Identifiers: []inventory.Identifier{{Kind: inventory.ARN, Value: text}},
	})
	return s.halt
}

// here reports whether what an ARN names is of the scope that is read.
func (s *sweep) here(a arn) bool {
	if a.Region == "" {
		return s.target.Region == home(s.target.Partition, a.Service)
	}
	return s.target.Region == a.Region
}

// judge says of tags that nobody told whether the type can have any.
func (s *sweep) judge(typ inventory.Type, tags inventory.Tags) inventory.Tags {
	if tags.State() != inventory.Unknown {
		return tags
	}
	if row, ok := s.known.Type(typ); ok && row.Taggable == inventory.NotApplicable {
		return inventory.NotTaggable()
	}
	return tags
}
