package cloudformation

import (
	_ "embed" // for the table
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

//go:embed names.tsv
var namesTable string

// naming says how the resources of a type are named.
type naming struct {
	arn      string // template; empty if the physical id does not tell the ARN
	property string // with the name that people give; empty if the service gives one
	isID     bool   // the physical id is the service's own id of the resource too
}

// readNames reads the table of names.
func readNames() map[inventory.Type]naming {
	table := map[inventory.Type]naming{}
	for line := range strings.Lines(namesTable) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) != 4 || strings.HasPrefix(line, "#") {
			continue
		}
		table[inventory.Type(f[0])] = naming{arn: dash(f[1]), property: dash(f[2]), isID: f[3] == "yes"}
	}
	return table
}

func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// where is the place of a stack. What is empty is not known.
type where struct{ account, region, partition string }

// arnOf returns the ARN of what has a physical id, or will have a name; empty if that is not certain. path is the property Path of IAM's things.
func (n naming) arnOf(id string, at where, path string) string {
	if a, ok := catalog.ParseARN(id); ok {
		if a.Service == "logs" {
			return strings.TrimSuffix(id, ":*")
		}
		return id
	}
	switch {
	case n.arn == "" || id == "":
		return ""
	case strings.Contains(n.arn, "{p}") && at.partition == "",
		strings.Contains(n.arn, "{r}") && at.region == "",
		strings.Contains(n.arn, "{a}") && at.account == "",
		strings.Contains(n.arn, "{path}") && path == "":
		return ""
	}
	id = n.stored(id)
	return strings.NewReplacer(
		"{p}", at.partition, "{r}", at.region, "{a}", at.account, "{path}", path, "{id}", id, "{last}", id[strings.LastIndexByte(id, '/')+1:],
		"{slashed}", strings.ReplaceAll(id, "|", "/"), "{bare}", strings.TrimPrefix(id, "/"),
	).Replace(n.arn)
}

// stored returns a name as its service stores it.
func (n naming) stored(name string) string {
	for _, service := range []string{":rds:", ":elasticache:", ":redshift:"} {
		if strings.Contains(n.arn, service) {
			return strings.ToLower(name)
		}
	}
	return name
}

// partitionOf returns the partition of a region. Source: "Amazon Resource Names" of the IAM user guide.
func partitionOf(region string) string {
	switch {
	case region == "":
		return ""
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	case strings.HasPrefix(region, "us-iso"), strings.HasPrefix(region, "eu-iso"):
		return "" // there are several, and more to come
	}
	return "aws"
}
