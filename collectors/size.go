package collectors

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written in options as "8MiB", "500kB" or a plain number.
type Size int64

type sizeUnit struct {
	name  string
	bytes int64
}

// sizeUnits lists the units, of one kind the largest first.
func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"TiB", 1 << 40},
		{"GiB", 1 << 30},
		{"MiB", 1 << 20},
		{"KiB", 1 << 10},
		{"TB", 1e12},
		{"GB", 1e9},
		{"MB", 1e6},
		{"kB", 1e3},
		{"B", 1},
	}
}

// String returns the size in the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits()[:4] {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// MarshalText returns String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText accepts a whole number with or without a unit, whose case does not matter.
func (s *Size) UnmarshalText(text []byte) error {
	word, factor := strings.TrimSpace(string(text)), int64(1)
	for _, u := range sizeUnits() {
		if n := len(word) - len(u.name); n > 0 && strings.EqualFold(word[n:], u.name) {
			word, factor = strings.TrimSpace(word[:n]), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return fmt.Errorf("size %q: write a number of bytes with or without a unit, as 8MiB", text)
	}
	*s = Size(n * factor)
	return nil
}
