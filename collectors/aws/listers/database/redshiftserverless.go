package database

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func redshiftServerlessListers() []lister.Lister {
	api := lister.API(redshiftserverless.ServiceID, "redshift-serverless")
	return []lister.Lister{{
		Type:       "AWS::RedshiftServerless::Workgroup",
		ARNs:       []string{"redshift-serverless:workgroup/*"},
		Operations: api.Ops("ListWorkgroups", "ListTagsForResource"),
		List:       listWorkgroups, ReadTags: redshiftServerlessTags,
	}, {
		Type:       "AWS::RedshiftServerless::Namespace",
		ARNs:       []string{"redshift-serverless:namespace/*"},
		Operations: api.Ops("ListNamespaces", "ListTagsForResource"),
		List:       listNamespaces, ReadTags: redshiftServerlessTags,
	}}
}

func redshiftServerlessTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := redshiftserverless.NewFromConfig(t.Config)
	out, err := c.ListTagsForResource(ctx, &redshiftserverless.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listWorkgroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := redshiftserverless.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListWorkgroups(ctx, &redshiftserverless.ListWorkgroupsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Workgroups, workgroup)
	})
}

func workgroup(v *types.Workgroup) inventory.Asset {
	a := named(v.WorkgroupArn, v.WorkgroupName)
	a.Created = lister.Time(v.CreationDate)
	if v.Status == types.WorkgroupStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	if v.Endpoint != nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.Endpoint.Address))
	}
	var p lister.Attributes
	p.String("WorkgroupName", v.WorkgroupName)
	p.String("NamespaceName", v.NamespaceName)
	p.Int("BaseCapacity", v.BaseCapacity)
	p.Int("MaxCapacity", v.MaxCapacity)
	p.Bool("EnhancedVpcRouting", v.EnhancedVpcRouting)
	p.Bool("PubliclyAccessible", v.PubliclyAccessible)
	p.Int("Port", v.Port)
	p.Strings("SecurityGroupIds", v.SecurityGroupIds)
	p.Strings("SubnetIds", v.SubnetIds)
	p.String("TrackName", v.TrackName)
	a.Attributes = p.Known()
	return a
}

func listNamespaces(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := redshiftserverless.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListNamespaces(ctx, &redshiftserverless.ListNamespacesInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Namespaces, namespace)
	})
}

func namespace(v *types.Namespace) inventory.Asset {
	a := named(v.NamespaceArn, v.NamespaceName)
	a.Created = lister.Time(v.CreationDate)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.ResourceID, v.NamespaceId))
	if v.Status == types.NamespaceStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	roles := make([]string, len(v.IamRoles))
	for i, r := range v.IamRoles {
		roles[i] = roleARN(r)
	}
	logs := make([]string, len(v.LogExports))
	for i, l := range v.LogExports {
		logs[i] = string(l)
	}
	var p lister.Attributes
	p.String("NamespaceName", v.NamespaceName)
	p.String("DbName", v.DbName)
	p.String("AdminUsername", v.AdminUsername)
	p.Bool("ManageAdminPassword", aws.Bool(v.AdminPasswordSecretArn != nil))
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("DefaultIamRoleArn", v.DefaultIamRoleArn)
	p.Strings("IamRoles", roles)
	p.Strings("LogExports", logs)
	a.Attributes = p.Known()
	return a
}

// roleARN takes the ARN out of the text in which the service wraps it: "IamRole(applyStatus=in-sync, iamRoleArn=arn:…)".
func roleARN(text string) string {
	_, rest, wrapped := strings.Cut(text, "iamRoleArn=")
	if !wrapped {
		return text
	}
	arn, _, _ := strings.Cut(rest, ")")
	arn, _, _ = strings.Cut(arn, ",")
	return arn
}
