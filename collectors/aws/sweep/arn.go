package sweep

import (
	"strings"

	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory/catalog"
)

// arn is the name of what the sweep finds. The region "global", which some services write, is none.
type arn catalog.ARN

// parseARN reads a name. It is false for what is no ARN, or has a service that is no word: types are made of it.
func parseARN(text string) (arn, bool) {
	a, ok := catalog.ParseARN(text)
	if !ok || !isName(a.Service) {
		return arn{}, false
	}
	if a.Region == "global" {
		a.Region = ""
	}
	return arn(a), true
}

// isName reports whether s is made of ASCII letters, digits, dashes, dots and underscores, as the names of services are.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != ""
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// name is what comes after the last colon or slash; a colon or slash at the very end does not count.
func (a arn) name() string {
	s := strings.TrimRight(a.Resource, ":/")
	return s[strings.LastIndexAny(s, ":/")+1:]
}

// parts cuts the resource at colons and slashes. That it begins or ends with one does not count.
func (a arn) parts() []string {
	return strings.FieldsFunc(strings.Trim(a.Resource, ":/"), func(r rune) bool { return r == ':' || r == '/' })
}

// west is where the services of "home" live that do not live in the partition's home region.
const west = "us-west-2"

// home is the one region in whose scope the resources of a service are that have no region, so that no two scopes hold the
// same one: where the service is called and the tagging API knows it. Source: "AWS service endpoints".
func home(partition, service string) string {
	switch service {
	case "globalaccelerator", "networkmanager", "route53-recovery-control", "route53-recovery-readiness":
		if partition == "aws" {
			return west
		}
	}
	return session.Home(partition)
}

// isHome reports whether a region is home to any service.
func isHome(partition, region string) bool {
	return region == session.Home(partition) || partition == "aws" && region == west
}
