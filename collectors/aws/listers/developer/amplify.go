package developer

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/amplify"
	"github.com/aws/aws-sdk-go-v2/service/amplify/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func amplifyListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::Amplify::App",
		Also:       []inventory.Type{"AWS::Amplify::Branch"},
		ARNs:       []string{"amplify:apps/*"},
		Operations: lister.API(amplify.ServiceID, "amplify").Ops("ListApps", "ListBranches"),
		List:       listApps,
	}}
}

func listApps(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := amplify.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListApps(ctx, &amplify.ListAppsInput{NextToken: token, MaxResults: 100})
		if err != nil {
			return nil, err
		}
		for i, r := range lister.Each(ctx, page.Apps, func(ctx context.Context, a types.App) ([]types.Branch, error) {
			return branches(ctx, c, a.AppId)
		}) {
			if lister.Gone(r.Err, "NotFoundException") {
				continue
			}
			if err := putApp(out, &page.Apps[i], r); err != nil {
				return nil, err
			}
		}
		return page.NextToken, nil
	})
}

// branches lists the branches of an application, as many as could be read.
func branches(ctx context.Context, c *amplify.Client, app *string) ([]types.Branch, error) {
	return lister.All(ctx, func(token *string) ([]types.Branch, *string, error) {
		page, err := c.ListBranches(ctx, &amplify.ListBranchesInput{AppId: app, NextToken: token, MaxResults: 50})
		if err != nil {
			return nil, nil, err
		}
		return page.Branches, page.NextToken, nil
	})
}

// putApp hands an application and its branches over. Where branches may not be listed, some may be missing.
func putApp(out lister.Out, m *types.App, found lister.Result[[]types.Branch]) error {
	if err := out.Asset(app(m)); err != nil {
		return err
	}
	if err := lister.Put(out, found.Value, func(b *types.Branch) inventory.Asset { return branch(m, b) }); err != nil {
		return err
	}
	return lister.Unlisted(out, lister.Str(m.AppArn), found.Err)
}

// app makes the asset of an application: of variables the names alone, and no token, password or build specification.
func app(m *types.App) inventory.Asset {
	var p lister.Attributes
	p.String("Name", m.Name)
	p.String("AppId", m.AppId)
	p.String("Description", m.Description)
	p.Text("Platform", string(m.Platform))
	p.String("Repository", withoutLogin(m.Repository))
	p.String("DefaultDomain", m.DefaultDomain)
	p.String("IAMServiceRole", m.IamServiceRoleArn)
	p.String("ComputeRoleArn", m.ComputeRoleArn)
	p.Bool("EnableBranchAutoDeletion", m.EnableBranchAutoDeletion)
	p.Bool("EnableBasicAuth", m.EnableBasicAuth)
	p.Bool("EnableBranchAutoBuild", m.EnableBranchAutoBuild)
	p.Strings("EnvironmentVariableNames", names(m.EnvironmentVariables))
	p.String("WebAclArn", lister.OrEmpty(m.WafConfiguration).WebAclArn)
	return inventory.Asset{
		Key: lister.Str(m.AppArn), Name: lister.Str(m.Name), Created: lister.Time(m.CreateTime),
		Attributes: p.Known(), Tags: inventory.TagsFromMap(m.Tags),
		Identifiers: []inventory.Identifier{lister.ID(inventory.ResourceID, m.AppId), lister.ID(inventory.FQDN, m.DefaultDomain)},
	}
}

func branch(app *types.App, m *types.Branch) inventory.Asset {
	var p lister.Attributes
	p.String("BranchName", m.BranchName)
	p.String("AppId", app.AppId)
	p.String("Description", m.Description)
	p.Text("Stage", string(m.Stage))
	p.String("Framework", m.Framework)
	p.String("ComputeRoleArn", m.ComputeRoleArn)
	p.Bool("EnableAutoBuild", m.EnableAutoBuild)
	p.Bool("EnablePullRequestPreview", m.EnablePullRequestPreview)
	p.Bool("EnableBasicAuth", m.EnableBasicAuth)
	p.Strings("EnvironmentVariableNames", names(m.EnvironmentVariables))
	return inventory.Asset{
		Type: "AWS::Amplify::Branch", Key: lister.Str(m.BranchArn), Name: lister.Str(m.BranchName), Created: lister.Time(m.CreateTime),
		Attributes: p.Known(), Tags: inventory.TagsFromMap(m.Tags),
		Identifiers: lister.ResourceID(aws.String(lister.Str(app.AppId) + "/" + lister.Str(m.BranchName))),
		Relations:   []inventory.Relation{lister.To(inventory.PartOf, lister.Str(app.AppArn))},
	}
}

func names(variables map[string]string) []string { return slices.Sorted(maps.Keys(variables)) }
