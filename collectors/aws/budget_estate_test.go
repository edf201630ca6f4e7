package aws

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory"
)

// estate is a made-up account: how many of each type there are, by region; "" is what is global. Every fifth asset bears no tag.
type estate map[string]map[inventory.Type]held

func newEstate(s *awstest.Server) estate {
	e := estate{
		"": {
			"AWS::IAM::Role":  some(1500, 1000).withTags(),
			"AWS::S3::Bucket": {assets: 160, untagged: 32, page: 10000, regions: 2},
		},
		"us-east-1": {
			"AWS::EC2::Instance":                        some(2300, 1000).withTags(),
			"AWS::SQS::Queue":                           some(1250, 1000),
			"AWS::Lambda::Function":                     some(640, 50),
			"AWS::ElasticLoadBalancingV2::LoadBalancer": some(450, 400),
			"AWS::ElasticLoadBalancingV2::Listener":     {assets: 450, untagged: 90, page: 450, lists: 2},
			"AWS::ECR::Repository":                      some(130, 1000),
			"AWS::Logs::LogGroup":                       some(420, 50),
		},
		"eu-west-1": {
			"AWS::EC2::Instance":   some(5, 1000).withTags(),
			"AWS::SQS::Queue":      some(5, 1000),
			"AWS::ECR::Repository": some(5, 1000),
		},
	}
	for typ, answer := range map[inventory.Type]struct {
		operation string
		body      func(region string, from, to int, next string) string
	}{
		"AWS::EC2::Instance":                        {"ec2:DescribeInstances", instancesBody},
		"AWS::SQS::Queue":                           {"sqs:ListQueues", queuesBody},
		"AWS::Lambda::Function":                     {"lambda:GET /2015-03-31/functions", functionsBody},
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {"elasticloadbalancing:DescribeLoadBalancers", balancersBody},
		"AWS::ECR::Repository":                      {"ecr:DescribeRepositories", repositoriesBody},
		"AWS::Logs::LogGroup":                       {"logs:DescribeLogGroups", logGroupsBody},
	} {
		s.On(answer.operation, e.pages(typ, answer.body))
	}
	s.On("iam:GetAccountAuthorizationDetails", e.pages("AWS::IAM::Role", detailsBody))
	s.On("iam:ListRoles", e.pages("AWS::IAM::Role", rolesBody))
	s.On("sqs:GetQueueAttributes", func(c awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"Attributes":{"QueueArn":"` + queueARN(c) + `"}}`}
	})
	s.On("elasticloadbalancing:DescribeListeners", listenerBody)
	s.On("elasticloadbalancing:DescribeTags", balancerTags)
	s.On("ecr:ListTagsForResource", func(awstest.Call) awstest.Answer { return awstest.Answer{Body: `{"tags":[]}`} })
	s.On("tagging:GetResources", e.tagging)
	s.Otherwise = e.rest
	return e
}

// some are assets of which every fifth is untagged.
func some(n, page int) held { return held{assets: n, untagged: pieces(n, 5), page: page} }

func (h held) withTags() held { h.inline = true; return h }

// holds tells what a scope holds. The sweep goes through all that bears a tag, and asks Resource Explorer.
func (e estate) holds(region string, typ inventory.Type) held {
	if typ == sweep.Type {
		return held{page: 1}
	}
	h, ok := e[region][typ]
	if !ok {
		h.page = 1
	}
	return h
}

// hasTags reports whether the asset with a number bears tags.
func hasTags(i int) bool { return i%5 != 0 }

// pages answers a list call with the page that it asks for.
func (e estate) pages(typ inventory.Type, body func(region string, from, to int, next string) string) func(awstest.Call) awstest.Answer {
	return func(c awstest.Call) awstest.Answer {
		region := c.Region
		if c.Service == "iam" {
			region = ""
		}
		h := e[region][typ]
		if h.assets == 0 || ofAnother(c) {
			return awstest.Nothing(c)
		}
		from, next := 0, ""
		for i := 1; i*h.page < h.assets; i++ {
			if strings.Contains(c.Body, awstest.PageToken(i)) {
				from = i * h.page
			}
		}
		to := min(from+h.page, h.assets)
		if to < h.assets {
			next = awstest.PageToken(to / h.page)
		}
		return awstest.Answer{Body: body(c.Region, from, to, next)}
	}
}

// ofAnother reports whether a call is about a type that goes by the same operation: users beside roles, classic load balancers.
func ofAnother(c awstest.Call) bool {
	return c.Operation == "GetAccountAuthorizationDetails" && !strings.Contains(c.Body, "=Role") ||
		c.Service == "elasticloadbalancing" && strings.Contains(c.Body, "Version=2012-06-01")
}

// join joins what item makes of each number.
func join(from, to int, sep string, item func(i int) string) string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, item(i))
	}
	return strings.Join(list, sep)
}

func instancesBody(_ string, from, to int, next string) string {
	return "<DescribeInstancesResponse><reservationSet><item><ownerId>" + awstest.Account + "</ownerId><instancesSet>" + join(from, to, "", func(i int) string {
		tags := ""
		if hasTags(i) {
			tags = "<tagSet><item><key>owner</key><value>payments</value></item></tagSet>"
		}
		return fmt.Sprintf("<item><instanceId>i-%017x</instanceId>%s</item>", i, tags)
	}) + "</instancesSet></item></reservationSet><nextToken>" + next + "</nextToken></DescribeInstancesResponse>"
}

func queuesBody(region string, from, to int, next string) string {
	return `{"QueueUrls":[` + join(from, to, ",", func(i int) string {
		return fmt.Sprintf(`"https://sqs.%s.amazonaws.com/%s/%s"`, region, awstest.Account, numbered(i))
	}) + `],"NextToken":"` + next + `"}`
}

// numbered names what has a number so that its name tells whether it bears tags.
func numbered(i int) string { return fmt.Sprintf("thing-%d-%t", i, hasTags(i)) }

func functionsBody(region string, from, to int, next string) string {
	return `{"Functions":[` + join(from, to, ",", func(i int) string {
		return fmt.Sprintf(`{"FunctionArn":"arn:aws:lambda:%s:%s:function:%s","FunctionName":"f"}`, region, awstest.Account, numbered(i))
	}) + `],"NextMarker":"` + next + `"}`
}

func balancersBody(region string, from, to int, next string) string {
	return "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers>" + join(from, to, "", func(i int) string {
		return fmt.Sprintf("<member><LoadBalancerArn>arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/%s/50dc6c495c0c9188</LoadBalancerArn></member>",
			region, awstest.Account, numbered(i))
	}) + "</LoadBalancers><NextMarker>" + next + "</NextMarker></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
}

// listenerBody is the one listener of a load balancer.
func listenerBody(c awstest.Call) awstest.Answer {
	arn := strings.Replace(arnsIn(c.Body)[0], ":loadbalancer/", ":listener/", 1) + "/f2f7dc8efc522ab2"
	return awstest.Answer{Body: "<DescribeListenersResponse><DescribeListenersResult><Listeners><member><ListenerArn>" + arn +
		"</ListenerArn></member></Listeners></DescribeListenersResult></DescribeListenersResponse>"}
}

func balancerTags(c awstest.Call) awstest.Answer {
	var b strings.Builder
	for _, arn := range arnsIn(c.Body) {
		b.WriteString("<member><ResourceArn>" + arn + "</ResourceArn><Tags>")
		if strings.Contains(arn, "-true") {
			b.WriteString("<member><Key>owner</Key><Value>payments</Value></member>")
		}
		b.WriteString("</Tags></member>")
	}
	return awstest.Answer{Body: "<DescribeTagsResponse><DescribeTagsResult><TagDescriptions>" + b.String() + "</TagDescriptions></DescribeTagsResult></DescribeTagsResponse>"}
}

func repositoriesBody(region string, from, to int, next string) string {
	return `{"repositories":[` + join(from, to, ",", func(i int) string {
		return fmt.Sprintf(`{"repositoryArn":"arn:aws:ecr:%s:%s:repository/%s","repositoryName":"r"}`, region, awstest.Account, numbered(i))
	}) + `],"nextToken":"` + next + `"}`
}

func logGroupsBody(region string, from, to int, next string) string {
	return `{"logGroups":[` + join(from, to, ",", func(i int) string {
		return fmt.Sprintf(`{"logGroupArn":"arn:aws:logs:%s:%s:log-group:%s","logGroupName":"g"}`, region, awstest.Account, numbered(i))
	}) + `],"nextToken":"` + next + `"}`
}

func detailsBody(_ string, from, to int, next string) string {
	return "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><RoleDetailList>" + join(from, to, "", func(i int) string {
		tags := ""
		if hasTags(i) {
			tags = "<Tags><member><Key>owner</Key><Value>payments</Value></member></Tags>"
		}
		return "<member>" + roleBody(i) + tags + "</member>"
	}) + "</RoleDetailList><Marker>" + next + "</Marker></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
}

func rolesBody(_ string, from, to int, next string) string {
	return "<ListRolesResponse><ListRolesResult><Roles>" + join(from, to, "", func(i int) string { return "<member>" + roleBody(i) + "</member>" }) +
		"</Roles><Marker>" + next + "</Marker></ListRolesResult></ListRolesResponse>"
}

func roleBody(i int) string {
	return fmt.Sprintf("<Arn>arn:aws:iam::%s:role/%s</Arn><RoleName>%[2]s</RoleName>", awstest.Account, numbered(i))
}

// rest answers for buckets, half of which are in each region and all of which keep versions. All else holds nothing.
func (e estate) rest(c awstest.Call) awstest.Answer {
	switch {
	case c.Service != "s3":
		return awstest.Nothing(c)
	case c.Operation == "GET /":
		return awstest.Answer{Body: "<ListAllMyBucketsResult><Buckets>" + join(0, e[""]["AWS::S3::Bucket"].assets, "", func(i int) string {
			region := []string{"us-east-1", "eu-west-1"}[i/5%2]
			return "<Bucket><Name>" + numbered(i) + "</Name><BucketRegion>" + region + "</BucketRegion></Bucket>"
		}) + "</Buckets></ListAllMyBucketsResult>"}
	case strings.Contains(c.Body, "versioning"):
		return awstest.Answer{Body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"}
	case strings.Contains(c.Body, "object-lock"):
		return awstest.Answer{Status: http.StatusNotFound, Code: "ObjectLockConfigurationNotFoundError"}
	}
	return awstest.Nothing(c)
}

// tagging answers for the names that it is asked about. To the sweep of a region it has nothing to tell.
func (e estate) tagging(c awstest.Call) awstest.Answer {
	var list []string
	for _, arn := range slices.Compact(arnsIn(c.Body)) {
		if strings.Contains(arn, "-true") {
			list = append(list, `{"ResourceARN":"`+arn+`","Tags":[{"Key":"owner","Value":"payments"}]}`)
		}
	}
	return awstest.Answer{Body: `{"ResourceTagMappingList":[` + strings.Join(list, ",") + `],"PaginationToken":""}`}
}

// arnsIn returns the ARNs in the body of a call.
func arnsIn(body string) []string {
	body = strings.NewReplacer("%3A", ":", "%2F", "/").Replace(body)
	fields := strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune(`"&=,[]{}`, r) })
	return slices.DeleteFunc(fields, func(f string) bool { return !strings.HasPrefix(f, "arn:") })
}
