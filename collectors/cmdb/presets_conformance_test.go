package cmdb_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/collectortest"
)

func TestPresetsConform(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    cmdb.Spec(),
		Fixture: "testdata/presets",
		Golden:  "testdata/presets-conformance.golden.ndjson",
		Options: func() any {
			o := cmdb.Spec().NewOptions().(*cmdb.Options)
			o.Paths, o.Preset = []string{"servicenow-raw.csv", "rvtools-vinfo-4.csv", "big*.csv"}, "auto"
			return o
		},
		Inputs:  []string{"servicenow-raw.csv", "rvtools-vinfo-4.csv"},
		Shuffle: collectortest.ShuffleLines(1),
		Secrets: []string{"hunter2"},
		// A cut before the last cell of a row below the header leaves too few cells, unless it is among those that are templates.
		Detectable: func(name string, content []byte, n int) bool {
			lines := strings.Split(string(content[:n]), "\n")
			last := lines[len(lines)-1]
			return name == "servicenow-raw.csv" && len(lines) > 1 && last != "" && strings.Count(last, ",") < strings.Count(lines[0], ",")
		},
		Generate: func(dir string, n int) error {
			return collectortest.LinesFile(filepath.Join(dir, "big.csv"), "name,sys_id,sys_class_name,serial_number,install_status,operational_status,location,last_discovered\n", n, func(i int) string {
				return fmt.Sprintf("h%d,%032x,cmdb_ci_server,SN%08XAB,1,1,Hall %d,2026-02-%02d 10:00:%02d\n", i, i+1, i, i%9, i%28+1, i%60)
			})
		},
		BytesPerRecord: 32,
	})
}
