package security

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// wafPage is the most that a list call returns.
const wafPage = 100

// cloudFrontRegion is where what protects CloudFront is kept; it is listed there together with what is the region's own.
const cloudFrontRegion = "us-east-1"

func wafListers() []lister.Lister {
	api := lister.API(wafv2.ServiceID, "wafv2")
	return []lister.Lister{
		{
			Type: "AWS::WAFv2::WebACL", ARNs: []string{"wafv2:*/webacl/*"},
			Operations: api.Ops("ListWebACLs", "GetWebACL", "ListTagsForResource"),
			List:       listWebACLs, ReadTags: wafTags,
		},
		wafSetLister("AWS::WAFv2::IPSet", "ipset", "ListIPSets", ipSets),
		wafSetLister("AWS::WAFv2::RegexPatternSet", "regexpatternset", "ListRegexPatternSets", regexPatternSets),
		wafSetLister("AWS::WAFv2::RuleGroup", "rulegroup", "ListRuleGroups", ruleGroups),
	}
}

// wafScopes are what a region is asked for.
func wafScopes(t *lister.Target) []types.Scope {
	if t.Partition == "aws" && t.Region == cloudFrontRegion {
		return []types.Scope{types.ScopeRegional, types.ScopeCloudfront}
	}
	return []types.Scope{types.ScopeRegional}
}

// wafItem is what the list calls tell of anything.
type wafItem struct{ arn, id, name, description *string }

// wafPageOf reads a page of one scope.
type wafPageOf func(ctx context.Context, c *wafv2.Client, scope types.Scope, token *string) (items []wafItem, next *string, err error)

// wafPages reads all pages of all scopes.
func wafPages(ctx context.Context, t *lister.Target, read wafPageOf, take func(*wafv2.Client, types.Scope, []wafItem) error) error {
	c := wafv2.NewFromConfig(t.Config)
	for _, scope := range wafScopes(t) {
		if err := lister.Pages(ctx, func(token *string) (*string, error) {
			items, next, err := read(ctx, c, scope, token)
			if err != nil {
				return nil, err
			}
			return next, take(c, scope, items)
		}); err != nil {
			return err
		}
	}
	return nil
}

// wafSetLister reads a type of which the list call tells enough: what is in a set is long.
func wafSetLister(typ inventory.Type, kind, operation string, read wafPageOf) lister.Lister {
	return lister.Lister{
		Type:       typ,
		ARNs:       []string{"wafv2:*/" + kind + "/*"},
		Operations: lister.API(wafv2.ServiceID, "wafv2").Ops(operation, "ListTagsForResource"),
		ReadTags:   wafTags,
		List: func(ctx context.Context, t *lister.Target, out lister.Out) error {
			return wafPages(ctx, t, read, func(_ *wafv2.Client, scope types.Scope, items []wafItem) error {
				return lister.Put(out, items, func(item *wafItem) inventory.Asset {
					a, p := wafAsset(*item, scope)
					a.Attributes = p.Known()
					return a
				})
			})
		},
	}
}

func wafAsset(item wafItem, scope types.Scope) (inventory.Asset, lister.Attributes) {
	var p lister.Attributes
	p.String("Name", item.name)
	p.String("Description", item.description)
	p.Text("Scope", string(scope))
	return inventory.Asset{
		Key: lister.Str(item.arn), Name: lister.Str(item.name),
		Identifiers: lister.ResourceID(item.id),
	}, p
}

func listWebACLs(ctx context.Context, t *lister.Target, out lister.Out) error {
	return wafPages(ctx, t, webACLs, func(c *wafv2.Client, scope types.Scope, items []wafItem) error {
		d := lister.Description[wafItem, *types.WebACL]{
			Ask:   func(ctx context.Context, item wafItem) (*types.WebACL, error) { return getWebACL(ctx, c, scope, item) },
			Asset: func(item wafItem, v *types.WebACL) inventory.Asset { return webACL(item, scope, v) },
			Gone:  []string{"WAFNonexistentItemException"},
		}
		return d.Put(ctx, out, items)
	})
}

// webACL makes the asset of a listed ACL; v is nil if it could not be read.
func webACL(item wafItem, scope types.Scope, v *types.WebACL) inventory.Asset {
	a, p := wafAsset(item, scope)
	if v != nil {
		webACLAttributes(&p, v)
	}
	a.Attributes = p.Known()
	return a
}

