package ci

import (
	"path"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

func files() Files {
	return Files{Root: "/repo", Dir: "/repo/audit", Config: "/repo/audit/muster.yaml", Policies: []string{"/repo/audit/policy.yaml"}}
}

func TestPlaceOfAFinding(t *testing.T) {
	config, policy := Place{File: "audit/muster.yaml"}, Place{File: "audit/policy.yaml"}
	for _, c := range []struct {
		name, rule string
		origin     inventory.Origin
		want       Place
	}{
		{"code", "drift/changed", inventory.Origin{File: "infra/main.tf", Line: 48}, Place{"audit/infra/main.tf", 48}},
		{"above the config", "drift/changed", inventory.Origin{File: "../infra/main.tf", Line: 4}, Place{"infra/main.tf", 4}},
		{"a state without lines", "drift/missing", inventory.Origin{File: "states/prod.tfstate", Address: "a.b"}, Place{File: "audit/states/prod.tfstate"}},
		{"absolute, inside", "policy/expired-exemption", inventory.Origin{File: "/repo/audit/policy.yaml", Line: 7}, Place{"audit/policy.yaml", 7}},
		{"absolute, outside", "records/ghost", inventory.Origin{File: "/exports/servers.csv", Line: 7}, config},
		{"a name that only begins like the root", "records/ghost", inventory.Origin{File: "/repo2/servers.csv"}, config},
		{"outside", "records/ghost", inventory.Origin{File: "../../servers.csv", Line: 7}, config},
		{"in an archive", "records/ghost", inventory.Origin{File: "cmdb/export.zip!servers.csv", Line: 7}, Place{File: "audit/cmdb/export.zip"}},
		{"in an archive of capitals", "records/ghost", inventory.Origin{File: "\u0130.ZIP!servers.csv", Line: 7}, Place{File: "audit/\u0130.ZIP"}},
		{"with backslashes", "records/ghost", inventory.Origin{File: `cmdb\servers.csv`, Line: 7}, Place{"audit/cmdb/servers.csv", 7}},
		{"a URL", "drift/missing", inventory.Origin{File: "s3://acme-tfstate/prod.tfstate"}, config},
		{"a pattern", "records/stale", inventory.Origin{File: "cmdb/*.csv"}, config},
		{"an API", "drift/unmanaged", inventory.Origin{Call: "ec2:DescribeInstances"}, config},
		{"a tag, by an API", "tags/owner", inventory.Origin{Call: "ec2:DescribeInstances"}, policy},
		{"a name of two lines", "drift/missing", inventory.Origin{File: "a\nb.tf"}, config},
		{"a line below zero", "drift/missing", inventory.Origin{File: "a.tf", Line: -3}, Place{File: "audit/a.tf"}},
	} {
		if got := files().Of(&rules.Finding{Rule: c.rule, Origin: c.origin}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestPlaceWithoutFiles(t *testing.T) {
	tags := &rules.Finding{Rule: "tags/owner"}
	if got := (Files{}).Of(tags); got != (Place{}) {
		t.Errorf("nothing is known, and the place is %+v", got)
	}
	if got := (Files{}).Of(&rules.Finding{Origin: inventory.Origin{File: "a/b.tf", Line: 3}}); got != (Place{"a/b.tf", 3}) {
		t.Errorf("place %+v", got)
	}
	two := files()
	two.Policies = append(two.Policies, "/repo/audit/more.yaml")
	if got := two.Of(tags); got.File != "audit/muster.yaml" {
		t.Errorf("of two policies nobody knows which: %+v", got)
	}
	two.Policies = []string{"/etc/policy.yaml"}
	if got := two.Of(tags); got.File != "audit/muster.yaml" {
		t.Errorf("a policy outside of the repository: %+v", got)
	}
}

func FuzzPlace(f *testing.F) {
	for _, p := range append(reporttest.Payloads(), "../../x", "/repo", "/repo/", "a.zip!b", "\x8b.Zip!", "..", "x/../../../y") {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, file string) {
		got := files().Of(&rules.Finding{Origin: inventory.Origin{File: file, Line: 1}}).File
		if got == "" || path.IsAbs(got) || path.Clean(got) != got || got == ".." || strings.HasPrefix(got, "../") || strings.ContainsAny(got, "\n\r\x00\x1b") {
			t.Errorf("%q is shown at %q", file, got)
		}
	})
}
