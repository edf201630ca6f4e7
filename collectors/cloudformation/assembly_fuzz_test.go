package cloudformation

import (
	"strings"
	"testing"
)

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`{"version": "54.0.0", "artifacts": {"A": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1", "properties": {"templateFile": "a.json", "tags": {"a": "b"}}}}}`,
		`{"artifacts": {"B": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "b"}}, "A": {"type": "cdk:tree"}}}`,
		`{"artifacts": []}`, `{`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := readManifest(strings.NewReader(text))
		if err != nil && len(list) > 0 {
			t.Fatal("stacks of a manifest that cannot be read")
		}
		for i, a := range list {
			if a.Type != stackArtifact && a.Type != assemblyArtifact || i > 0 && list[i-1].id > a.id {
				t.Fatalf("%+v", list)
			}
		}
	})
}
