package rules

import (
	"math/big"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// ValueType is what a value of a tag must be.
type ValueType string

// The types of values.
const (
	TypeDate     ValueType = "date"
	TypeDatetime ValueType = "datetime"
	TypeEmail    ValueType = "email"
	TypeURL      ValueType = "url"
	TypeARN      ValueType = "arn"
	TypeCIDR     ValueType = "cidr"
	TypeIP       ValueType = "ip"
	TypeInteger  ValueType = "integer"
	TypeNumber   ValueType = "number"
	TypeBoolean  ValueType = "boolean"
	TypeUUID     ValueType = "uuid"
)

// ValueTypes lists all types.
func ValueTypes() []ValueType {
	return []ValueType{
		TypeDate, TypeDatetime, TypeEmail, TypeURL, TypeARN, TypeCIDR, TypeIP, TypeInteger, TypeNumber, TypeBoolean, TypeUUID,
	}
}

// UnmarshalText accepts a name.
func (t *ValueType) UnmarshalText(text []byte) error {
	return oneOf(t, string(text), "type", ValueTypes())
}

// Form says how a value of the type is written.
func (t ValueType) Form() string {
	switch t {
	case TypeDate:
		return "a date as 2027-01-31"
	case TypeDatetime:
		return "a time as 2027-01-31T18:00:00Z"
	case TypeEmail:
		return "an e-mail address as team@example.com"
	case TypeURL:
		return "an address as https://example.com/x"
	case TypeARN:
		return "an ARN as arn:aws:iam::111122223333:role/app"
	case TypeCIDR:
		return "a network as 10.0.0.0/16"
	case TypeIP:
		return "an IP address as 10.0.0.4"
	case TypeInteger:
		return "a whole number as 30"
	case TypeNumber:
		return "a number as 0.5"
	case TypeBoolean:
		return "true or false"
	case TypeUUID:
		return "a UUID as 123e4567-e89b-12d3-a456-426614174000"
	}
	return string(t)
}

// IsTime reports whether values of the type are days or times.
func (t ValueType) IsTime() bool { return t == TypeDate || t == TypeDatetime }

// IsNumber reports whether values of the type are numbers.
func (t ValueType) IsNumber() bool { return t == TypeInteger || t == TypeNumber }

// Typed is a value of which only the order counts.
type Typed struct {
	Text   string // as it is written
	number *big.Rat
	time   time.Time
}

// Time is the day or time; zero for other types.
func (v Typed) Time() time.Time { return v.time }

// Compare orders two values of one type: numbers exactly, days and times by time. Values of other types have no order, and are equal.
func (v Typed) Compare(o Typed) int {
	if v.number != nil && o.number != nil {
		return v.number.Cmp(o.number)
	}
	return v.time.Compare(o.time)
}

var (
	integerForm = regexp.MustCompile(`^-?[0-9]{1,64}$`)
	// numberForm has no exponent: a few digits of one could stand for a number that fills the memory.
	numberForm = regexp.MustCompile(`^-?[0-9]{1,64}(\.[0-9]{1,64})?$`)
	uuidForm   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
)

// Parse reads a value, and is false if it is not of the type.
func (t ValueType) Parse(s string) (Typed, bool) {
	switch t {
	case TypeDate:
		day, err := time.Parse(time.DateOnly, s)
		return Typed{Text: s, time: day}, err == nil
	case TypeDatetime:
		at, err := time.Parse(time.RFC3339, s)
		return Typed{Text: s, time: at}, err == nil
	case TypeInteger:
		return number(s, integerForm)
	case TypeNumber:
		return number(s, numberForm)
	}
	return Typed{Text: s}, t.is(s)
}

func number(s string, form *regexp.Regexp) (Typed, bool) {
	if !form.MatchString(s) {
		return Typed{}, false
	}
	n, ok := new(big.Rat).SetString(s)
	return Typed{Text: s, number: n}, ok
}

func (t ValueType) is(s string) bool {
	switch t {
	case TypeEmail:
		return isEmail(s)
	case TypeURL:
		u, err := url.Parse(s)
		return err == nil && u.Scheme != "" && u.Host != ""
	case TypeARN:
		_, ok := catalog.ParseARN(s)
		return ok && !strings.ContainsAny(s, " \t\r\n")
	case TypeCIDR:
		p, err := netip.ParsePrefix(s)
		return err == nil && p == p.Masked()
	case TypeIP:
		a, err := netip.ParseAddr(s)
		return err == nil && a.Zone() == ""
	case TypeBoolean:
		return s == "true" || s == "false"
	case TypeUUID:
		return uuidForm.MatchString(s)
	}
	return false
}

// isEmail wants the bare address, of a domain with a dot.
func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	domain := s[strings.LastIndexByte(s, '@')+1:]
	return strings.Contains(domain, ".") && !strings.HasPrefix(domain, "[")
}

// Nearest returns the value of the type that a wrong one most likely means, or "" if nobody can tell. A date whose day and month could be
// swapped is not guessed.
func (t ValueType) Nearest(s string) string {
	near := strings.TrimSpace(s)
	switch t {
	case TypeDate:
		near = nearestDate(near)
	case TypeBoolean:
		near = nearestBoolean(near)
	case TypeCIDR:
		if p, err := netip.ParsePrefix(near); err == nil {
			near = p.Masked().String()
		}
	case TypeEmail:
		near = strings.TrimPrefix(near, "mailto:")
		if a, err := mail.ParseAddress(near); err == nil {
			near = a.Address
		}
	case TypeUUID:
		near = strings.Trim(near, "{}")
	}
	if _, ok := t.Parse(near); !ok || near == s {
		return ""
	}
	return near
}

func nearestDate(s string) string {
	for _, layout := range []string{"2006/01/02", "2006.01.02", "20060102", "02.01.2006", "2.1.2006", "2006-1-2", "2 Jan 2006", "2-Jan-2006", time.RFC3339} {
		if day, err := time.Parse(layout, s); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	return s
}

func nearestBoolean(s string) string {
	switch strings.ToLower(s) {
	case "yes", "y", "on", "1":
		return "true"
	case "no", "n", "off", "0":
		return "false"
	}
	if b, err := strconv.ParseBool(strings.ToLower(s)); err == nil {
		return strconv.FormatBool(b)
	}
	return s
}

// oneOf sets a named value, or complains with the nearest name.
func oneOf[T ~string](into *T, text, what string, known []T) error {
	names := make([]string, len(known))
	for i, k := range known {
		if string(k) == text {
			*into = k
			return nil
		}
		names[i] = string(k)
	}
	return &unknownName{what: what, text: text, hint: inventory.Suggest(text, names)}
}

type unknownName struct{ what, text, hint string }

// Error names the nearest known word.
func (e *unknownName) Error() string { return e.what + " " + strconv.Quote(e.text) + e.hint }
