package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func cloudfrontListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::CloudFront::Distribution",
		Place:      lister.Global,
		ARNs:       []string{"cloudfront:distribution/*"},
		Operations: lister.API(cloudfront.ServiceID, "cloudfront").Ops("ListDistributions", "ListTagsForResource"),
		List:       listDistributions,
		ReadTags:   distributionTags,
	}}
}

func listDistributions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudfront.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListDistributions(ctx, &cloudfront.ListDistributionsInput{Marker: token, MaxItems: aws.Int32(100)})
		if err != nil || page.DistributionList == nil {
			return nil, err
		}
		return page.DistributionList.NextMarker, lister.Put(out, page.DistributionList.Items, distribution)
	})
}

func distribution(d *types.DistributionSummary) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(d.ARN), Name: lister.Str(d.Id),
		Identifiers: []inventory.Identifier{lister.ID(inventory.ResourceID, d.Id), lister.ID(inventory.FQDN, d.DomainName)},
	}
	var p lister.Attributes
	p.Bool("DistributionConfig.Enabled", d.Enabled)
	p.Text("DistributionConfig.Comment", lister.Str(d.Comment))
	p.Text("DistributionConfig.PriceClass", string(d.PriceClass))
	p.Text("DistributionConfig.WebACLId", lister.Str(d.WebACLId))
	p.Text("DistributionConfig.HttpVersion", string(d.HttpVersion))
	p.Bool("DistributionConfig.IPV6Enabled", d.IsIPV6Enabled)
	p.Bool("DistributionConfig.Staging", d.Staging)
	var aliases []string
	if d.Aliases != nil {
		aliases = d.Aliases.Items
	}
	p.Strings("DistributionConfig.Aliases", aliases)
	if b := d.DefaultCacheBehavior; b != nil {
		p.Text("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", string(b.ViewerProtocolPolicy))
		p.String("DistributionConfig.DefaultCacheBehavior.TargetOriginId", b.TargetOriginId)
	}
	if v := d.ViewerCertificate; v != nil {
		p.String("DistributionConfig.ViewerCertificate.AcmCertificateArn", v.ACMCertificateArn)
		p.String("DistributionConfig.ViewerCertificate.IamCertificateId", v.IAMCertificateId)
		p.Bool("DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate", v.CloudFrontDefaultCertificate)
		p.Text("DistributionConfig.ViewerCertificate.MinimumProtocolVersion", string(v.MinimumProtocolVersion))
	}
	if d.Restrictions != nil && d.Restrictions.GeoRestriction != nil {
		p.Text("DistributionConfig.Restrictions.GeoRestriction.RestrictionType", string(d.Restrictions.GeoRestriction.RestrictionType))
	}
	p.Object("DistributionConfig.Origins", origins(d.Origins))
	a.Attributes = p.Known()
	return a
}

// origins are where a distribution takes its content from, without the headers that it sends there, which often are passwords.
func origins(list *types.Origins) []any {
	out := []any{}
	if list == nil {
		return out
	}
	for _, o := range list.Items {
		origin := map[string]any{"Id": text(o.Id), "DomainName": text(o.DomainName), "OriginAccessControlId": word(lister.Str(o.OriginAccessControlId))}
		if o.CustomOriginConfig != nil {
			origin["CustomOriginConfig"] = known(map[string]any{"OriginProtocolPolicy": word(o.CustomOriginConfig.OriginProtocolPolicy)})
		}
		out = append(out, known(origin))
	}
	return out
}

func distributionTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	answer, err := cloudfront.NewFromConfig(t.Config).ListTagsForResource(ctx, &cloudfront.ListTagsForResourceInput{Resource: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	if answer.Tags == nil {
		return inventory.KnownTags(), nil
	}
	return lister.TagsOf(answer.Tags.Items, func(g types.Tag) (*string, *string) { return g.Key, g.Value }), nil
}
