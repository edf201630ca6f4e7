package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func clientVPNListers() []lister.Lister {
	return []lister.Lister{ec2Lister("AWS::EC2::ClientVpnEndpoint", "client-vpn-endpoint", listClientVPNs, "DescribeClientVpnEndpoints")}
}

func listClientVPNs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeClientVpnEndpoints(ctx, &ec2.DescribeClientVpnEndpointsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ClientVpnEndpoints, func(e *types.ClientVpnEndpoint) inventory.Asset { return clientVPN(t, e) })
	})
}

func clientVPNState(e *types.ClientVpnEndpoint) types.ClientVpnEndpointStatusCode {
	if e.Status == nil {
		return ""
	}
	return e.Status.Code
}

func clientVPN(t *lister.Target, e *types.ClientVpnEndpoint) inventory.Asset {
	if ended(clientVPNState(e)) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "client-vpn-endpoint", e.ClientVpnEndpointId, nil, e.Tags)
	a.Lifecycle = stage(string(clientVPNState(e)))
	if at, err := time.Parse("2006-01-02T15:04:05", lister.Str(e.CreationTime)); err == nil {
		a.Created = at
	}
	var p lister.Attributes
	p.String("Description", e.Description)
	p.String("ClientCidrBlock", e.ClientCidrBlock)
	p.String("ServerCertificateArn", e.ServerCertificateArn)
	p.Text("TransportProtocol", string(e.TransportProtocol))
	p.Int("VpnPort", e.VpnPort)
	p.Bool("SplitTunnel", e.SplitTunnel)
	p.String("VpcId", e.VpcId)
	p.Strings("SecurityGroupIds", e.SecurityGroupIds)
	p.Strings("DnsServers", e.DnsServers)
	p.Int("SessionTimeoutHours", e.SessionTimeoutHours)
	p.Object("AuthenticationOptions", logins(e.AuthenticationOptions))
	if l := e.ConnectionLogOptions; l != nil {
		p.Object("ConnectionLogOptions", known(map[string]any{
			"Enabled": truth(l.Enabled), "CloudwatchLogGroup": text(l.CloudwatchLogGroup), "CloudwatchLogStream": text(l.CloudwatchLogStream),
		}))
	}
	if h := e.ClientConnectOptions; h != nil {
		p.Object("ClientConnectOptions", known(map[string]any{"Enabled": truth(h.Enabled), "LambdaFunctionArn": text(h.LambdaFunctionArn)}))
	}
	a.Attributes = p.Known()
	return a
}

// logins are the ways in which clients prove who they are.
func logins(list []types.ClientVpnAuthentication) []any {
	out := make([]any, len(list))
	for i, l := range list {
		way := map[string]any{"Type": word(l.Type)}
		if m := l.MutualAuthentication; m != nil {
			way["MutualAuthentication"] = known(map[string]any{"ClientRootCertificateChainArn": text(m.ClientRootCertificateChain)})
		}
		if d := l.ActiveDirectory; d != nil {
			way["ActiveDirectory"] = known(map[string]any{"DirectoryId": text(d.DirectoryId)})
		}
		if f := l.FederatedAuthentication; f != nil {
			way["FederatedAuthentication"] = known(map[string]any{
				"SAMLProviderArn": text(f.SamlProviderArn), "SelfServiceSAMLProviderArn": text(f.SelfServiceSamlProviderArn),
			})
		}
		out[i] = known(way)
	}
	return out
}
