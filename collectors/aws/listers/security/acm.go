package security

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func acmListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::CertificateManager::Certificate",
		ARNs:       []string{"acm:certificate/*"},
		Operations: lister.API(acm.ServiceID, "acm").Ops("ListCertificates", "ListTagsForCertificate"),
		List:       listCertificates,
		ReadTags:   certificateTags,
	}}
}

// listCertificates names every type of key: without that, the service leaves out all but RSA of 2048 bits.
func listCertificates(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := acm.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListCertificates(ctx, &acm.ListCertificatesInput{
			NextToken: token, MaxItems: aws.Int32(1000), Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()},
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.CertificateSummaryList, certificate)
	})
}

func certificate(v *types.CertificateSummary) inventory.Asset {
	var p lister.Attributes
	p.String("DomainName", v.DomainName)
	if names := v.SubjectAlternativeNameSummaries; len(names) == 0 || aws.ToBool(v.HasAdditionalSubjectAlternativeNames) {
		p.Unread("SubjectAlternativeNames") // the domain is one of them, and the list call has the first hundred only
	} else {
		p.Strings("SubjectAlternativeNames", names)
	}
	// Answers write RSA-2048 for what requests call RSA_2048.
	p.Text("KeyAlgorithm", strings.ReplaceAll(string(v.KeyAlgorithm), "-", "_"))
	p.Text("CertificateExport", string(v.ExportOption))
	p.Text("Type", string(v.Type))
	p.Text("Status", string(v.Status))
	p.Text("NotAfter", stamp(v.NotAfter))
	p.Bool("InUse", v.InUse)
	p.Text("RenewalEligibility", string(v.RenewalEligibility))
	p.Text("ManagedBy", string(v.ManagedBy))
	created := v.CreatedAt
	if created == nil {
		created = v.ImportedAt
	}
	return inventory.Asset{
		Key: lister.Str(v.CertificateArn), Name: lister.Str(v.DomainName), Created: lister.Time(created), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.CertificateArn),
	}
}

func certificateTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	got, err := acm.NewFromConfig(t.Config).ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(got.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}
