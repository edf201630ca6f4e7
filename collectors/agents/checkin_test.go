package agents

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func draw(t *rapid.T, name string, most time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(0, int64(most/time.Second)).Draw(t, name)) * time.Second
}

// TestWrittenTimeChangesNoVerdict: whoever takes an agent for silent by the time that is written down would do so by the exact one.
func TestWrittenTimeChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_700_000_000, 0).Add(draw(t, "now", 1e9*time.Second)).UTC()
		c := checkIn{limit: time.Minute + draw(t, "limit", 100*24*time.Hour), now: now}
		at := now.Add(-draw(t, "ago", 300*24*time.Hour))
		written := c.written(at)
		if exact, coarse := now.Sub(at) > c.limit, now.Sub(written) > c.limit; exact != coarse {
			t.Fatalf("limit %s, now %s: %s is written down as %s, which changes the verdict", c.limit, now, at, written)
		}
		if written.After(at) {
			t.Fatalf("%s is written down as %s, which is later", at, written)
		}
	})
}

// TestHealthyAgentsKeepTheirTime: an agent that reports every half an hour is written down anew once in a quarter of max_age.
func TestHealthyAgentsKeepTheirTime(t *testing.T) {
	const limit, nights = 28 * 24 * time.Hour, 70
	now := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	changes, last := 0, time.Time{}
	for range nights {
		w := checkIn{limit: limit, now: now}.written(now.Add(-29 * time.Minute))
		if !w.Equal(last) {
			changes++
		}
		now, last = now.Add(24*time.Hour), w
	}
	if changes > nights/7+1 {
		t.Errorf("in %d nights the time changed %d times", nights, changes)
	}
}

func TestCheckInAttributes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		in   CheckIn
		max  time.Duration
		want string
	}{
		"never":          {CheckIn{Never: true}, 7 * 24 * time.Hour, `check_in_limit="168h0m0s" last_check_in=null `},
		"not told":       {CheckIn{}, time.Hour, `check_in_limit="1h0m0s" `},
		"without limit":  {CheckIn{At: now.AddDate(0, -2, 0)}, 0, `last_check_in="2026-01-01T12:00:00Z" `},
		"fraction":       {CheckIn{At: now.AddDate(0, -2, 0).Add(time.Millisecond)}, 0, `last_check_in="2026-01-01T12:00:01Z" `},
		"a little ahead": {CheckIn{At: now.Add(time.Hour)}, 24 * time.Hour, `check_in_limit="24h0m0s" last_check_in="2026-03-01T12:00:00Z" `},
		"far ahead":      {CheckIn{At: now.AddDate(0, 1, 0)}, 0, ""},
		"before 2000":    {CheckIn{At: time.Unix(0, 0)}, 0, ""},
	} {
		have := ""
		for a := range inventory.KnownAttributes(checkIn{limit: c.max, now: now}.attributes(c.in)...).All() {
			have += a.Name + "=" + string(a.Value) + " "
		}
		if have != c.want {
			t.Errorf("%s: %q, want %q", name, have, c.want)
		}
	}
}

func TestTimeOf(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-03-01T11:58:12.345000+00:00"`: "2026-03-01T11:58:12.345Z",
		`"2026-03-01T11:58:12+0100"`:         "2026-03-01T10:58:12Z",
		`"2026-03-01T11:58:12"`:              "2026-03-01T11:58:12Z",
		`"2026-03-01 11:58:12 UTC"`:          "2026-03-01T11:58:12Z",
		`1711051005.6819391`:                 "2024-03-21T19:56:45.681939Z",
		`"1711051005"`:                       "2024-03-21T19:56:45Z",
		`1e300`:                              "", `-1`: "", `"NaN"`: "", `"x"`: "", `null`: "", `{}`: "",
	} {
		x, err := Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		have := ""
		if at := TimeOf(x); !at.IsZero() {
			have = at.Format(time.RFC3339Nano)
		}
		if have != want {
			t.Errorf("%s is %q, want %q", text, have, want)
		}
	}
}
