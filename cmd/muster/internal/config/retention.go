package config

import "github.com/muster-audit/muster/inventory"

// DefaultRetention is what muster prune keeps where the config says nothing.
func DefaultRetention() inventory.Retention {
	return inventory.Retention{Days: 90, Weeks: 52, Months: 60}
}

// retention checks the rule by which old scans are given up.
func (l *loader) retention(r inventory.Retention) {
	for key, n := range map[string]int{"days": r.Days, "weeks": r.Weeks, "months": r.Months} {
		switch {
		case n < 0:
			l.fail("retention."+key, "%d: write how many %s are kept", n, key)
		case n == 0 && key == "days":
			l.fail("retention.days", "0 would keep no more than the last scan: write at least 1")
		}
	}
	l.config.Retention = r
}
