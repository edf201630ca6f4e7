package developer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// The call that describes a pipeline is not made: actions may hold tokens of source repositories.
func codepipelineListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::CodePipeline::Pipeline",
		ARNs:       []string{"codepipeline:*", "!codepipeline:*:*"},
		Operations: lister.API(codepipeline.ServiceID, "codepipeline").Ops("ListPipelines", "ListTagsForResource"),
		List:       listPipelines,
		ReadTags:   pipelineTags,
	}}
}

func listPipelines(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := codepipeline.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListPipelines(ctx, &codepipeline.ListPipelinesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Pipelines, func(m *types.PipelineSummary) inventory.Asset { return pipeline(t, m) })
	})
}

func pipeline(t *lister.Target, m *types.PipelineSummary) inventory.Asset {
	var p lister.Attributes
	p.String("Name", m.Name)
	p.Text("PipelineType", string(m.PipelineType))
	p.Text("ExecutionMode", string(m.ExecutionMode))
	return inventory.Asset{
		Key: t.ARN("codepipeline", lister.Str(m.Name)), Name: lister.Str(m.Name), Created: lister.Time(m.Created), Attributes: p.Known(),
		Identifiers: lister.ResourceID(m.Name),
	}
}

func pipelineTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := codepipeline.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForResource(ctx, &codepipeline.ListTagsForResourceInput{ResourceArn: aws.String(a.Key), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}
