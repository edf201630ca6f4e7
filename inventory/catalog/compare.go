package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// comparator is one way to look through a difference that means nothing.
type comparator struct {
	name, help string
	// normal returns the form that all equal values share. normal(normal(x)) is normal(x).
	normal func(any) any
	// same compares two texts that normalisation cannot bring together; nil if it can.
	same func(a, b string) bool
}

// comparators are applied in this order, whatever the order in which a row names them.
func comparators() []comparator {
	return []comparator{
		{name: "exact", help: "the same JSON value; the default"},
		{name: "ordered", help: "a list whose order matters; the same as exact, said aloud"},
		{name: "json", help: "a JSON text in a string is its value; numbers and truth values in strings are themselves", normal: looseJSON},
		{name: "policy", help: "an IAM policy document, URL-encoded or not, by its meaning", normal: policy},
		{name: "num", help: `"100", "100.0" and 100 are one number`, normal: leaves(number)},
		{name: "bool", help: `"true", "1", "on", "yes" and "enabled" in any case are true, their opposites false`, normal: leaves(truth)},
		{name: "dur", help: `"60s", "60.0s" and "1m" are one duration`, normal: texts(duration)},
		{name: "ci", help: "case does not matter", normal: texts(strings.ToLower)},
		{name: "dot", help: "a trailing dot or slash does not matter", normal: texts(trimEnd)},
		{name: "scope", help: `a short name of an OAuth scope, "compute-ro", is its URL`, normal: texts(scope)},
		{name: "s3n", help: `"s3n://logs" and "s3a://logs" are "s3://logs"`, normal: texts(storageURL)},
		{name: "ports", help: `a range of one port, "80-80", is the port`, normal: leaves(portRange)},
		{name: "rate", help: `"rate(1 hour)" and "rate(60 minutes)" are one rate`, normal: texts(rate)},
		{name: "sparse", help: `members of objects that are null, "", false, [] or {} count as absent, however deep`, normal: sparse},
		{name: "rules", help: "rules of a security group by protocol, ports and peer, whatever their order", normal: groupRuleSet},
		{name: "routes", help: "routes by destination and target, whatever their order; not those that AWS keeps", normal: routeSet},
		{name: "entries", help: "rules of a network ACL by number, whatever their order; not those that AWS keeps", normal: entrySet},
		{name: "policies", help: "named policy documents by their meaning, whatever their order", normal: policySet},
		{name: "cidr", help: `"10.0.0.1/8" is "10.0.0.0/8"; addresses in their shortest form`, normal: texts(prefix)},
		{name: "set", help: "a list without order and repetition", normal: set},
		{name: "zero", help: `null, "", 0, false, [] and {} are all unset`, normal: zero},
		{name: "keyver", help: "a version of a key of Cloud KMS is the key", normal: texts(withoutKeyVersion)},
		{
			name: "link", help: "a self link, full or relative name of a Google resource and its bare name, also in a list; never of two projects",
			normal: texts(reference), same: sameReference,
		},
		{name: "image", help: "a family of images of Google, in any spelling, is any image of it", normal: texts(reference), same: sameImage},
		{name: "arnname", help: "an ARN is the same as what stands at its end after a colon or slash", same: arnName},
		{name: "ver", help: `"8.0" and "8.0.x" are any "8.0.1", never "8.05"`, same: versionPrefix},
	}
}

// Comparators returns the names that Attribute.Comparator may hold and what each means, in the order in which they apply.
func Comparators() [][2]string {
	var out [][2]string
	for _, c := range comparators() {
		out = append(out, [2]string{c.name, c.help})
	}
	return out
}

// CheckComparator reports what is wrong with an Attribute's Comparator.
func CheckComparator(names string) error {
	for _, name := range split(names) {
		if !slices.ContainsFunc(comparators(), func(c comparator) bool { return c.name == name }) {
			return fmt.Errorf("unknown comparator %q", name)
		}
	}
	return nil
}

// Comparable reports whether two values can be compared at all: both were read, and neither or both of them hold the
// keyed hash of a secret in place of the secret.
func Comparable(a, b inventory.Value) bool {
	return a.IsRead() && b.IsRead() && hashed(a) == hashed(b)
}

func hashed(v inventory.Value) bool {
	for part := range strings.SplitSeq(string(v), `"`) {
		if inventory.IsSecretHash(part) {
			return true
		}
	}
	return false
}

// Equal reports whether a declared and an actual value mean the same. It is symmetric. Values that are not Comparable
// differ in nothing: callers that must tell equal from unknown ask that first.
func Equal(attr Attribute, declared, actual inventory.Value) bool {
	if declared == actual || !Comparable(declared, actual) {
		return true
	}
	a, b := Normalize(attr, declared), Normalize(attr, actual)
	if a == b {
		return true
	}
	chain := chosen(attr)
	same := func(x, y string) bool {
		return slices.ContainsFunc(chain, func(c comparator) bool { return c.same != nil && c.same(x, y) })
	}
	switch x := a.Decode().(type) {
	case string:
		y, ok := b.Decode().(string)
		return ok && same(x, y)
	case []any:
		y, ok := b.Decode().([]any)
		unordered := slices.ContainsFunc(chain, func(c comparator) bool { return c.name == "set" })
		return ok && paired(x, y, !unordered, same)
	}
	return false
}

