package cmdb_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestARowTwiceKeepsItsKey: when the second of two equal rows goes, the asset is the same as before.
func TestARowTwiceKeepsItsKey(t *testing.T) {
	const once = "name,serial\nweb-1,SN0001AB\nweb-2,SN0002AB\n"
	twice := mustCollect(t, once+"web-1,SN0001AB\n", nil)
	for _, got := range [][]string{mustCollect(t, once, nil).keys(), twice.keys()} {
		if d := cmp.Diff([]string{"SN0001AB", "SN0002AB"}, got); d != "" {
			t.Error(d)
		}
	}
	if len(twice.problems) != 1 || twice.problems[0].Key != "SN0001AB" {
		t.Errorf("problems %+v", twice.problems)
	}
	if got := mustCollect(t, once+"web-1,SN0001AB\nweb-9,SN0001AB\n", nil).keys(); len(got) != 3 || slices.Contains(got, "SN0001AB") {
		t.Errorf("rows that differ: keys %v", got)
	}
}
