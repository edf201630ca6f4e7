package terraform

import "strings"

// arn is the parts of an ARN that say where an asset is. Account and Region are empty where the service leaves them out.
type arn struct{ partition, region, account string }

// parseARN takes an ARN apart; it is false for anything else.
func parseARN(s string) (arn, bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return arn{}, false
	}
	a := arn{partition: parts[1], region: parts[3], account: parts[4]}
	if !accountID(a.account) {
		a.account = ""
	}
	return a, true
}

// accountID reports whether s is an AWS account id. ARNs of what AWS owns hold a word instead.
func accountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// canonicalARN returns an ARN as its provider's API gives it: a log group's has no ":*".
func canonicalARN(s string) string {
	if strings.Contains(s, ":log-group:") {
		return strings.TrimSuffix(s, ":*")
	}
	return s
}
