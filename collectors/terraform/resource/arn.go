package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// placeOf returns the place that an ARN names, as far as it names one; the zero place for what is no ARN.
func placeOf(text string) place {
	a, _ := catalog.ParseARN(text)
	p := place{partition: a.Partition, region: a.Region}
	if accountID(a.Account) {
		p.account = a.Account
	}
	return p
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
