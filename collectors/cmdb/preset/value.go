package preset

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Value returns what an attribute's cell holds: a text, a number or a time. An empty cell is null, and one that cannot be
// read as what it should be is unread.
func (a *Attribute) Value(cell string, dates DateRules) inventory.Value {
	cell = strings.TrimSpace(cell)
	switch {
	case cell == "":
		return inventory.Null
	case a.Kind == KindNumber:
		return a.number(cell)
	case a.Kind == KindDate:
		t, ok := dates.Parse(cell)
		if !ok {
			return inventory.Unread
		}
		return inventory.StringValue(t.Format(time.RFC3339))
	case a.Kind == KindReference && isRecordID(cell):
		return inventory.Unread
	}
	return inventory.StringValue(cell)
}

// isRecordID reports whether a text is the id of a record of ServiceNow: 32 hexadecimal digits.
func isRecordID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

func (a *Attribute) number(cell string) inventory.Value {
	text, unit := cutUnit(cell)
	n, ok := Number(text)
	if !ok {
		return inventory.Unread
	}
	if a.Unit == "" {
		if unit != "" {
			return inventory.Unread
		}
		return numberValue(n)
	}
	if unit == "" {
		unit = a.Unit
	}
	factor, ok := mebibytes(unit)
	if !ok {
		return inventory.Unread
	}
	return numberValue(n * factor)
}

func numberValue(n float64) inventory.Value {
	if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return inventory.IntValue(int64(n))
	}
	return inventory.Value(strconv.FormatFloat(n, 'f', -1, 64))
}

// cutUnit takes the letters behind a number off.
func cutUnit(s string) (number, unit string) {
	number = strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	return strings.TrimSpace(number), s[len(number):]
}

// mebibytes is how many MiB a unit is. The makers of registers mean powers of two, whatever they write.
func mebibytes(unit string) (float64, bool) {
	switch strings.ToLower(unit) {
	case "kib", "kb":
		return 1.0 / 1024, true
	case "mib", "mb":
		return 1, true
	case "gib", "gb":
		return 1024, true
	case "tib", "tb":
		return 1024 * 1024, true
	}
	return 0, false
}

// Number reads a number with a point or a comma before its decimals, or with groups of three digits between which stand
// points, commas, apostrophes or spaces: "2.00", "16,384", "1.048.576". Three digits behind one sign are a group.
func Number(s string) (float64, bool) {
	s = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(s)
	for _, separator := range []string{",", ".", "'", " "} {
		if parts := strings.Split(s, separator); len(parts) > 1 && grouped(parts) {
			return parseDigits(strings.Join(parts, ""))
		}
	}
	s = strings.Replace(s, ",", ".", 1)
	whole, rest, _ := strings.Cut(s, ".")
	if !digits(whole) || rest != "" && !digits(rest) {
		return 0, false
	}
	return parseDigits(s)
}

func grouped(parts []string) bool {
	for i, p := range parts {
		if !digits(p) || i > 0 && len(p) != 3 || i == 0 && (len(p) > 3 || p[0] == '0') {
			return false
		}
	}
	return true
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func parseDigits(s string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "."), 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// location is the zone of times without one.
func (d DateRules) location() (*time.Location, error) {
	switch {
	case d.Zone == "" || d.Zone == "UTC":
		return time.UTC, nil
	case strings.ContainsAny(d.Zone[:1], "+-"):
		t, err := time.Parse("-07:00", d.Zone)
		if err != nil {
			return nil, fmt.Errorf("%q: want UTC, +02:00 or a name such as Europe/Berlin", d.Zone)
		}
		_, offset := t.Zone()
		return time.FixedZone(d.Zone, offset), nil
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil || d.Zone == "Local" {
		return nil, fmt.Errorf("%q: want UTC, +02:00 or a name such as Europe/Berlin", d.Zone)
	}
	return zone, nil
}

// Parse reads a time, in UTC, and false if it is none. What has no zone is taken for one of the rules' zone.
func (d DateRules) Parse(s string) (time.Time, bool) {
	zone, err := d.location()
	if err != nil { // validated before
		return time.Time{}, false
	}
	layouts := make([]string, 0, len(d.Formats)+5)
	for _, f := range d.Formats {
		layouts = append(layouts, strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05").Replace(f))
	}
	layouts = append(layouts, time.DateTime, "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00", time.DateOnly)
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), zone); err == nil && t.Year() > 1 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Name returns the system that a value names, in lower case; empty if it names none.
func (s *Systems) Name(value string) string {
	value = strings.TrimSpace(value)
	if isOne(s.None, value) {
		return ""
	}
	for _, p := range s.Prefixes {
		if len(value) > len(p) && strings.EqualFold(value[:len(p)], p) {
			value = value[len(p):]
			break
		}
	}
	return strings.ToLower(value)
}

// Cell returns a cell as the tool meant it: without the apostrophe that hides a formula, and empty where the tool writes a
// text for nothing.
func (c *Clean) Cell(cell []byte) []byte {
	if c.Apostrophe && len(cell) > 1 && cell[0] == '\'' && strings.IndexByte("+-=@", cell[1]) >= 0 {
		cell = cell[1:]
	}
	for _, e := range c.Empty {
		if string(cell) == e {
			return nil
		}
	}
	return cell
}

// Changes reports whether cells are cleaned at all.
func (c *Clean) Changes() bool { return c.Apostrophe || len(c.Empty) > 0 }
