package catalog

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// formCase is a pair of values that one comparator takes for equal or not.
type formCase struct {
	compare string
	a, b    inventory.Value
	equal   bool
}

func formCases() []formCase {
	return []formCase{
		// Rules of security groups.
		{"rules", `[{"IpProtocol":"-1","FromPort":0,"ToPort":0,"CidrIp":"0.0.0.0/0","Description":""}]`, `[{"IpProtocol":"-1","CidrIp":"0.0.0.0/0"}]`, true},
		{"rules", `[{"IpProtocol":"all","CidrIp":"10.1.2.3/8"}]`, `[{"IpProtocol":"-1","FromPort":-1,"ToPort":-1,"CidrIp":"10.0.0.0/8"}]`, true},
		{"rules", `[{"IpProtocol":"6","FromPort":"443","ToPort":443,"CidrIp":"0.0.0.0/0"}]`, `[{"IpProtocol":"TCP","FromPort":443,"ToPort":443,"CidrIp":"0.0.0.0/0"}]`, true},
		{"rules", `[{"IpProtocol":"icmpv6","FromPort":-1,"ToPort":-1,"CidrIpv6":"::/0"}]`, `[{"IpProtocol":"58","CidrIpv6":"0::/0"}]`, true},
		{"rules", `[{"IpProtocol":"50","FromPort":0,"ToPort":0,"CidrIp":"10.0.0.0/8"}]`, `[{"IpProtocol":"50","CidrIp":"10.0.0.0/8"}]`, true},
		{"rules", `[{"IpProtocol":"tcp","FromPort":1,"ToPort":1,"SourceSecurityGroupId":"444455556666/sg-1"}]`, `[{"IpProtocol":"tcp","FromPort":1,"ToPort":1,"SourceSecurityGroupId":"sg-1","SourceSecurityGroupOwnerId":"444455556666"}]`, true},
		{"rules", `[{"CidrIp":"10.0.0.0/8"},{"CidrIp":"11.0.0.0/8"}]`, `[{"CidrIp":"11.0.0.0/8"},{"CidrIp":"10.0.0.0/8"},{"CidrIp":"10.0.0.0/8"}]`, true},
		{"rules", `[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIp":"0.0.0.0/0"}]`, `[]`, false},
		{"rules", `[{"IpProtocol":"tcp","FromPort":0,"ToPort":0,"CidrIp":"0.0.0.0/0"}]`, `[{"IpProtocol":"tcp","FromPort":0,"ToPort":65535,"CidrIp":"0.0.0.0/0"}]`, false},
		{"rules", `[{"IpProtocol":"icmp","FromPort":8,"ToPort":-1,"CidrIp":"0.0.0.0/0"}]`, `[{"IpProtocol":"icmp","FromPort":-1,"ToPort":-1,"CidrIp":"0.0.0.0/0"}]`, false},
		{"rules", `[{"IpProtocol":"tcp","CidrIp":"0.0.0.0/0","Description":"web"}]`, `[{"IpProtocol":"tcp","CidrIp":"0.0.0.0/0"}]`, false},
		{"rules", `[{"SourceSecurityGroupId":"sg-1"}]`, `[{"DestinationSecurityGroupId":"sg-1"}]`, false},
		// Routes.
		{"routes", `[{"DestinationCidrBlock":"10.0.0.0/16","GatewayId":"local"},{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1","NatGatewayId":""}]`, `[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1"}]`, true},
		{"routes", `[{"DestinationPrefixListId":"pl-1","GatewayId":"vpce-1"}]`, `[]`, true},
		{"routes", `[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"vpce-1"}]`, `[{"DestinationCidrBlock":"0.0.0.0/0","VpcEndpointId":"vpce-1"}]`, true},
		{"routes", `[{"DestinationIpv6CidrBlock":"2001:DB8::/32","GatewayId":"igw-1"}]`, `[{"DestinationIpv6CidrBlock":"2001:db8::/32","GatewayId":"igw-1"}]`, true},
		{"routes", `[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1"}]`, `[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-2"}]`, false},
		{"routes", `[{"DestinationPrefixListId":"pl-1","GatewayId":"igw-1"}]`, `[]`, false},
		// Rules of network ACLs.
		{"entries", `[{"RuleNumber":"100","Protocol":"tcp","RuleAction":"ALLOW","Egress":false,"PortRange":{"From":"1","To":2},"Icmp":{"Type":0,"Code":0}}]`, `[{"RuleNumber":100,"Protocol":"6","RuleAction":"allow","PortRange":{"From":1,"To":2}}]`, true},
		{"entries", `[{"RuleNumber":1,"Protocol":"all","Egress":true,"PortRange":{"From":0,"To":0}}]`, `[{"RuleNumber":1,"Protocol":"-1","Egress":"true"}]`, true},
		{"entries", `[{"RuleNumber":32767,"Protocol":"-1"},{"RuleNumber":32768,"Protocol":"-1"}]`, `[]`, true},
		{"entries", `[{"RuleNumber":32766,"Protocol":"-1"}]`, `[]`, false},
		{"entries", `[{"RuleNumber":1,"Protocol":"1","Icmp":{"Type":8,"Code":0}}]`, `[{"RuleNumber":1,"Protocol":"icmp","Icmp":{"Type":0,"Code":0}}]`, false},
		{"entries", `[{"RuleNumber":1,"Egress":true}]`, `[{"RuleNumber":1,"Egress":false}]`, false},
		// Inline policies.
		{"policies", `[{"PolicyName":"n","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Action\":\"S3:Get\"}}"}]`, `[{"PolicyDocument":{"Statement":[{"Action":["s3:get"]}],"Version":"2012-10-17"},"PolicyName":"n"}]`, true},
		{"policies", `[{"PolicyName":"n","PolicyDocument":{"Statement":[]}}]`, `[{"PolicyName":"m","PolicyDocument":{"Statement":[]}}]`, false},
		{"policies", `[{"PolicyName":"n","PolicyDocument":{"Statement":[{"Action":"*"}]}}]`, `[{"PolicyName":"n","PolicyDocument":{"Statement":[]}}]`, false},
		// Others.
		{"sparse", `[{"a":{"b":false,"c":""},"d":1}]`, `[{"d":1}]`, true},
		{"sparse", `[{"d":0}]`, `[{}]`, false},
		{"sparse", `[{"d":true}]`, `[{}]`, false},
		{"scope, set", `["cloud-platform"]`, `["https://www.googleapis.com/auth/cloud-platform"]`, true},
		{"scope", `"compute-ro"`, `"https://www.googleapis.com/auth/compute"`, false},
		{"ports", `"80-80"`, `"80"`, true},
		{"ports", `80`, `"80-80"`, true},
		{"ports", `"80-81"`, `"80"`, false},
		{"ports", `"-"`, `""`, false},
		{"rate", `"rate(1 hour)"`, `"rate(60 minutes)"`, true},
		{"rate", `"rate(1 day)"`, `"rate(24 hours)"`, true},
		{"rate", `"rate(1 minute)"`, `"rate(1 minutes)"`, true},
		{"rate", `"rate(1 hour)"`, `"rate(61 minutes)"`, false},
		{"rate", `"rate(0 hours)"`, `"rate(0 days)"`, false},
		{"rate", `"cron(0 1 * * ? *)"`, `"cron(0 2 * * ? *)"`, false},
		{"s3n", `"s3n://logs/a"`, `"s3://logs/a"`, true},
		{"s3n", `"s3n://logs/a"`, `"s3://logs/b"`, false},
		{"image", `"debian-cloud/debian-12"`, `"https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-bookworm-v20260115"`, true},
		{"image", `"projects/debian-cloud/global/images/family/debian-12"`, `"projects/debian-cloud/global/images/debian-12-bookworm-v20260115"`, true},
		{"image", `"debian-12"`, `"projects/debian-cloud/global/images/debian-11-bullseye-v20260115"`, false},
		{"image", `"acme/app"`, `"projects/acme/global/images/app-new-version"`, false},
		{"image", `"other/debian-12"`, `"projects/debian-cloud/global/images/debian-12-bookworm-v20260115"`, false},
		{"image", `"projects/acme/global/images/a"`, `"a"`, true},
	}
}

