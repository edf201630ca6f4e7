package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

func place(o inventory.Origin) string {
	parts := []string{}
	if o.File != "" {
		file := o.File
		if o.Line > 0 {
			file = fmt.Sprintf("%s:%d", file, o.Line)
		}
		parts = append(parts, file)
	}
	if o.Address != "" {
		parts = append(parts, o.Address)
	}
	if o.Layer != "" {
		parts = append(parts, "("+string(o.Layer)+")")
	}
	if o.Call != "" {
		parts = append(parts, o.Call)
	}
	return strings.Join(parts, " ")
}

func identifiers(e *inventory.Entry, kind inventory.IdentifierKind) string {
	var values []string
	for _, i := range e.Identifiers {
		if i.Kind == kind {
			values = append(values, i.Value)
		}
	}
	return strings.Join(values, " ")
}

func tagKeys(entries []*inventory.Entry) []string {
	var keys []string
	for _, e := range entries {
		for t := range e.Tags.All() {
			keys = append(keys, t.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func attributeNames(entries []*inventory.Entry) []string {
	var names []string
	for _, e := range entries {
		for a := range e.Attributes.All() {
			names = append(names, a.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// changed lists what differs between two versions of an asset; before may be nil.
func changed(before, after *inventory.Entry) []string {
	if before == nil || before.Source != after.Source || before.ID != after.ID {
		return []string{"first seen"}
	}
	var out []string
	compare := func(name, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s: %s → %s", name, orNone(a), orNone(b)))
		}
	}
	compare("type", string(before.Type), string(after.Type))
	compare("name", before.Name, after.Name)
	compare("account", before.Account, after.Account)
	compare("region", before.Region, after.Region)
	compare("zone", before.Zone, after.Zone)
	compare("lifecycle", string(before.Lifecycle), string(after.Lifecycle))
	compare("created", instant(before.Created), instant(after.Created))
	compare("shallow", fmt.Sprint(before.Shallow), fmt.Sprint(after.Shallow))
	compare("tags", before.Tags.State().String(), after.Tags.State().String())
	pair := []*inventory.Entry{before, after}
	for _, key := range tagKeys(pair) {
		compare("tag "+key, plainTag(before, key), plainTag(after, key))
	}
	for _, name := range attributeNames(pair) {
		a, _ := before.Attributes.Get(name)
		b, _ := after.Attributes.Get(name)
		compare(name, a.String(), b.String())
	}
	for _, kind := range inventory.IdentifierKinds() {
		compare(string(kind), identifiers(before, kind), identifiers(after, kind))
	}
	compare("relations", relations(before), relations(after))
	compare("found in", place(before.Origin), place(after.Origin))
	return out
}

// instant prints a time with all of its digits; unknown is empty.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func relations(e *inventory.Entry) string {
	list := make([]string, len(e.Relations))
	for i, r := range e.Relations {
		list[i] = string(r.Kind) + " " + r.Key
	}
	return strings.Join(list, ", ")
}

func plainTag(e *inventory.Entry, key string) string {
	t, _ := e.Tags.Get(key)
	return t.Value
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// moment reads a time; a day means its end.
func moment(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither a scan number nor a time: write 7, 2026-01-31 or 2026-01-31T02:00:00Z", s)
}
