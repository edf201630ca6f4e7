package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticbeanstalk"
	"github.com/aws/aws-sdk-go-v2/service/elasticbeanstalk/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func beanstalkListers() []lister.Lister {
	api := lister.API(elasticbeanstalk.ServiceID, "elasticbeanstalk")
	return []lister.Lister{
		{
			Type: "AWS::ElasticBeanstalk::Application", ARNs: []string{"elasticbeanstalk:application/*"},
			Operations: api.Ops("DescribeApplications", "ListTagsForResource"), List: listApplications, ReadTags: beanstalkTags,
		},
		{
			Type: "AWS::ElasticBeanstalk::Environment", ARNs: []string{"elasticbeanstalk:environment/*"},
			Operations: api.Ops("DescribeEnvironments", "ListTagsForResource"), List: listEnvironments, ReadTags: beanstalkTags,
		},
	}
}

func beanstalkTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	answer, err := elasticbeanstalk.NewFromConfig(t.Config).ListTagsForResource(ctx, &elasticbeanstalk.ListTagsForResourceInput{ResourceArn: &a.Key})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(answer.ResourceTags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listApplications(ctx context.Context, t *lister.Target, out lister.Out) error {
	answer, err := elasticbeanstalk.NewFromConfig(t.Config).DescribeApplications(ctx, &elasticbeanstalk.DescribeApplicationsInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, answer.Applications, func(v *types.ApplicationDescription) inventory.Asset { return application(t, v) })
}

func application(t *lister.Target, v *types.ApplicationDescription) inventory.Asset {
	var p lister.Attributes
	p.String("ApplicationName", v.ApplicationName)
	p.Text("Description", lister.Str(v.Description))
	p.Value("ResourceLifecycleConfig.ServiceRole", inventory.Null)
	if v.ResourceLifecycleConfig != nil {
		p.String("ResourceLifecycleConfig.ServiceRole", v.ResourceLifecycleConfig.ServiceRole)
	}
	a := inventory.Asset{
		Key: lister.Str(v.ApplicationArn), Name: lister.Str(v.ApplicationName), Created: lister.Time(v.DateCreated), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.ApplicationName),
	}
	if a.Key == "" {
		a.Key = t.ARN("elasticbeanstalk", "application/"+a.Name)
	}
	return a
}

// listEnvironments asks for pages, which the service gives only if it is told their size.
func listEnvironments(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticbeanstalk.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeEnvironments(ctx, &elasticbeanstalk.DescribeEnvironmentsInput{
			NextToken: token, MaxRecords: aws.Int32(1000), IncludeDeleted: aws.Bool(false),
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Environments, func(e *types.EnvironmentDescription) inventory.Asset { return environment(t, e) })
	})
}

func environment(t *lister.Target, e *types.EnvironmentDescription) inventory.Asset {
	if e.Status == types.EnvironmentStatusTerminated {
		return inventory.Asset{}
	}
	a := inventory.Asset{
		Key: lister.Str(e.EnvironmentArn), Name: lister.Str(e.EnvironmentName), Created: lister.Time(e.DateCreated),
		Lifecycle: lister.Retiring(e.Status == types.EnvironmentStatusTerminating), Attributes: environmentAttributes(e),
		Identifiers: []inventory.Identifier{lister.ID(inventory.ResourceID, e.EnvironmentId), lister.ID(inventory.FQDN, e.CNAME)},
		Relations:   []inventory.Relation{lister.To(inventory.PartOf, t.ARN("elasticbeanstalk", "application/"+lister.Str(e.ApplicationName)))},
	}
	if a.Key == "" {
		a.Key = t.ARN("elasticbeanstalk", "environment/"+lister.Str(e.ApplicationName)+"/"+a.Name)
	}
	return a
}

func environmentAttributes(e *types.EnvironmentDescription) inventory.Attributes {
	var p lister.Attributes
	p.String("EnvironmentName", e.EnvironmentName)
	p.String("ApplicationName", e.ApplicationName)
	p.String("PlatformArn", e.PlatformArn)
	p.String("SolutionStackName", e.SolutionStackName)
	p.Text("VersionLabel", lister.Str(e.VersionLabel))
	p.Text("Description", lister.Str(e.Description))
	p.Text("OperationsRole", lister.Str(e.OperationsRole))
	p.Text("EndpointURL", lister.Str(e.EndpointURL))
	if e.Tier != nil {
		p.String("Tier.Name", e.Tier.Name)
		p.String("Tier.Type", e.Tier.Type)
	}
	return p.Known()
}
