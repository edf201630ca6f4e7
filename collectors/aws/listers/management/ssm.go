package management

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func ssmListers() []lister.Lister {
	api := lister.API(ssm.ServiceID, "ssm")
	return []lister.Lister{{
		Type:       "AWS::SSM::Parameter",
		ARNs:       []string{"ssm:parameter/*"},
		Operations: api.Ops("DescribeParameters", "ListTagsForResource"),
		List:       listParameters,
		ReadTags:   ssmTags(types.ResourceTypeForTaggingParameter),
	}, {
		Type:       "AWS::SSM::Document",
		ARNs:       []string{"ssm:document/*"},
		Operations: api.Ops("ListDocuments"),
		List:       listDocuments,
	}, {
		Type:       "AWS::SSM::MaintenanceWindow",
		ARNs:       []string{"ssm:maintenancewindow/*"},
		Operations: api.Ops("DescribeMaintenanceWindows", "ListTagsForResource"),
		List:       listWindows,
		ReadTags:   ssmTags(types.ResourceTypeForTaggingMaintenanceWindow),
	}, {
		Type:       "AWS::SSM::PatchBaseline",
		ARNs:       []string{"ssm:patchbaseline/*"},
		Operations: api.Ops("DescribePatchBaselines", "ListTagsForResource"),
		List:       listBaselines,
		ReadTags:   ssmTags(types.ResourceTypeForTaggingPatchBaseline),
	}}
}

// listParameters lists what parameters are like, never what they hold.
func listParameters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ssm.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{NextToken: token, MaxResults: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Parameters, func(m *types.ParameterMetadata) inventory.Asset { return parameter(t, m) })
	})
}

func parameter(t *lister.Target, m *types.ParameterMetadata) inventory.Asset {
	name := lister.Str(m.Name)
	key := lister.Str(m.ARN)
	if key == "" {
		key = t.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
	}
	var p lister.Attributes
	p.Text("Name", name)
	p.Text("Type", string(m.Type))
	p.Text("Tier", string(m.Tier))
	p.String("DataType", m.DataType)
	p.String("Description", m.Description)
	p.String("AllowedPattern", m.AllowedPattern)
	p.String("KeyId", m.KeyId)
	return inventory.Asset{
		Key: key, Name: name, Attributes: p.Known(),
		Identifiers: lister.ResourceID(m.Name),
	}
}

// listDocuments lists the account's own documents. Those of AWS are some hundreds more.
func listDocuments(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ssm.NewFromConfig(t.Config)
	own := []types.DocumentKeyValuesFilter{{Key: aws.String("Owner"), Values: []string{"Self"}}}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListDocuments(ctx, &ssm.ListDocumentsInput{NextToken: token, MaxResults: aws.Int32(50), Filters: own})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.DocumentIdentifiers, func(d *types.DocumentIdentifier) inventory.Asset { return document(t, d) })
	})
}

func document(t *lister.Target, d *types.DocumentIdentifier) inventory.Asset {
	var p lister.Attributes
	p.String("Name", d.Name)
	p.Text("DocumentType", string(d.DocumentType))
	p.Text("DocumentFormat", string(d.DocumentFormat))
	p.String("TargetType", d.TargetType)
	p.String("VersionName", d.VersionName)
	p.String("SchemaVersion", d.SchemaVersion)
	return inventory.Asset{
		Key: t.ARN("ssm", "document/"+lister.Str(d.Name)), Name: lister.Str(d.Name),
		Created: lister.Time(d.CreatedDate), Attributes: p.Known(), Tags: tagsOfSSM(d.Tags),
		Identifiers: lister.ResourceID(d.Name),
	}
}

func listWindows(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ssm.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeMaintenanceWindows(ctx, &ssm.DescribeMaintenanceWindowsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.WindowIdentities, func(w *types.MaintenanceWindowIdentity) inventory.Asset { return window(t, w) })
	})
}

func window(t *lister.Target, w *types.MaintenanceWindowIdentity) inventory.Asset {
	var p lister.Attributes
	p.String("Name", w.Name)
	p.String("Description", w.Description)
	p.String("Schedule", w.Schedule)
	p.String("ScheduleTimezone", w.ScheduleTimezone)
	p.Int("ScheduleOffset", w.ScheduleOffset)
	p.Int("Duration", w.Duration)
	p.Int("Cutoff", aws.Int32(w.Cutoff))
	p.String("StartDate", w.StartDate)
	p.String("EndDate", w.EndDate)
	p.Bool("Enabled", aws.Bool(w.Enabled))
	return inventory.Asset{
		Key: t.ARN("ssm", "maintenancewindow/"+lister.Str(w.WindowId)), Name: lister.Str(w.Name), Attributes: p.Known(),
		Identifiers: lister.ResourceID(w.WindowId),
	}
}

// listBaselines lists the account's own baselines, and not those that AWS keeps for each operating system.
func listBaselines(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ssm.NewFromConfig(t.Config)
	own := []types.PatchOrchestratorFilter{{Key: aws.String("OWNER"), Values: []string{"Self"}}}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribePatchBaselines(ctx, &ssm.DescribePatchBaselinesInput{NextToken: token, MaxResults: aws.Int32(100), Filters: own})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.BaselineIdentities, func(b *types.PatchBaselineIdentity) inventory.Asset { return baseline(t, b) })
	})
}

func baseline(t *lister.Target, b *types.PatchBaselineIdentity) inventory.Asset {
	var p lister.Attributes
	p.String("Name", b.BaselineName)
	p.String("Description", b.BaselineDescription)
	p.Text("OperatingSystem", string(b.OperatingSystem))
	p.Bool("DefaultBaseline", aws.Bool(b.DefaultBaseline))
	id := lister.Str(b.BaselineId)
	key := t.ARN("ssm", "patchbaseline/"+id)
	if strings.HasPrefix(id, "arn:") {
		key = id
	}
	return inventory.Asset{
		Key: key, Name: lister.Str(b.BaselineName), Attributes: p.Known(),
		Identifiers: lister.ResourceID(b.BaselineId),
	}
}

// ssmTags reads the tags of things of one kind, which the service wants to be told beside the id.
func ssmTags(kind types.ResourceTypeForTagging) func(context.Context, *lister.Target, *inventory.Asset) (inventory.Tags, error) {
	return func(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
		out, err := ssm.NewFromConfig(t.Config).ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
			ResourceType: kind, ResourceId: aws.String(lister.IdentifierOf(a, inventory.ResourceID)),
		})
		if err != nil {
			return inventory.Tags{}, err
		}
		return tagsOfSSM(out.TagList), nil
	}
}

func tagsOfSSM(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}