func getWebACL(ctx context.Context, c *wafv2.Client, scope types.Scope, item wafItem) (*types.WebACL, error) {
	got, err := c.GetWebACL(ctx, &wafv2.GetWebACLInput{Id: item.id, Name: item.name, Scope: scope})
	if err != nil {
		return nil, err
	}
	return got.WebACL, nil
}

// webACLAttributes sets what counts besides the rules, which are long.
func webACLAttributes(p *lister.Attributes, v *types.WebACL) {
	p.Long("Capacity", aws.Int64(v.Capacity))
	p.Strings("TokenDomains", v.TokenDomains)
	p.Bool("ManagedByFirewallManager", aws.Bool(v.ManagedByFirewallManager))
	if d := v.DefaultAction; d != nil {
		p.Object("DefaultAction", defaultAction(d))
	}
	if m := v.VisibilityConfig; m != nil {
		p.Bool("VisibilityConfig.CloudWatchMetricsEnabled", aws.Bool(m.CloudWatchMetricsEnabled))
		p.Bool("VisibilityConfig.SampledRequestsEnabled", aws.Bool(m.SampledRequestsEnabled))
		p.String("VisibilityConfig.MetricName", m.MetricName)
	}
}

// defaultAction tells what becomes of a request that no rule matches, without the texts that are sent for it.
func defaultAction(d *types.DefaultAction) any {
	if d.Block != nil {
		return map[string]any{"Block": map[string]any{}}
	}
	return map[string]any{"Allow": map[string]any{}}
}

func webACLs(ctx context.Context, c *wafv2.Client, scope types.Scope, token *string) ([]wafItem, *string, error) {
	page, err := c.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: scope, NextMarker: token, Limit: aws.Int32(wafPage)})
	if err != nil {
		return nil, nil, err
	}
	items := make([]wafItem, len(page.WebACLs))
	for i, v := range page.WebACLs {
		items[i] = wafItem{v.ARN, v.Id, v.Name, v.Description}
	}
	return items, page.NextMarker, nil
}

func ipSets(ctx context.Context, c *wafv2.Client, scope types.Scope, token *string) ([]wafItem, *string, error) {
	page, err := c.ListIPSets(ctx, &wafv2.ListIPSetsInput{Scope: scope, NextMarker: token, Limit: aws.Int32(wafPage)})
	if err != nil {
		return nil, nil, err
	}
	items := make([]wafItem, len(page.IPSets))
	for i, v := range page.IPSets {
		items[i] = wafItem{v.ARN, v.Id, v.Name, v.Description}
	}
	return items, page.NextMarker, nil
}

func regexPatternSets(ctx context.Context, c *wafv2.Client, scope types.Scope, token *string) ([]wafItem, *string, error) {
	page, err := c.ListRegexPatternSets(ctx, &wafv2.ListRegexPatternSetsInput{Scope: scope, NextMarker: token, Limit: aws.Int32(wafPage)})
	if err != nil {
		return nil, nil, err
	}
	items := make([]wafItem, len(page.RegexPatternSets))
	for i, v := range page.RegexPatternSets {
		items[i] = wafItem{v.ARN, v.Id, v.Name, v.Description}
	}
	return items, page.NextMarker, nil
}

func ruleGroups(ctx context.Context, c *wafv2.Client, scope types.Scope, token *string) ([]wafItem, *string, error) {
	page, err := c.ListRuleGroups(ctx, &wafv2.ListRuleGroupsInput{Scope: scope, NextMarker: token, Limit: aws.Int32(wafPage)})
	if err != nil {
		return nil, nil, err
	}
	items := make([]wafItem, len(page.RuleGroups))
	for i, v := range page.RuleGroups {
		items[i] = wafItem{v.ARN, v.Id, v.Name, v.Description}
	}
	return items, page.NextMarker, nil
}

func wafTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := wafv2.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: aws.String(a.Key), NextMarker: token, Limit: aws.Int32(wafPage)})
		if err != nil || page.TagInfoForResource == nil {
			return nil, nil, err
		}
		return page.TagInfoForResource.TagList, page.NextMarker, nil
	})
}
