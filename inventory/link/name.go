package link

import (
	"bytes"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// isGlobalName reports whether a key is a name that its provider gives out once in the world.
func isGlobalName(key string) bool {
	return strings.HasPrefix(key, "arn:") || strings.HasPrefix(key, "//") || isGoogleURL(key)
}

func isGoogleURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		return false
	}
	host, _, ok := strings.Cut(rest, "/")
	return ok && strings.HasSuffix(host, ".googleapis.com")
}

// name takes an ARN, a Google full resource name or a Google self link, and reports whether it is one.
func (n *normaliser) name(id *inventory.Identity, v string) bool {
	raw := v
	if isGoogleURL(v) {
		v = fullResourceName(v)
	}
	v = strings.TrimSuffix(v, ":*") // the ARN of a log group, as some calls spell it
	if !strings.HasPrefix(v, "arn:") && !strings.HasPrefix(v, "//") {
		return false
	}
	n.emit(byName, raw, v)
	if _, instance, ok := strings.Cut(v, ":instance/"); ok && strings.Contains(v, ":ec2:") {
		n.instance(id, inventory.Identifier{Kind: inventory.ARN, Value: raw}, instance)
	}
	return true
}

// fullResourceName turns a Google self link into the full resource name of the same resource: host and API version say
// how it was asked for and not what it is.
func fullResourceName(link string) string {
	host, path, _ := strings.Cut(strings.TrimPrefix(link, "https://"), "/")
	service := strings.TrimSuffix(host, ".googleapis.com")
	first, rest, ok := strings.Cut(path, "/")
	if ok && !isAPIVersion(first) { // www.googleapis.com/compute/v1/… and compute.googleapis.com/compute/v1/…
		if version, tail, ok := strings.Cut(rest, "/"); ok && isAPIVersion(version) {
			service, rest = first, tail
		} else {
			rest = path
		}
	}
	if service == "storage" {
		rest = strings.TrimPrefix(rest, "b/")
	}
	return "//" + service + ".googleapis.com/" + rest
}

func isAPIVersion(s string) bool {
	return s == "alpha" || s == "beta" || len(s) >= 2 && s[0] == 'v' && s[1] >= '0' && s[1] <= '9'
}

// nameClass returns the part of an ARN or full resource name that says what sort of thing it names: "ec2:instance",
// "compute.googleapis.com:instances". Names of two classes can belong to one thing, of one class cannot.
func nameClass(name []byte) []byte {
	if rest, ok := bytes.CutPrefix(name, []byte("//")); ok {
		return googleClass(rest)
	}
	fields := bytes.SplitN(name, []byte(":"), 6)
	if len(fields) < 6 {
		return fields[0]
	}
	kind := fields[5]
	if i := bytes.IndexAny(kind, "/:"); i >= 0 {
		kind = kind[:i]
	} else {
		kind = nil // as for a bucket or a queue, the whole of it is the name
	}
	return bytes.Join([][]byte{fields[2], kind}, []byte(":"))
}

func googleClass(rest []byte) []byte {
	parts := bytes.Split(rest, []byte("/"))
	if len(parts) < 3 {
		return parts[0]
	}
	return bytes.Join([][]byte{parts[0], parts[len(parts)-2]}, []byte(":"))
}
