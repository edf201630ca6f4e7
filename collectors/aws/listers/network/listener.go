package network

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// listListeners asks each load balancer for its listeners: no call returns those of all.
func listListeners(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elbv2.NewFromConfig(t.Config)
	listeners := lister.Parts[types.LoadBalancer, types.Listener]{
		List: func(ctx context.Context, b types.LoadBalancer) ([]types.Listener, error) {
			return listenersOf(ctx, c, b.LoadBalancerArn)
		},
		Asset: func(b types.LoadBalancer, l *types.Listener) inventory.Asset { return listener(&b, l) },
		Name:  func(b types.LoadBalancer) string { return lister.Str(b.LoadBalancerArn) },
		Gone:  []string{"LoadBalancerNotFound"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{Marker: token, PageSize: aws.Int32(400)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, listeners.Put(ctx, out, page.LoadBalancers)
	})
}

func listenersOf(ctx context.Context, c *elbv2.Client, balancer *string) ([]types.Listener, error) {
	return lister.All(ctx, func(token *string) ([]types.Listener, *string, error) {
		page, err := c.DescribeListeners(ctx, &elbv2.DescribeListenersInput{LoadBalancerArn: balancer, Marker: token, PageSize: aws.Int32(400)})
		if err != nil {
			return nil, nil, err
		}
		return page.Listeners, page.NextMarker, nil
	})
}

func listener(b *types.LoadBalancer, l *types.Listener) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(l.ListenerArn), Name: lister.Str(b.LoadBalancerName),
		Relations: []inventory.Relation{lister.To(inventory.PartOf, lister.Str(l.LoadBalancerArn))},
	}
	if l.Port != nil {
		a.Name = fmt.Sprintf("%s:%d", a.Name, *l.Port)
	}
	var p lister.Attributes
	p.String("LoadBalancerArn", l.LoadBalancerArn)
	p.Int("Port", l.Port)
	p.Text("Protocol", string(l.Protocol))
	p.String("SslPolicy", l.SslPolicy)
	p.Strings("AlpnPolicy", l.AlpnPolicy)
	p.Object("Certificates", certificates(l.Certificates))
	p.Object("DefaultActions", actions(l.DefaultActions))
	if m := l.MutualAuthentication; m != nil {
		p.Object("MutualAuthentication", known(map[string]any{
			"Mode": text(m.Mode), "TrustStoreArn": text(m.TrustStoreArn), "IgnoreClientCertificateExpiry": truth(m.IgnoreClientCertificateExpiry),
		}))
	}
	a.Attributes = p.Known()
	return a
}

func certificates(list []types.Certificate) []any {
	out := make([]any, len(list))
	for i, c := range list {
		out[i] = known(map[string]any{"CertificateArn": text(c.CertificateArn)})
	}
	return out
}

// actions are what a listener does. Of a login there is no more than with whom, since its settings hold secrets, and of an answer
// no text.
func actions(list []types.Action) []any {
	out := make([]any, len(list))
	for i, a := range list {
		action := map[string]any{"Type": word(a.Type), "Order": whole(a.Order), "TargetGroupArn": text(a.TargetGroupArn)}
		if f := a.ForwardConfig; f != nil && len(f.TargetGroups) > 1 { // with one group it repeats what the action itself says
			action["ForwardConfig"] = map[string]any{"TargetGroups": weights(f.TargetGroups)}
		}
		if r := a.RedirectConfig; r != nil {
			action["RedirectConfig"] = known(map[string]any{
				"StatusCode": word(r.StatusCode), "Protocol": text(r.Protocol), "Host": text(r.Host), "Port": text(r.Port), "Path": text(r.Path), "Query": text(r.Query),
			})
		}
		if x := a.FixedResponseConfig; x != nil {
			action["FixedResponseConfig"] = known(map[string]any{"StatusCode": text(x.StatusCode), "ContentType": text(x.ContentType)})
		}
		if x := a.AuthenticateCognitoConfig; x != nil {
			action["AuthenticateCognitoConfig"] = known(map[string]any{"UserPoolArn": text(x.UserPoolArn), "OnUnauthenticatedRequest": word(x.OnUnauthenticatedRequest)})
		}
		if x := a.AuthenticateOidcConfig; x != nil {
			action["AuthenticateOidcConfig"] = known(map[string]any{"Issuer": text(x.Issuer), "OnUnauthenticatedRequest": word(x.OnUnauthenticatedRequest)})
		}
		out[i] = known(action)
	}
	return out
}

func weights(list []types.TargetGroupTuple) []any {
	out := make([]any, len(list))
	for i, g := range list {
		out[i] = known(map[string]any{"TargetGroupArn": text(g.TargetGroupArn), "Weight": whole(g.Weight)})
	}
	return out
}
