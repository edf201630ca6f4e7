package database

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const domainPrefix = "arn:aws:es:eu-west-1:111122223333:domain/"

// domainNames is the listing of n domains, d0 and so on.
func domainNames(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"DomainName":"d%d","EngineType":"OpenSearch"}`, i)
	}
	return `{"DomainNames":[` + strings.Join(list, ",") + `]}`
}

// describeDomainsAnswer describes the domains that a request names.
func describeDomainsAnswer(request string) listertest.Response {
	list := []string{}
	for i := range 10 {
		if name := fmt.Sprintf("d%d", i); strings.Contains(request, `"`+name+`"`) {
			list = append(list, `{"ARN":"`+domainPrefix+name+`","DomainName":"`+name+`","ClusterConfig":{}}`)
		}
	}
	return listertest.Response{Body: `{"DomainStatusList":[` + strings.Join(list, ",") + `]}`}
}

func TestDomains(t *testing.T) {
	full := `{"ARN":"` + domainPrefix + `d0","DomainName":"d0","DomainId":"111122223333/d0","EngineVersion":"OpenSearch_2.11",
		"AccessPolicies":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","ClusterConfig":{"InstanceType":"r6g.large.search","InstanceCount":3,"ZoneAwarenessEnabled":true,"DedicatedMasterEnabled":false},
		"EBSOptions":{"EBSEnabled":true,"VolumeSize":100,"VolumeType":"gp3"},"EncryptionAtRestOptions":{"Enabled":true,"KmsKeyId":"k1"},"NodeToNodeEncryptionOptions":{"Enabled":true},
		"DomainEndpointOptions":{"EnforceHTTPS":true,"TLSSecurityPolicy":"Policy-Min-TLS-1-2-2019-07"},"VPCOptions":{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"]},
		"AdvancedSecurityOptions":{"Enabled":true,"InternalUserDatabaseEnabled":false},"Endpoints":{"vpc":"vpc-d0-abc.eu-west-1.es.amazonaws.com"}}`
	open := `{"ARN":"` + domainPrefix + `d1","DomainName":"d1","Deleted":true,"Endpoint":"search-d1-abc.eu-west-1.es.amazonaws.com","ClusterConfig":{}}`
	answers := listertest.Answers{
		"ListDomainNames": listertest.Bodies(domainNames(2)),
		"DescribeDomains": listertest.Bodies(`{"DomainStatusList":[` + full + `,` + open + `]}`),
		"ListTags":        listertest.For(map[string]string{"": `{"TagList":[{"Key":"owner","Value":"search"}]}`, "d1": `{"TagList":[]}`}),
	}
	o := run(t, "AWS::OpenSearchService::Domain", answers)
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "search"},
		Attributes: map[string]string{
			"EngineVersion": `"OpenSearch_2.11"`, "AccessPolicies": `{"Statement":[],"Version":"2012-10-17"}`, "ClusterConfig.InstanceType": `"r6g.large.search"`,
			"ClusterConfig.InstanceCount": "3", "ClusterConfig.ZoneAwarenessEnabled": "true", "EBSOptions.VolumeSize": "100", "EncryptionAtRestOptions.Enabled": "true",
			"NodeToNodeEncryptionOptions.Enabled": "true", "DomainEndpointOptions.EnforceHTTPS": "true", "VPCOptions.SubnetIds": `["subnet-1"]`,
			"VPCOptions.SecurityGroupIds": `["sg-1"]`, "AdvancedSecurityOptions.Enabled": "true",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "d0"), listertest.ID(inventory.FQDN, "vpc-d0-abc.eu-west-1.es.amazonaws.com")},
	}.Check(t, o.Asset(t, domainPrefix+"d0"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}, Attributes: map[string]string{"AccessPolicies": "null", "VPCOptions.SubnetIds": "[]"}}.Check(t, o.Asset(t, "d1"))

	answers["ListTags"] = listertest.Refuse("AccessDeniedException")
	o = run(t, "AWS::OpenSearchService::Domain", answers)
	listertest.Counts(t, o, 2, 2)
	listertest.UnknownTags(t, o.Asset(t, "d0"))
}

// TestDomainBatches: seven domains are two calls; one that is gone does not hide those it was asked for with; what is refused is listed
// by name.
func TestDomainBatches(t *testing.T) {
	o := run(t, "AWS::OpenSearchService::Domain", listertest.Answers{
		"ListDomainNames": listertest.Bodies(domainNames(7)),
		"DescribeDomains": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, `"d2"`):
				return listertest.Response{Code: "ResourceNotFoundException"}
			case strings.Contains(request, `"d6"`):
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return describeDomainsAnswer(request)
		},
		"ListTags": listertest.Bodies(`{"TagList":[]}`),
	})
	listertest.Counts(t, o, 6, 2) // all but d2; d5 and d6 could not be described
	if a := o.Asset(t, domainPrefix+"d4"); !a.Attributes.IsKnown() {
		t.Error("a domain beside one that is gone was not described")
	}
	if a := o.Asset(t, domainPrefix+"d6"); a.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
}
