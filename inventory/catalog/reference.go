package catalog

import (
	"slices"
	"strings"
)

// reference returns the canonical form of a self link or a full resource name, and any other text as it is but for slashes
// around it. See FullName.
func reference(s string) string {
	if name, ok := FullName("", s, nil); ok {
		return name
	}
	return strings.Trim(s, "/")
}

// sameReference reports whether two texts, as reference returns them, name the same resource of Google: one is the other,
// or stands at its end after a slash, as relative names and bare ones do. Names in different projects are different, but a
// project's number may be anybody's id.
func sameReference(a, b string) bool {
	hostA, a := cutHost(a)
	hostB, b := cutHost(b)
	if a == "" || b == "" || hostA != "" && hostB != "" && hostA != hostB {
		return false
	}
	if strings.HasPrefix(a, "projects/") && strings.HasPrefix(b, "projects/") {
		projectA, a, _ := strings.Cut(strings.TrimPrefix(a, "projects/"), "/")
		projectB, b, _ := strings.Cut(strings.TrimPrefix(b, "projects/"), "/")
		return a == b && (projectA == projectB || digits(projectA) != digits(projectB))
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || strings.HasSuffix(b, "/"+a)
}

// cutHost returns the service and the rest of a full name, and no service of anything else.
func cutHost(s string) (host, path string) {
	rest, ok := strings.CutPrefix(s, "//")
	if !ok {
		return "", s
	}
	host, path, _ = strings.Cut(rest, "/")
	return host, path
}

// mostPaired bounds the lists whose members are paired: each is held against each.
const mostPaired = 500

// paired reports whether each text of one list has a partner of its own in the other: the one at its place, or any if order
// does not matter.
func paired(a, b []any, ordered bool, same func(a, b string) bool) bool {
	if len(a) != len(b) || len(a) > mostPaired {
		return false
	}
	fits := func(i, j int) bool {
		x, isText := a[i].(string)
		y, both := b[j].(string)
		return isText && both && (x == y || same(x, y))
	}
	if ordered {
		for i := range a {
			if !fits(i, i) {
				return false
			}
		}
		return true
	}
	partner := slices.Repeat([]int{-1}, len(b)) // of b's members, in a
	for i := range a {
		if !pair(i, fits, partner, make([]bool, len(b))) {
			return false
		}
	}
	return true
}

// pair finds a partner for i and, where all that fit are taken, another one for their partners.
func pair(i int, fits func(i, j int) bool, partner []int, tried []bool) bool {
	for j := range partner {
		if tried[j] || !fits(i, j) {
			continue
		}
		tried[j] = true
		if partner[j] < 0 || pair(partner[j], fits, partner, tried) {
			partner[j] = i
			return true
		}
	}
	return false
}
