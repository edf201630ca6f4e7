package developer

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const serverARN = "arn:aws:transfer:eu-west-1:111122223333:server/"

func serverJSON(id string) string {
	return `{"Arn":"` + serverARN + id + `","ServerId":"` + id + `","Domain":"S3","EndpointType":"PUBLIC","IdentityProviderType":"SERVICE_MANAGED","State":"ONLINE","UserCount":3}`
}

func TestServers(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Transfer::Server")
	o := listertest.Run(t, l, listertest.Answers{
		"ListServers": listertest.Bodies(
			`{"Servers":[`+serverJSON("s-1")+`],"NextToken":"more"}`,
			`{"Servers":[`+strings.Join([]string{serverJSON("s-2"), serverJSON("s-3"), serverJSON("s-4")}, ",")+`]}`,
		),
		"DescribeServer": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "s-1"):
				return listertest.Response{Body: `{"Server":{"Arn":"` + serverARN + `s-1","Protocols":["SFTP","FTPS"],"SecurityPolicyName":"TransferSecurityPolicy-2024-01",
					"Certificate":"arn:aws:acm:eu-west-1:111122223333:certificate/c","IpAddressType":"IPV4","PreAuthenticationLoginBanner":"hunter1",
					"HostKeyFingerprint":"hunter2","StructuredLogDestinations":["arn:aws:logs:eu-west-1:111122223333:log-group:sftp:*"],
					"ProtocolDetails":{"TlsSessionResumptionMode":"ENFORCED"},"EndpointDetails":{"VpcId":"vpc-1","SubnetIds":["subnet-1"]},
					"IdentityProviderDetails":{"Function":"arn:aws:lambda:eu-west-1:111122223333:function:users"},
					"Tags":[{"Key":"Name","Value":"deliveries"},{"Key":"owner","Value":"payments"}]}}`}
			case strings.Contains(request, "s-2"):
				return listertest.Response{Body: `{"Server":{"Arn":"` + serverARN + `s-2"}}`}
			case strings.Contains(request, "s-3"):
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Code: "ResourceNotFoundException"}
		},
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, serverARN+"s-1")
	listertest.Attributes(t, a, map[string]string{
		"Domain": `"S3"`, "EndpointType": `"PUBLIC"`, "IdentityProviderType": `"SERVICE_MANAGED"`, "State": `"ONLINE"`, "LoggingRole": "null",
		"Protocols": `["SFTP","FTPS"]`, "SecurityPolicyName": `"TransferSecurityPolicy-2024-01"`, "EndpointDetails.VpcId": `"vpc-1"`,
		"EndpointDetails.SubnetIds": `["subnet-1"]`, "ProtocolDetails.TlsSessionResumptionMode": `"ENFORCED"`,
		"IdentityProviderDetails.Function": `"arn:aws:lambda:eu-west-1:111122223333:function:users"`,
	})
	listertest.Nowhere(t, a, "hunter")
	listertest.Tag(t, a, "owner", "payments")
	if a.Name != "deliveries" {
		t.Errorf("name %q", a.Name)
	}
	if fqdn := (inventory.Identifier{Kind: inventory.FQDN, Value: "s-1.server.transfer.eu-west-1.amazonaws.com"}); !slices.Contains(a.Identifiers, fqdn) {
		t.Errorf("identifiers %v", a.Identifiers)
	}
	bare := o.Asset(t, "s-2")
	listertest.Attributes(t, bare, map[string]string{"EndpointDetails.VpcId": "null", "IdentityProviderDetails.Url": "null", "Protocols": "[]"})
	if bare.Tags.State() != inventory.Known || bare.Tags.Len() != 0 {
		t.Errorf("tags of a server without tags: %v", bare.Tags)
	}
	refused := o.Asset(t, "s-3")
	listertest.Unread(t, refused, "Protocols", "SecurityPolicyName", "EndpointDetails.VpcId")
	listertest.Attributes(t, refused, map[string]string{"EndpointType": `"PUBLIC"`})
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags that were refused are %s", refused.Tags.State())
	}
}

// TestServerNamesWhatItDescribes keeps the list of what a refusal leaves unread whole.
func TestServerNamesWhatItDescribes(t *testing.T) {
	var p lister.Attributes
	describeServer(&p, &types.DescribedServer{})
	var set []string
	for attr := range p.Known().All() {
		set = append(set, attr.Name)
	}
	named := describedOfServer()
	slices.Sort(named)
	if !slices.Equal(set, named) {
		t.Errorf("sets %v, names %v", set, named)
	}
}
