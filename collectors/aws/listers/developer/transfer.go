package developer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func transferListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::Transfer::Server",
		ARNs:       []string{"transfer:server/*"},
		Operations: lister.API(transfer.ServiceID, "transfer").Ops("ListServers", "DescribeServer"),
		List:       listServers,
	}}
}

// listServers lists servers. Protocols, security policy and tags take a call each.
func listServers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := transfer.NewFromConfig(t.Config)
	d := lister.Description[types.ListedServer, *types.DescribedServer]{
		Ask: func(ctx context.Context, s types.ListedServer) (*types.DescribedServer, error) {
			return serverDetails(ctx, c, s.ServerId)
		},
		Asset: func(s types.ListedServer, details *types.DescribedServer) inventory.Asset {
			return server(t, s, details)
		},
		Gone: []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListServers(ctx, &transfer.ListServersInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Servers)
	})
}

func serverDetails(ctx context.Context, c *transfer.Client, id *string) (*types.DescribedServer, error) {
	out, err := c.DescribeServer(ctx, &transfer.DescribeServerInput{ServerId: id})
	if err != nil {
		return nil, err
	}
	return out.Server, nil
}

// server makes the asset of a server; details are nil if they could not be read.
func server(t *lister.Target, s types.ListedServer, details *types.DescribedServer) inventory.Asset {
	id := lister.Str(s.ServerId)
	a := inventory.Asset{
		Key: lister.Str(s.Arn), Name: id,
		Identifiers: lister.ResourceID(s.ServerId),
	}
	if s.EndpointType == types.EndpointTypePublic && t.Partition == "aws" {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.FQDN, Value: id + ".server.transfer." + t.Region + ".amazonaws.com"})
	}
	var p lister.Attributes
	p.Text("Domain", string(s.Domain))
	p.Text("EndpointType", string(s.EndpointType))
	p.Text("IdentityProviderType", string(s.IdentityProviderType))
	p.String("LoggingRole", s.LoggingRole)
	p.Text("State", string(s.State))
	if details == nil {
		p.Unread(describedOfServer()...)
		a.Attributes = p.Known()
		return a
	}
	describeServer(&p, details)
	a.Attributes = p.Known()
	a.Tags = lister.TagsOf(details.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if name, ok := a.Tags.Get("Name"); ok && name.Value != "" {
		a.Name = name.Value
	}
	return a
}

// describedOfServer names the attributes that describeServer sets.
func describedOfServer() []string {
	return []string{
		"Protocols", "SecurityPolicyName", "Certificate", "IpAddressType", "StructuredLogDestinations", "ProtocolDetails.TlsSessionResumptionMode",
		"EndpointDetails.VpcId", "EndpointDetails.VpcEndpointId", "EndpointDetails.SubnetIds", "EndpointDetails.AddressAllocationIds",
		"IdentityProviderDetails.DirectoryId", "IdentityProviderDetails.Function", "IdentityProviderDetails.InvocationRole",
		"IdentityProviderDetails.Url",
	}
}

// describeServer adds what only the call about one server tells. Banners and host keys stay out, and so do security groups, which the
// service does not tell of an endpoint that it keeps itself.
func describeServer(p *lister.Attributes, d *types.DescribedServer) {
	protocols := make([]string, len(d.Protocols))
	for i, name := range d.Protocols {
		protocols[i] = string(name)
	}
	p.Strings("Protocols", protocols)
	p.String("SecurityPolicyName", d.SecurityPolicyName)
	p.String("Certificate", d.Certificate)
	p.Text("IpAddressType", string(d.IpAddressType))
	p.Strings("StructuredLogDestinations", d.StructuredLogDestinations)
	p.Text("ProtocolDetails.TlsSessionResumptionMode", string(lister.OrEmpty(d.ProtocolDetails).TlsSessionResumptionMode))
	endpoint := lister.OrEmpty(d.EndpointDetails)
	p.String("EndpointDetails.VpcId", endpoint.VpcId)
	p.String("EndpointDetails.VpcEndpointId", endpoint.VpcEndpointId)
	p.Strings("EndpointDetails.SubnetIds", endpoint.SubnetIds)
	p.Strings("EndpointDetails.AddressAllocationIds", endpoint.AddressAllocationIds)
	users := lister.OrEmpty(d.IdentityProviderDetails)
	p.String("IdentityProviderDetails.DirectoryId", users.DirectoryId)
	p.String("IdentityProviderDetails.Function", users.Function)
	p.String("IdentityProviderDetails.InvocationRole", users.InvocationRole)
	p.String("IdentityProviderDetails.Url", withoutLogin(users.Url))
}
