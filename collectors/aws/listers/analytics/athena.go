package analytics

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func athenaListers() []lister.Lister {
	api := lister.API(athena.ServiceID, "athena")
	return []lister.Lister{
		{
			Type:       "AWS::Athena::WorkGroup",
			ARNs:       []string{"athena:workgroup/*"},
			Operations: api.Ops("ListWorkGroups", "GetWorkGroup", "ListTagsForResource"),
			List:       listWorkGroups,
			ReadTags:   athenaTags,
		},
		{
			Type:       "AWS::Athena::DataCatalog",
			ARNs:       []string{"athena:datacatalog/*"},
			Operations: api.Ops("ListDataCatalogs", "ListTagsForResource"),
			List:       listDataCatalogs,
			ReadTags:   dataCatalogTags,
		},
	}
}

func listWorkGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := athena.NewFromConfig(t.Config)
	d := lister.Description[types.WorkGroupSummary, *types.WorkGroup]{
		Ask: func(ctx context.Context, v types.WorkGroupSummary) (*types.WorkGroup, error) {
			out, err := c.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: v.Name})
			if err != nil {
				return nil, err
			}
			return out.WorkGroup, nil
		},
		Asset: func(v types.WorkGroupSummary, g *types.WorkGroup) inventory.Asset { return workGroup(t, v, g) },
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListWorkGroups(ctx, &athena.ListWorkGroupsInput{NextToken: token, MaxResults: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.WorkGroups)
	})
}

// workGroup makes the asset of a workgroup; g is nil if it could not be read.
func workGroup(t *lister.Target, v types.WorkGroupSummary, g *types.WorkGroup) inventory.Asset {
	name := aws.ToString(v.Name)
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Text("State", string(v.State))
	if g != nil && g.Configuration != nil {
		workGroupSettings(&p, g.Configuration)
	}
	return inventory.Asset{
		Key: t.ARN("athena", "workgroup/"+name), Name: name, Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(&name),
	}
}

func workGroupSettings(p *lister.Attributes, v *types.WorkGroupConfiguration) {
	const at = "WorkGroupConfiguration."
	p.Bool(at+"EnforceWorkGroupConfiguration", v.EnforceWorkGroupConfiguration)
	p.Bool(at+"PublishCloudWatchMetricsEnabled", v.PublishCloudWatchMetricsEnabled)
	p.Bool(at+"RequesterPaysEnabled", v.RequesterPaysEnabled)
	p.Long(at+"BytesScannedCutoffPerQuery", v.BytesScannedCutoffPerQuery)
	p.String(at+"ExecutionRole", v.ExecutionRole)
	var engine types.EngineVersion
	if v.EngineVersion != nil {
		engine = *v.EngineVersion
	}
	p.String(at+"EngineVersion.SelectedEngineVersion", engine.SelectedEngineVersion)
	p.String(at+"EngineVersion.EffectiveEngineVersion", engine.EffectiveEngineVersion)
	var results types.ResultConfiguration
	if v.ResultConfiguration != nil {
		results = *v.ResultConfiguration
	}
	var encryption types.EncryptionConfiguration
	if results.EncryptionConfiguration != nil {
		encryption = *results.EncryptionConfiguration
	}
	p.String(at+"ResultConfiguration.OutputLocation", results.OutputLocation)
	p.Text(at+"ResultConfiguration.EncryptionConfiguration.EncryptionOption", string(encryption.EncryptionOption))
	p.String(at+"ResultConfiguration.EncryptionConfiguration.KmsKey", encryption.KmsKey)
}

func listDataCatalogs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := athena.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListDataCatalogs(ctx, &athena.ListDataCatalogsInput{NextToken: token, MaxResults: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.DataCatalogsSummary, func(v *types.DataCatalogSummary) inventory.Asset { return dataCatalog(t, v) })
	})
}

func dataCatalog(t *lister.Target, v *types.DataCatalogSummary) inventory.Asset {
	name := aws.ToString(v.CatalogName)
	var p lister.Attributes
	p.String("Name", v.CatalogName)
	p.Text("Type", string(v.Type))
	p.Text("ConnectionType", string(v.ConnectionType))
	p.Text("Status", string(v.Status))
	return inventory.Asset{Key: t.ARN("athena", "datacatalog/"+name), Name: name, Attributes: p.Known(), Identifiers: lister.ResourceID(&name)}
}

// glueCatalog is the catalog that every account has. It stands for that of Glue, and cannot be changed, deleted or tagged.
const glueCatalog = "AwsDataCatalog"

func dataCatalogTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	if a.Name == glueCatalog {
		return inventory.NotTaggable(), nil
	}
	return athenaTags(ctx, t, a)
}

func athenaTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := athena.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForResource(ctx, &athena.ListTagsForResourceInput{ResourceARN: aws.String(a.Key), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}
