package cli

import "testing"

func TestPercent(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0 %", 16.0 / 18: "88.8 %", 0.9996: "99.9 %", 0.3: "30.0 %", 0.573: "57.3 %", 1: "100.0 %"} {
		if got := percent(&f); got != want {
			t.Errorf("%v is %s, want %s", f, got, want)
		}
	}
	if got := percent(nil); got != "–" {
		t.Errorf("nothing to measure is %s", got)
	}
}
