package session

import "github.com/muster-audit/muster/collectors/pace"

// limits keeps a token bucket per account, region and service, which all scopes that call there share.
type limits = pace.Buckets[place]

type place struct{ account, region, service string }

func newLimits() *limits { return pace.New(func(p place) pace.Quota { return quotaOf(p.service) }) }

// quotaOf returns the quota of a service, by the id that its SDK package gives it: what AWS publishes for calls that read, or
// less, since others use the account too. Sources: "Request throttling for the Amazon EC2 API" (100 tokens, 20 a second); "IAM
// and STS quotas"; the quota pages of Route 53, CloudFront and WAF (5 a second), of Lambda (15 a second for calls that read the
// configuration), and of Kinesis (5 a second).
func quotaOf(service string) pace.Quota {
	switch service {
	case "EC2":
		return pace.Quota{PerSecond: 20, Burst: 100}
	case "IAM":
		return pace.Quota{PerSecond: 15, Burst: 30}
	case "Lambda":
		return pace.Quota{PerSecond: 15, Burst: 15}
	case "Route 53", "CloudFront", "WAFV2", "Kinesis":
		return pace.Quota{PerSecond: 5, Burst: 5}
	case "Organizations":
		return pace.Quota{PerSecond: 5, Burst: 10}
	case "Resource Groups Tagging API":
		return pace.Quota{PerSecond: 10, Burst: 10}
	case "S3", "DynamoDB", "SQS", "STS":
		return pace.Quota{PerSecond: 50, Burst: 100}
	}
	return pace.Quota{PerSecond: 15, Burst: 40}
}
