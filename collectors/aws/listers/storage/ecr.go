package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func ecrListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::ECR::Repository",
		ARNs:       []string{"ecr:repository/*"},
		Operations: lister.API(ecr.ServiceID, "ecr").Ops("DescribeRepositories", "ListTagsForResource"),
		List:       listRepositories, ReadTags: repositoryTags,
	}}
}

func repositoryTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := ecr.NewFromConfig(t.Config).ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listRepositories(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ecr.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Repositories, repository)
	})
}

func repository(v *types.Repository) inventory.Asset {
	a := known(v.RepositoryArn, v.RepositoryName)
	a.Created = lister.Time(v.CreatedAt)
	var p lister.Attributes
	p.String("RepositoryName", v.RepositoryName)
	p.Text("ImageTagMutability", string(v.ImageTagMutability))
	if s := v.ImageScanningConfiguration; s != nil {
		p.Bool("ImageScanningConfiguration.ScanOnPush", aws.Bool(s.ScanOnPush))
	}
	if e := v.EncryptionConfiguration; e != nil {
		p.Text("EncryptionConfiguration.EncryptionType", string(e.EncryptionType))
		p.String("EncryptionConfiguration.KmsKey", e.KmsKey)
	}
	a.Attributes = p.Known()
	return a
}
