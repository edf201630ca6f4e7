// Package retag writes what sets the tags of assets: commands of their providers, ready for a person to run, and edits of the code that
// declares them. It runs nothing and changes no file.
package retag

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/shell"
)

// Command is the words of a command that sets tags of an asset and, if none are to be set, removes those with some keys. It is nil if no
// command is known for the asset, or if a name could not be written on a command line safely.
func Command(asset *inventory.Entry, set []inventory.Tag, remove []string) []string {
	words := awsCommand(asset, set, remove)
	if words == nil {
		words = googleCommand(asset, set, remove)
	}
	if slices.ContainsFunc(words, func(w string) bool { return !shell.Fits(w) }) {
		return nil
	}
	return words
}

// awsCommand uses the Resource Groups Tagging API, which takes ARNs of most services, or IAM's own.
func awsCommand(asset *inventory.Entry, set []inventory.Tag, remove []string) []string {
	isFlag := func(key string) bool { return strings.HasPrefix(key, "-") || isFile(key) }
	if !strings.HasPrefix(asset.Key, "arn:") || len(set) == 0 && slices.ContainsFunc(remove, isFlag) {
		return nil
	}
	if asset.Type == "AWS::AutoScaling::AutoScalingGroup" { // its tags say besides whether its instances get them
		return nil
	}
	if words, ok := iamCommand(asset, set, remove); ok {
		return words
	}
	if len(set) > 0 {
		return awsBatch([]string{asset.Key}, Region(asset), "", set)
	}
	words := []string{"aws", "resourcegroupstaggingapi", "untag-resources", "--resource-arn-list", asset.Key}
	if region := Region(asset); region != "" {
		words = append(words, "--region", region)
	}
	return append(append(words, "--tag-keys"), remove...)
}

// awsBatch sets tags of up to MaxBatch ARNs of one region.
func awsBatch(arns []string, region, profile string, set []inventory.Tag) []string {
	words := append([]string{"aws", "resourcegroupstaggingapi", "tag-resources", "--resource-arn-list"}, arns...)
	if region != "" {
		words = append(words, "--region", region)
	}
	if profile != "" {
		words = append(words, "--profile", profile)
	}
	return append(words, "--tags", awsTags(set))
}

// iamCommand is for users and roles, which the tagging API does not know
// (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html).
func iamCommand(asset *inventory.Entry, set []inventory.Tag, remove []string) ([]string, bool) {
	kind, ok := map[inventory.Type]string{"AWS::IAM::Role": "role", "AWS::IAM::User": "user"}[asset.Type]
	if !ok {
		return nil, false
	}
	name := asset.Key[strings.LastIndexByte(asset.Key, '/')+1:]
	if name == "" || strings.HasPrefix(name, "-") || isFile(name) {
		return nil, true
	}
	words := []string{"aws", "iam", "tag-" + kind, "--" + kind + "-name", name}
	if len(set) == 0 {
		words[2] = "untag-" + kind
	}
	if region := Region(asset); region != "" { // the CLI asks for one even where the service has none
		words = append(words, "--region", region)
	}
	if len(set) == 0 {
		return append(append(words, "--tag-keys"), remove...), true
	}
	list := make([]map[string]string, len(set))
	for i, t := range set {
		list[i] = map[string]string{"Key": t.Key, "Value": t.Value}
	}
	return append(words, "--tags", jsonText(list)), true
}

// Region is the region whose API holds the tags of an asset; empty if nobody knows. Those of global services are held by one region of
// each partition.
func Region(asset *inventory.Entry) string {
	if asset.Region != "" && asset.Region != "global" {
		return asset.Region
	}
	arn := strings.SplitN(asset.Key, ":", 5)
	if len(arn) < 5 || asset.Region == "" && (arn[3] != "" || arn[2] == "s3") { // a bucket has a region, and its ARN does not tell it
		return ""
	}
	switch arn[1] {
	case "aws":
		if arn[2] == "globalaccelerator" {
			return "us-west-2"
		}
		return "us-east-1"
	case "aws-cn":
		return "cn-northwest-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return ""
}

// awsTags writes tags in the AWS CLI's short form, or in JSON where that would be ambiguous.
func awsTags(set []inventory.Tag) string {
	short := make([]string, len(set))
	tags := make(map[string]string, len(set))
	plain := true
	for i, t := range set {
		short[i], tags[t.Key] = t.Key+"="+t.Value, t.Value
		plain = plain && !strings.ContainsAny(t.Key+t.Value, `=,{}[]"' `) && !strings.HasPrefix(t.Key, "-") && !isFile(t.Key) && !strings.HasPrefix(t.Value, "@")
	}
	if plain {
		return strings.Join(short, ",")
	}
	return jsonText(tags)
}

// isFile reports whether the AWS CLI would take a word for the place of a file to read.
func isFile(word string) bool {
	return strings.HasPrefix(word, "file://") || strings.HasPrefix(word, "fileb://") || strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://")
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // cannot happen: strings have a JSON form
		return ""
	}
	return string(text)
}
