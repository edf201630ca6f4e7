package sweep

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	explorer "github.com/aws/aws-sdk-go-v2/service/resourceexplorer2"
	"github.com/aws/aws-sdk-go-v2/service/resourceexplorer2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// pageSize is the most that Resource Explorer returns at a time and still tells that there is more: at 1000 it gives no token.
// Source: https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html
const pageSize = 999

// view is through what Resource Explorer lets itself be asked. The zero value is none.
type view struct {
	client *explorer.Client
	arn    string
	whole  bool // it shows more regions than the one that is read
}

// explored lists what Resource Explorer has in its index.
func (s *sweep) explored(ctx context.Context) error {
	v, err := s.view(ctx)
	if err != nil || v.arn == "" {
		return err
	}
	for _, filter := range s.filters(v) {
		if err := s.shown(ctx, v, filter); err != nil {
			return err
		}
	}
	return nil
}

// view finds the view to ask. A region without an index is common and no error. It costs the one call about the index; listing without
// having asked would not do, since a first search may make Resource Explorer create an index, and muster only reads.
//
// The index of a region often has no default view, as the quick setup makes one only where all regions are brought
// together; that one is asked then. An index that no default view shows has nothing to tell.
func (s *sweep) view(ctx context.Context) (view, error) {
	c := s.client(s.target.Region)
	index, err := c.GetIndex(ctx, &explorer.GetIndexInput{})
	if isAbsent(err) {
		return view{}, nil
	}
	if err != nil {
		return view{}, err
	}
	if index.State != types.IndexStateActive && index.State != types.IndexStateUpdating {
		return view{}, nil
	}
	arn, err := defaultView(ctx, c)
	if err != nil || arn != "" {
		return view{c, arn, index.Type == types.IndexTypeAggregator}, err
	}
	for _, region := range index.ReplicatingTo { // one at most
		c := s.client(region)
		if arn, err := defaultView(ctx, c); err != nil || arn != "" {
			return view{c, arn, true}, err
		}
	}
	return view{}, nil
}

func (s *sweep) client(region string) *explorer.Client {
	cfg := s.target.Config.Copy()
	cfg.Region = region
	return explorer.NewFromConfig(cfg)
}

// isAbsent reports whether an error about the index says that there is none, or that the region has no Resource Explorer at all.
// That the network works, the tagging API of the same region has shown by then, or else told why not.
func isAbsent(err error) bool {
	var dns *net.DNSError
	return lister.Gone(err, "ResourceNotFoundException") || errors.As(err, &dns) && dns.IsNotFound
}

// defaultView returns the ARN of a region's default view, empty if there is none.
func defaultView(ctx context.Context, c *explorer.Client) (string, error) {
	v, err := c.GetDefaultView(ctx, &explorer.GetDefaultViewInput{})
	if lister.Gone(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(v.ViewArn), nil
}

// filters are those to list with, one after the other. What belongs to no region, Resource Explorer says to be in "global".
func (s *sweep) filters(v view) []*types.SearchFilter {
	if !v.whole {
		return []*types.SearchFilter{nil}
	}
	list := []*types.SearchFilter{{FilterString: aws.String("region:" + s.target.Region)}}
	if isHome(s.target.Partition, s.target.Region) {
		list = append(list, &types.SearchFilter{FilterString: aws.String("region:global")})
	}
	return list
}

// shown lists what a view shows of this account; a view may show a whole organisation.
func (s *sweep) shown(ctx context.Context, v view, filter *types.SearchFilter) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := v.client.ListResources(ctx, &explorer.ListResourcesInput{
			ViewArn: aws.String(v.arn), Filters: filter, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Resources {
			r := &page.Resources[i]
			if owner := aws.ToString(r.OwningAccountId); owner != "" && owner != s.target.Account {
				continue
			}
			if err := s.add(aws.ToString(r.Arn), tagsOf(r), callExplorer); err != nil {
				return nil, err
			}
		}
		return page.NextToken, nil
	})
}

// tagsOf returns the tags of a resource, if the view includes them: without them it may be tagged or not.
func tagsOf(r *types.Resource) inventory.Tags {
	for _, p := range r.Properties {
		if !strings.EqualFold(aws.ToString(p.Name), "tags") || p.Data == nil {
			continue
		}
		var list []map[string]string
		if err := p.Data.UnmarshalSmithyDocument(&list); err != nil || list == nil {
			return inventory.UnknownTags()
		}
		return tagsOfPairs(list)
	}
	return inventory.UnknownTags()
}

// tagsOfPairs reads pairs of Key and Value. A list that is not made of them says nothing.
func tagsOfPairs(list []map[string]string) inventory.Tags {
	tags := make([]inventory.Tag, 0, len(list))
	for _, pair := range list {
		key, ok := pair["Key"]
		if !ok {
			return inventory.UnknownTags()
		}
		value, ok := pair["Value"]
		tags = append(tags, inventory.Tag{Key: key, Value: value, ValueUnknown: !ok})
	}
	return inventory.KnownTags(tags...)
}
