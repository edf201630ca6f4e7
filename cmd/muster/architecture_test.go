package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/muster-audit/muster/"

// pkg is what the Go tool says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	var list []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		list = append(list, p)
	}
}

// rooms says which packages of this module each room may import; "room/" stands for everything below it.
var rooms = []struct{ room, may string }{
	{"inventory", ""},
	{"inventory/", "inventory inventory/"},
	{"collectors", "inventory collectors/tape"},
	{"collectors/tape", "inventory inventory/catalog"},
	{"collectors/pace", ""},
	{"collectors/aws", "inventory inventory/catalog collectors collectors/tape collectors/aws/"},
	{"collectors/aws/lister", "inventory"},
	{"collectors/aws/session", "inventory inventory/catalog collectors collectors/pace collectors/tape collectors/aws/lister"},
	{"collectors/aws/listers", "collectors/aws/listers/ collectors/aws/lister"},
	{"collectors/aws/listers/", "inventory inventory/catalog collectors/aws/lister"},
	{"collectors/aws/sweep", "inventory inventory/catalog collectors/aws/lister collectors/aws/session"},
	{"collectors/aws/listertest", "inventory inventory/catalog collectors/aws/lister"},
	{"collectors/aws/awstest", ""},
	{"collectors/aws/accounts", "inventory inventory/catalog collectors collectors/aws/session"},
	{"collectors/aws/stacks", "inventory collectors/aws/accounts collectors/aws/lister collectors/aws/session"},
	{"collectors/cloudformation", "inventory inventory/catalog collectors collectors/files collectors/aws/accounts collectors/aws/stacks collectors/cloudformation/template"},
	{"collectors/cloudformation/template", "inventory"},
	{"collectors/gcp", "inventory inventory/catalog collectors collectors/tape collectors/gcp/"},
	{"collectors/gcp/session", "inventory collectors collectors/pace collectors/tape"},
	{"collectors/gcp/resource", "inventory inventory/catalog"},
	{"collectors/gcp/cai", "inventory collectors/gcp/resource collectors/gcp/session"},
	{"collectors/gcp/compute", "inventory inventory/catalog collectors collectors/gcp/resource collectors/gcp/session"},
	{"collectors/gcp/direct", "inventory collectors collectors/gcp/resource collectors/gcp/session"},
	{"collectors/gcp/gcptest", ""},
	{"collectors/builtin", "collectors collectors/"},
	{"collectors/", "inventory inventory/catalog collectors collectors/collectortest collectors/files"},
	{"collectors/terraform", "inventory inventory/catalog collectors collectors/files collectors/collectortest collectors/remote collectors/aws/objects collectors/gcp/objects collectors/terraform/"},
	{"collectors/terraform/code", "inventory inventory/catalog collectors/terraform/config collectors/terraform/resource"},
	{"collectors/aws/objects", "inventory collectors collectors/remote collectors/aws/lister collectors/aws/session"},
	{"collectors/gcp/objects", "inventory collectors collectors/remote collectors/gcp/session"},
	{"collectors/terraform/resource", "inventory inventory/catalog collectors"},
	{"collectors/terraform/config", "inventory"},
	{"collectors/terraform/plan", "inventory inventory/catalog collectors/terraform/resource"},
	{"collectors/terraform/backend", "collectors collectors/remote"},
	{"collectors/remote", "inventory collectors"},
	{"collectors/pulumi", "inventory inventory/catalog collectors collectors/files collectors/collectortest collectors/terraform/resource"},
	{"collectors/cmdb", "inventory inventory/catalog collectors collectors/collectortest collectors/files collectors/cmdb/preset"},
	{"collectors/cmdb/preset", "inventory"},
	{"collectors/hosts", "inventory inventory/catalog collectors"},
	{"collectors/agents", "inventory inventory/catalog collectors collectors/files collectors/hosts"},
	{"collectors/agents/agentstest", "inventory collectors collectors/collectortest collectors/agents"},
	{"collectors/ansible", "inventory collectors collectors/files collectors/hosts"},
	{"collectors/ansiblefacts", "collectors collectors/agents"},
	{"collectors/chef", "collectors collectors/agents collectors/hosts"},
	{"collectors/puppetdb", "collectors collectors/agents collectors/hosts"},
	{"collectors/salt", "collectors collectors/agents"},
	{"collectors/ssm", "collectors collectors/agents"},
	{"rules", "inventory inventory/catalog rules/codeowners rules/expr rules/strictyaml"},
	{"rules/", "inventory inventory/catalog inventory/link rules rules/expr rules/neighbours rules/shell rules/strictyaml rules/drift/"},
	{"rules/tags", "inventory inventory/catalog rules rules/expr rules/inherit rules/retag rules/shell rules/suggest"},
	{"rules/codeowners", ""},
	{"rules/inherit", "inventory inventory/catalog inventory/link rules rules/drift/reach rules/expr"},
	{"rules/owner", "inventory inventory/catalog rules rules/codeowners rules/drift/reach rules/expr rules/inherit"},
	{"rules/nearmiss", "inventory"},
	{"rules/vocabulary", "inventory inventory/catalog rules rules/expr rules/nearmiss"},
	{"rules/records", "inventory inventory/catalog inventory/link rules rules/drift rules/drift/"},
	{"report", "inventory rules"},
	{"report/", "inventory rules report report/reporttest report/ci report/quote report/jsonstream"},
	{"report/tagsheet", "inventory report/sheet rules/shell rules/strictyaml"},
	{"report/csv", "report report/sheet"},
	{"report/xlsx", "report report/sheet"},
	{"report/slack", "inventory rules report report/ci report/notify report/quote"},
	{"report/webhook", "inventory rules report report/ci report/notify report/quote"},
	{"report/post", ""},
	{"fixtures", "fixtures/"},
	{"fixtures/", "inventory inventory/ fixtures fixtures/"},
	{"fixtures/bench", "inventory fixtures/ collectors collectors/aws collectors/aws/awstest"}, // it measures the listing alone, and stands for AWS
	{"cmd/", "inventory inventory/ collectors collectors/ rules rules/ report report/ fixtures fixtures/ cmd/"},
}

