package aws

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// joinBatch is how many names one call of the tagging API takes.
const joinBatch = 100

// young is how long the tagging API may not know of a new asset's tags.
const young = 15 * time.Minute

// joinOperations are those of the tagging API.
func joinOperations() []lister.Operation {
	return lister.API(resourcegroupstaggingapi.ServiceID, "tag").Ops("GetResources")
}

// tagger holds assets back until their tags are read, as many at a time as one call takes, and passes them on in their order.
//
// The tagging API is asked first, since it answers for a hundred assets at once. It returns what bears tags or once bore some, so that
// an asset that it does not return has none, for a type that it is known to serve whole. For any other type, and where the answer is
// not whole, the asset's own call decides. A call that is refused leaves the tags unknown.
type tagger struct {
	out      *out
	coverage catalog.TaggingAPI
	region   func(name string) aws.Config
	next     func(inventory.Asset) error
	held     []inventory.Asset
	refused  map[string]bool // regions whose tagging API is not asked again
}

// add takes an asset.
func (t *tagger) add(a inventory.Asset) error {
	t.held = append(t.held, a)
	if len(t.held) < t.size() {
		return nil
	}
	return t.flush()
}

func (t *tagger) size() int {
	if t.out.lister.BatchTags != nil {
		return t.out.lister.Batch
	}
	return joinBatch
}

// flush reads the tags of what is held and passes it on. What was read is passed on even if reading more is no use.
func (t *tagger) flush() error {
	if len(t.held) == 0 {
		return nil
	}
	stop := t.read()
	for _, a := range t.held {
		if err := t.next(a); err != nil {
			return err
		}
	}
	t.held = t.held[:0]
	return stop
}

func (t *tagger) read() error {
	var assets []*inventory.Asset
	for i := range t.held {
		if t.held[i].Tags.State() == inventory.Unknown { // a lister may know the tags of some
			assets = append(assets, &t.held[i])
		}
	}
	if len(assets) == 0 {
		return nil
	}
	if t.out.lister.BatchTags != nil {
		return t.batch(assets)
	}
	rest := assets
	if t.coverage != catalog.TaggingNone {
		var err error
		if rest, err = t.join(assets); err != nil {
			return err
		}
	}
	return t.each(rest)
}

// batch reads tags with the service's own batch call.
func (t *tagger) batch(assets []*inventory.Asset) error {
	tags, err := t.out.lister.BatchTags(t.out.ctx, t.out.target, assets)
	if err != nil {
		return t.unbatched(assets, err)
	}
	for _, a := range assets {
		known, ok := tags[a.Key]
		if !ok {
			if err := t.out.count(a.Key, errNoTags); err != nil {
				return err
			}
			continue
		}
		a.Tags = known
	}
	return nil
}

var errNoTags = errors.New("the service's answer does not hold its tags")

// unbatched asks for every asset alone, since one that was just deleted makes the whole batch fail. A service that breaks down again and
// again is not asked so often.
func (t *tagger) unbatched(assets []*inventory.Asset, err error) error {
	var again *retry.MaxAttemptsError
	if len(assets) == 1 || session.ReasonOf(err) != inventory.ReasonError || errors.As(err, &again) {
		return t.out.count(assets[0].Key, err)
	}
	for i := range assets {
		if err := t.batch(assets[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

// join reads tags with the tagging API of every region in question, and returns the assets of which it does not know enough.
func (t *tagger) join(assets []*inventory.Asset) (rest []*inventory.Asset, err error) {
	byRegion := map[string][]*inventory.Asset{}
	var regions []string
	for _, a := range assets {
		if byRegion[a.Region] == nil {
			regions = append(regions, a.Region)
		}
		byRegion[a.Region] = append(byRegion[a.Region], a)
	}
	for _, r := range regions {
		more, err := t.joinRegion(r, byRegion[r])
		if err != nil {
			return nil, err
		}
		rest = append(rest, more...)
	}
	return rest, nil
}

func (t *tagger) joinRegion(region string, assets []*inventory.Asset) ([]*inventory.Asset, error) {
	if t.refused[region] {
		return assets, nil
	}
	arns := make([]string, len(assets))
	for i, a := range assets {
		arns[i] = a.Key
	}
	client := resourcegroupstaggingapi.NewFromConfig(t.region(region))
	answer, err := client.GetResources(t.out.ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourceARNList: arns})
	if err != nil {
		return t.unjoined(region, assets, err)
	}
	found := make(map[string][]types.Tag, len(answer.ResourceTagMappingList))
	for _, m := range answer.ResourceTagMappingList {
		found[aws.ToString(m.ResourceARN)] = m.Tags
	}
	whole := aws.ToString(answer.PaginationToken) == ""
	return slices.DeleteFunc(assets, func(a *inventory.Asset) bool { return t.settle(a, found, whole) }), nil
}

// unjoined decides what follows a failed call: where it may not be made, or one of the names is none that the tagging API takes, every asset
// is asked itself; else their tags stay unknown.
func (t *tagger) unjoined(region string, assets []*inventory.Asset, err error) ([]*inventory.Asset, error) {
	switch session.ReasonOf(err) {
	case inventory.ReasonDenied, inventory.ReasonNotEnabled:
		if t.refused == nil {
			t.refused = map[string]bool{}
		}
		t.refused[region] = true
		return assets, t.out.ctx.Err()
	}
	if lister.Gone(err, "InvalidParameterException") {
		return assets, t.out.ctx.Err()
	}
	return nil, t.out.count("", err)
}

// settle sets the tags of an asset if the answer decides on them. That it holds nothing about an asset whose region is not known, as of a
// bucket whose location was refused, only says that another region was asked.
func (t *tagger) settle(a *inventory.Asset, found map[string][]types.Tag, whole bool) bool {
	if list, ok := found[a.Key]; ok {
		a.Tags = lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return true
	}
	now := t.out.target.Now()
	if !whole || a.Region == "" || t.coverage != catalog.TaggingComplete || !a.Created.IsZero() && now.Sub(a.Created) < young {
		return false
	}
	a.Tags = inventory.KnownTags()
	return true
}

// each asks every asset itself.
func (t *tagger) each(assets []*inventory.Asset) error {
	l := t.out.lister
	results := lister.Each(t.out.ctx, assets, func(ctx context.Context, a *inventory.Asset) (inventory.Tags, error) {
		return l.ReadTags(ctx, t.out.target, a)
	})
	for i, r := range results {
		if r.Err == nil {
			assets[i].Tags = r.Value
			continue
		}
		if err := t.out.count(assets[i].Key, r.Err); err != nil {
			return err
		}
	}
	return nil
}