// Normalize returns the form that all values share that are equal to v, save for what only a pair of values can tell
// (link, arnname, ver). An unset value becomes the attribute's default, if it has one. Unread stays unread.
func Normalize(attr Attribute, v inventory.Value) inventory.Value {
	if !v.IsRead() {
		return v
	}
	chain := chosen(attr)
	if len(chain) == 0 && !attr.Default.IsRead() {
		return v
	}
	for range mostRounds {
		next := normalOnce(attr, chain, v)
		if next == v {
			break
		}
		v = next
	}
	return v
}

// mostRounds bounds how often the comparators of one attribute are applied: one may uncover work for another, as a list
// in a JSON text does whose members end with dots.
const mostRounds = 5

func normalOnce(attr Attribute, chain []comparator, v inventory.Value) inventory.Value {
	x := normal(chain, v.Decode())
	if attr.Default.IsRead() && empty(x) {
		x = normal(chain, attr.Default.Decode())
	}
	out, err := inventory.ValueOf(x)
	if err != nil { // cannot happen: normalisers return what Decode yields
		return v
	}
	return out
}

func normal(chain []comparator, x any) any {
	for _, c := range chain {
		if c.normal != nil {
			x = c.normal(x)
		}
	}
	return x
}

func chosen(attr Attribute) []comparator {
	names := split(attr.Comparator)
	if len(names) == 0 {
		return nil
	}
	return slices.DeleteFunc(comparators(), func(c comparator) bool { return !slices.Contains(names, c.name) })
}

func split(names string) []string {
	var out []string
	for n := range strings.SplitSeq(names, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// leaves applies f to a scalar and to every scalar of a list.
func leaves(f func(any) any) func(any) any {
	return func(x any) any {
		items, ok := x.([]any)
		if !ok {
			return f(x)
		}
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = f(item)
		}
		return out
	}
}

// texts applies f to a string and to every string of a list.
func texts(f func(string) string) func(any) any {
	return leaves(func(x any) any {
		if s, ok := x.(string); ok {
			return f(s)
		}
		return x
	})
}

// empty reports whether nothing is set; 0 and false are something.
func empty(x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

func zero(x any) any {
	if empty(x) || x == false {
		return nil
	}
	if n, ok := x.(json.Number); ok && canonicalNumber(n.String()) == "0" {
		return nil
	}
	return x
}

func set(x any) any {
	items, ok := x.([]any)
	if !ok {
		return x
	}
	byText := make(map[inventory.Value]any, len(items))
	for _, item := range items {
		if text, err := inventory.ValueOf(item); err == nil {
			byText[text] = item
		}
	}
	keys := make([]inventory.Value, 0, len(byText))
	for k := range byText {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = byText[k]
	}
	return out
}

func truth(x any) any {
	switch strings.ToLower(text(x)) {
	case "true", "1", "on", "yes", "enabled":
		return true
	case "false", "0", "off", "no", "disabled":
		return false
	}
	return x
}

func number(x any) any {
	if s := text(x); isNumber(s) {
		return json.Number(canonicalNumber(s))
	}
	return x
}

// text returns a scalar as people write it, and "" for null, lists and objects.
func text(x any) string {
	switch x := x.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// isNumber reports whether s is a JSON number.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s))
}

// canonicalNumber returns the shortest decimal text of a JSON number, without losing a digit.
func canonicalNumber(s string) string {
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

func duration(s string) string {
	d, err := time.ParseDuration(s)
	if err != nil {
		return s
	}
	return d.String()
}

func trimEnd(s string) string { return strings.TrimRight(s, "./") }

// arnName reports whether one text is an ARN and the other what stands at its end after a colon or slash: "app", "alias/app" and
// "path/app".
func arnName(a, b string) bool {
	if strings.HasPrefix(a, "arn:") {
		a, b = b, a
	}
	if !strings.HasPrefix(b, "arn:") || strings.HasPrefix(a, "arn:") || a == "" {
		return false
	}
	return strings.HasSuffix(b, ":"+a) || strings.HasSuffix(b, "/"+a)
}

// withoutKeyVersion returns the name of a key of Cloud KMS, of itself or of one of its versions.
func withoutKeyVersion(s string) string {
	key, version, ok := strings.Cut(s, "/cryptoKeyVersions/")
	if !ok || !digits(version) {
		return s
	}
	return key
}

// versionPrefix reports whether one version is the beginning of the other. "6.x" is written for "6".
func versionPrefix(a, b string) bool {
	a, b = strings.TrimSuffix(a, ".x"), strings.TrimSuffix(b, ".x")
	if a == b {
		return a != ""
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.HasPrefix(b, a+".")
}
