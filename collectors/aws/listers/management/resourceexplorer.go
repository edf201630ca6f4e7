package management

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourceexplorer2"
	"github.com/aws/aws-sdk-go-v2/service/resourceexplorer2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func resourceExplorerListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::ResourceExplorer2::Index",
		ARNs:       []string{"resource-explorer-2:index/*"},
		Operations: lister.API(resourceexplorer2.ServiceID, "resource-explorer-2").Ops("ListIndexes", "GetIndex"),
		List:       listIndexes,
	}}
}

// listIndexes looks for the region's index, of which there is at most one; unasked, the service lists those of all regions. Only the call
// about the region's own index tells its tags and state.
func listIndexes(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := resourceexplorer2.NewFromConfig(t.Config)
	d := lister.Description[types.Index, *resourceexplorer2.GetIndexOutput]{
		Ask: func(ctx context.Context, _ types.Index) (*resourceexplorer2.GetIndexOutput, error) {
			return c.GetIndex(ctx, &resourceexplorer2.GetIndexInput{})
		},
		Asset: index,
		Gone:  []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListIndexes(ctx, &resourceexplorer2.ListIndexesInput{
			NextToken: token, MaxResults: aws.Int32(100), Regions: []string{t.Region},
		})
		if err != nil {
			return nil, err
		}
		here := slices.DeleteFunc(page.Indexes, func(i types.Index) bool { return lister.Str(i.Region) != t.Region })
		return page.NextToken, d.Put(ctx, out, here)
	})
}

// index makes the asset of an index; details are nil if they could not be read.
func index(i types.Index, details *resourceexplorer2.GetIndexOutput) inventory.Asset {
	a := inventory.Asset{Key: lister.Str(i.Arn), Name: lister.Str(i.Region)}
	var p lister.Attributes
	p.Text("Type", string(i.Type))
	switch {
	case details == nil:
		p.Unread("IndexState")
	case details.State == types.IndexStateDeleted:
		return inventory.Asset{}
	default:
		p.Text("IndexState", string(details.State))
		a.Created, a.Tags = lister.Time(details.CreatedAt), inventory.TagsFromMap(details.Tags)
	}
	a.Attributes = p.Known()
	return a
}
