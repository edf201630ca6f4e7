package security

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func secretsManagerListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::SecretsManager::Secret",
		ARNs:       []string{"secretsmanager:secret:*"},
		Operations: lister.API(secretsmanager.ServiceID, "secretsmanager").Ops("ListSecrets"),
		List:       listSecrets,
	}}
}

// listSecrets lists what is known about secrets, which are never read. Those that await their deletion are left out by the service.
func listSecrets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := secretsmanager.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.SecretList, secret)
	})
}

func secret(s *types.SecretListEntry) inventory.Asset {
	if s.DeletedDate != nil {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("Name", s.Name)
	p.String("Description", s.Description)
	p.String("KmsKeyId", s.KmsKeyId)
	p.String("Type", s.Type)
	p.String("OwningService", s.OwningService)
	p.Bool("RotationEnabled", s.RotationEnabled)
	p.String("RotationLambdaARN", s.RotationLambdaARN)
	rotation(&p, s.RotationRules)
	p.String("PrimaryRegion", s.PrimaryRegion)
	return inventory.Asset{
		Key: lister.Str(s.ARN), Name: lister.Str(s.Name), Created: lister.Time(s.CreatedDate), Attributes: p.Known(),
		Tags:        lister.TagsOf(s.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }),
		Identifiers: lister.ResourceID(s.ARN),
	}
}

// rotation sets how often a secret is replaced, which is not set if it is not.
func rotation(p *lister.Attributes, r *types.RotationRulesType) {
	if r == nil {
		r = &types.RotationRulesType{}
	}
	p.Long("RotationAfterDays", r.AutomaticallyAfterDays)
	p.String("RotationSchedule", r.ScheduleExpression)
}
