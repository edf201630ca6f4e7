package rules

import (
	"fmt"
	"time"
)

// Date is a day in UTC as "2027-01-31", or empty for none.
type Date string

// UnmarshalText accepts a day that exists.
func (d *Date) UnmarshalText(text []byte) error {
	if _, err := time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("%q is no date: write YYYY-MM-DD, such as 2027-01-31", text)
	}
	*d = Date(text)
	return nil
}

// Expired reports whether the day is over, in UTC. No date never is.
func (d Date) Expired(now time.Time) bool {
	return d != "" && now.UTC().Format(time.DateOnly) > string(d)
}
