package agents

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/hosts"
)

// Facts gives typed access to a record, by path; see hosts.At. What is of another type is not there.
type Facts map[string]any

// Text returns the first scalar that is there and not empty.
func (f Facts) Text(paths ...string) string {
	for _, p := range paths {
		x, _ := hosts.At(map[string]any(f), p)
		if s := hosts.Clean(hosts.Text(x)); s != "" {
			return s
		}
	}
	return ""
}

// Texts returns a list of texts, nil if it is not there. A single text is a list of one.
func (f Facts) Texts(path string) []string {
	x, _ := hosts.At(map[string]any(f), path)
	switch x := x.(type) {
	case string:
		return []string{x}
	case []any:
		list := []string{}
		for _, e := range x {
			if s := hosts.Text(e); s != "" {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

// Int returns the first whole number that is there, also where it is written as text.
func (f Facts) Int(paths ...string) int64 {
	for _, p := range paths {
		if n, err := strconv.ParseInt(f.Text(p), 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// Object returns an object, nil if it is not there.
func (f Facts) Object(path string) Facts {
	x, _ := hosts.At(map[string]any(f), path)
	m, _ := x.(map[string]any)
	return m
}

// Objects yields the objects in an object, by name.
func (f Facts) Objects(path string) map[string]Facts {
	out := map[string]Facts{}
	for name, x := range f.Object(path) {
		if m, ok := x.(map[string]any); ok {
			out[name] = m
		}
	}
	return out
}

// Has reports whether something, be it null, stands at a path.
func (f Facts) Has(path string) bool {
	_, ok := hosts.At(map[string]any(f), path)
	return ok
}

// Time returns a time: seconds since 1970 as a number, or RFC 3339 and its kin as text; zero for everything else.
func (f Facts) Time(path string) time.Time {
	x, _ := hosts.At(map[string]any(f), path)
	return TimeOf(x)
}

// TimeOf is Facts.Time of a value.
func TimeOf(x any) time.Time {
	switch x := x.(type) {
	case json.Number:
		return epoch(x.String())
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, strings.TrimSpace(x)); err == nil {
				return t.UTC()
			}
		}
		return epoch(x)
	}
	return time.Time{}
}

// epoch reads seconds since 1970, with a fraction.
func epoch(s string) time.Time {
	const year9999 = 253402300799
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > year9999 {
		return time.Time{}
	}
	whole, fraction := math.Modf(n)
	return time.Unix(int64(whole), int64(fraction*1e6)*1000).UTC()
}
