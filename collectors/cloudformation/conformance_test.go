package cloudformation

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/collectortest"
)

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/basic",
		Options: func() any { return basic() },
		Inputs:  []string{"traps.yaml", "plain.json"},
		// A YAML template that is cut may be a whole one: CloudFormation itself cannot tell.
		Detectable: func(name string, content []byte, n int) bool {
			return strings.HasSuffix(name, ".json") && !collectortest.AtLineEnd(content, n)
		},
		Generate: func(dir string, n int) error {
			var b strings.Builder
			b.WriteString("{\"Resources\": {\n")
			for i := range n {
				if i > 0 {
					b.WriteString(",\n")
				}
				fmt.Fprintf(&b, `"T%d": {"Type": "AWS::SNS::Topic"}`, i)
			}
			b.WriteString("}}\n")
			return os.WriteFile(filepath.Join(dir, "plain.json"), []byte(b.String()), 0o600)
		},
		BytesPerRecord: 4 << 10, // CloudFormation takes at most 1 MiB, and a template is held whole
		Secrets:        []string{"hunter2hunter2", "hunter3hunter3", "hunter4hunter4"},
	})
}

// basic are the options for the files of testdata/basic.
func basic() *Options {
	return &Options{
		Paths: []string{"traps.yaml", "plain.json", "sam.yaml", "macro.yaml", "cdk.out"},
		Stacks: map[string]Stack{
			"traps.yaml": {StackName: "traps", Account: "111122223333", Region: "eu-west-1", Tags: map[string]string{"team": "core", "Owner": "stack"}},
			"[sm]*.yaml": {Account: "111122223333", Region: "eu-west-1", Tags: map[string]string{}},
		},
	}
}
