package wire

import (
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
)

// isLower reports whether a text holds small letters, digits, "_" and "-" alone. Letters without case are small.
func isLower(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsDigit(r) && (!unicode.IsLetter(r) || unicode.IsUpper(r) || unicode.IsTitle(r))
	})
}

// rewritten reports whether a text is what a spreadsheet makes of another that it takes for a number, a day or a truth: 0300 becomes 300,
// 111122223333 becomes 1.11122E+11, 2027-01-31 becomes 31/01/2027.
func rewritten(before, after string) bool {
	if before == after || before == "" {
		return false
	}
	switch strings.ToLower(before) {
	case "true", "false":
		return strings.EqualFold(before, after)
	}
	return sameNumber(before, after) || sameDay(before, after)
}

func sameNumber(before, after string) bool {
	a, ok := number(before)
	b, also := number(strings.ReplaceAll(after, ",", "."))
	if !ok || !also {
		return false
	}
	if a.Cmp(b) == 0 {
		return true
	}
	digits, _, short := strings.Cut(strings.ToUpper(after), "E+") // of which it shows but a few digits
	if !short || a.Sign() == 0 {
		return false
	}
	distance := new(big.Float).Sub(a, b)
	distance.Quo(distance, a)
	// One in the last digit that is shown: the mantissa has as many digits as stand there.
	scale, _ := number("1e-" + string(rune('0'+min(max(len(strings.Trim(digits, "+-"))-2, 0), 9))))
	return distance.Abs(distance).Cmp(scale) <= 0
}

func number(s string) (*big.Float, bool) {
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.eE+-") != "" || !strings.ContainsAny(s, "0123456789") {
		return nil, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 5 { // an exponent of thousands is no number that anybody wrote
		return nil, false
	}
	f, _, err := big.ParseFloat(s, 10, 128, big.ToNearestEven)
	return f, err == nil
}

func sameDay(before, after string) bool {
	day, err := time.Parse(time.DateOnly, before)
	if err != nil {
		return false
	}
	forms := []string{"1/2/2006", "2/1/2006", "2.1.2006", "2006/1/2", "1/2/06", "2/1/06", "2.1.06", "2-1-2006", "2-Jan-06", "2-Jan-2006"}
	return slices.ContainsFunc(forms, func(form string) bool {
		t, err := time.Parse(form, after)
		return err == nil && t.Equal(day)
	})
}
