package terraform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// TestLongValues: a value that no memory should hold fails the file, with its place; what came before it is kept.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("a", resource.LongestValue+resource.LongestValue/2)
	for _, tt := range []struct {
		name, content string
		keys          []string
	}{
		{"lineage that never ends", `{"version":4,"lineage":"` + long, nil},
		{"name", `{"version":4,"lineage":"l","resources":[{"mode":"managed","name":"` + long + `"}]}`, nil},
		{"attribute", oneQueue + `{"mode":"managed","type":"aws_sqs_queue","name":"b","instances":[{"attributes":{"name":"` + long + `"}}]}]}`, []string{"arn:aws:sqs:eu-west-1:111122223333:a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content)
			if err == nil || !strings.Contains(err.Error(), "longer than 32 MiB") || len(err.Error()) > 300 {
				t.Errorf("error %.300v", err)
			}
			if d := cmp.Diff(tt.keys, out.keys()); d != "" {
				t.Error(d)
			}
		})
	}
}