// TestImportsPointOneWay holds the arrows of the design: inventory <- collectors, inventory <- rules <- report <- cmd.
func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		may, ok := allowed(p.ImportPath)
		if !ok {
			t.Errorf("package %s is in no room: give it one here", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			own, ok := strings.CutPrefix(i, module)
			if ok && !slices.ContainsFunc(may, func(m string) bool { return own == m || strings.HasSuffix(m, "/") && strings.HasPrefix(own, m) }) {
				t.Errorf("%s imports %s, which its room does not allow", p.ImportPath, own)
			}
		}
	}
}

// allowed returns what a package may import: the most exact room decides.
func allowed(path string) ([]string, bool) {
	best := -1
	for i, r := range rooms {
		if (path == r.room || strings.HasSuffix(r.room, "/") && strings.HasPrefix(path, r.room)) && (best < 0 || len(r.room) > len(rooms[best].room)) {
			best = i
		}
	}
	if best < 0 {
		return nil, false
	}
	return strings.Fields(rooms[best].may), true
}

// TestForeignImports holds what only one room may know.
func TestForeignImports(t *testing.T) {
	only := map[string]string{
		"modernc.org/sqlite":           "inventory/sqlite",
		"database/sql":                 "inventory/sqlite",
		"cel.dev/cel-go/cel":           "rules/expr",
		"github.com/spf13/viper":       "cmd/muster/internal/config",
		"github.com/spf13/cobra":       "cmd/muster/internal/cli",
		"github.com/vbauerster/mpb/v8": "cmd/muster/internal/cli",
	}
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			if room, ok := only[i]; ok && p.ImportPath != room {
				t.Errorf("%s imports %s, which only %s may", p.ImportPath, i, room)
			}
			if strings.HasPrefix(i, "github.com/aws/") && !strings.HasPrefix(p.ImportPath, "collectors/aws") && p.ImportPath != "fixtures/bench" {
				t.Errorf("%s imports %s, which only collectors/aws may, and fixtures/bench, whose yardstick is the SDK", p.ImportPath, i)
			}
			google := strings.HasPrefix(i, "cloud.google.com/") || strings.HasPrefix(i, "google.golang.org/") || strings.HasPrefix(i, "github.com/googleapis/")
			if google && !strings.HasPrefix(p.ImportPath, "collectors/gcp") {
				t.Errorf("%s imports %s, which only collectors/gcp may", p.ImportPath, i)
			}
			if i == "net/http" && strings.HasPrefix(p.ImportPath, "report") && !slices.Contains([]string{"report/post", "report/webhook"}, p.ImportPath) {
				t.Errorf("%s imports net/http: reports are files, and what is sent goes through report/post", p.ImportPath)
			}
			if p.ImportPath == "inventory" && strings.Contains(i, ".") {
				t.Errorf("inventory imports %s: it uses the standard library only", i)
			}
		}
	}
}