func TestForms(t *testing.T) {
	for _, tt := range formCases() {
		a := Attribute{Comparator: tt.compare}
		if Equal(a, tt.a, tt.b) != tt.equal || Equal(a, tt.b, tt.a) != tt.equal {
			t.Errorf("%s: Equal(%s, %s) is %t, and the other way round %t, want %t", tt.compare, tt.a, tt.b, Equal(a, tt.a, tt.b), Equal(a, tt.b, tt.a), tt.equal)
		}
		for _, v := range []inventory.Value{tt.a, tt.b} {
			if once := Normalize(a, v); Normalize(a, once) != once || !Equal(a, v, once) {
				t.Errorf("%s: the normal form of %s is %s, and that of this another", tt.compare, v, once)
			}
		}
	}
}

// FuzzForms: the comparators that read texts and objects never fail, agree with themselves in both directions and find every value
// equal to its own normal form.
func FuzzForms(f *testing.F) {
	for _, tt := range formCases() {
		f.Add(string(tt.a), string(tt.b))
	}
	f.Add(`[{"IpProtocol":"","FromPort":""}]`, `["x",{"RuleNumber":1e9}]`)
	f.Fuzz(func(t *testing.T, left, right string) {
		x, err := inventory.ParseValue([]byte(left))
		y, err2 := inventory.ParseValue([]byte(right))
		if err != nil || err2 != nil {
			t.Skip()
		}
		for _, name := range []string{"rules", "routes", "entries", "policies", "sparse", "scope", "ports", "rate", "image", "s3n", "policy", "json", "cidr"} {
			a := Attribute{Comparator: name}
			if Equal(a, x, y) != Equal(a, y, x) || !Equal(a, x, x) {
				t.Fatalf("%s: Equal(%s, %s) is not symmetric or not reflexive", name, x, y)
			}
			if once := Normalize(a, x); Normalize(a, once) != once || !Equal(a, x, once) {
				t.Fatalf("%s: the normal form of %s is %s, and that of this another", name, x, once)
			}
		}
	})
}
