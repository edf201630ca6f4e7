package catalog

import "strings"

// ARN is the name that AWS gives a resource, taken apart: arn:partition:service:region:account:resource. Reference: "Amazon Resource
// Names" of the IAM user guide.
type ARN struct {
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Service   string // "rds"
	Region    string // empty where the service leaves it out, and "global" with some
	Account   string // empty where the service leaves it out, as S3 does, and a word where AWS owns the resource: "aws"
	Resource  string // all that follows, with its colons and slashes: "db:main"
}

// ParseARN takes an ARN apart. It is false for what has not all six parts, or no partition, service or resource. What the parts are
// made of is not looked at.
func ParseARN(s string) (ARN, bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, false
	}
	return ARN{Partition: p[1], Service: p[2], Region: p[3], Account: p[4], Resource: p[5]}, true
}

// String puts the parts together.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}
