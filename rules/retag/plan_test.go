package retag

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules/shell"
)

func mustCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func queue(name string) *inventory.Entry {
	return asset("AWS::SQS::Queue", "arn:aws:sqs:eu-west-1:111122223333:"+name, "eu-west-1")
}

// declaration makes what code, a state or a template says.
func declaration(o inventory.Origin, has ...inventory.Tag) *inventory.Entry {
	return &inventory.Entry{Asset: inventory.Asset{Key: o.File + "#" + o.Address, Book: inventory.Declared, Type: "AWS::SQS::Queue", Origin: o, Tags: inventory.KnownTags(has...)}}
}

// text is steps a line each: kind, where, assets, patch, why, and the number of ARNs in a command.
func text(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "%d %s | %d %d | %s %s | %s | %s\n", s.Kind, s.Where, s.Assets, s.Unread, s.File, s.Attribute, s.Why, shell.Line(s.Command...))
	}
	return b.String()
}

func TestSteps(t *testing.T) {
	code := inventory.Origin{File: "infra/main.tf", Line: 12, Address: "aws_sqs_queue.q", Layer: inventory.LayerCode}
	other := func(change func(*inventory.Origin)) inventory.Origin {
		o := code
		change(&o)
		return o
	}
	row := asset("datacenter/server", "SN-1", "")
	row.Book, row.Origin = inventory.Recorded, inventory.Origin{File: "cmdb.csv", Line: 7}
	for _, tt := range []struct {
		name   string
		change Change
		want   string
	}{
		{"seen alone", Change{Asset: queue("q"), Profile: "prod"}, "0 AWS account 111122223333, region eu-west-1 | 1 0 |   |  | aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:sqs:eu-west-1:111122223333:q --region eu-west-1 --profile prod --tags owner=web\n"},
		{"unread", Change{Asset: queue("q"), Unread: true}, "0 AWS account 111122223333, region eu-west-1 | 1 1 |   |  | aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:sqs:eu-west-1:111122223333:q --region eu-west-1 --tags owner=web\n"},
		{"code", Change{Asset: queue("q"), Declared: declaration(code)}, "1 infra/main.tf:12 (aws_sqs_queue.q) | 1 0 | infra/main.tf tags |  | \n"},
		{"code that says so", Change{Asset: queue("q"), Declared: declaration(code, inventory.Tag{Key: "owner", Value: "web"})}, "2 infra/main.tf:12 (aws_sqs_queue.q) | 1 0 |   | it says so already: apply it | \n"},
		{"code that computes it", Change{Asset: queue("q"), Declared: declaration(code, inventory.Tag{Key: "owner", ValueUnknown: true})}, "1 infra/main.tf:12 (aws_sqs_queue.q) | 1 0 | infra/main.tf tags |  | \n"},
		{"a module", Change{Asset: queue("q"), Declared: declaration(other(func(o *inventory.Origin) { o.Module = "module.a" }))}, "1 infra/main.tf:12 (aws_sqs_queue.q) | 1 0 |  tags | it is the code of a module, which may be used elsewhere | \n"},
		{"JSON", Change{Asset: queue("q"), Declared: declaration(other(func(o *inventory.Origin) { o.File = "main.tf.json" }))}, "1 main.tf.json:12 (aws_sqs_queue.q) | 1 0 |  tags | it is no file of HCL | \n"},
		{"tags in blocks", Change{Asset: queue("q"), Declared: declaration(other(func(o *inventory.Origin) { o.Address = "aws_autoscaling_group.g" }))}, "1 infra/main.tf:12 (aws_autoscaling_group.g) | 1 0 |   | its tags are not one map | \n"},
		{"a state", Change{Asset: queue("q"), Declared: declaration(inventory.Origin{File: "x.tfstate", Address: "aws_sqs_queue.q", Layer: inventory.LayerState})}, "2 x.tfstate (aws_sqs_queue.q) | 1 0 |   | its code was not read: set it there, and apply | \n"},
		{"a tool's mark", Change{Asset: queue("q"), Keeper: "cloudformation keeps it"}, "2 arn:aws:sqs:eu-west-1:111122223333:q | 1 0 |   | cloudformation keeps it | \n"},
		{"a register", Change{Asset: row}, "3 cmdb.csv:7 | 1 0 |   |  | \n"},
		{"no command", Change{Asset: asset("AWS::AutoScaling::AutoScalingGroup", "arn:aws:autoscaling:eu-west-1:1:x", "eu-west-1")}, "4 arn:aws:autoscaling:eu-west-1:1:x | 1 0 |   | no command is known for AWS::AutoScaling::AutoScalingGroup | \n"},
		{"Google", Change{Asset: google("storage.googleapis.com/Bucket", "//storage.googleapis.com/logs")}, "0 Google project acme-prod | 1 0 |   |  | gcloud storage buckets update gs://logs --project=acme-prod --update-labels=owner=web\n"},
	} {
		tt.change.Set = tags("owner", "web")
		if diff := cmp.Diff(tt.want, text(Steps([]Change{tt.change}, mustCatalog(t)))); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// TestDeclaredAssetsGetNoCommand: it would be taken back, whatever else is known of them.
func TestDeclaredAssetsGetNoCommand(t *testing.T) {
	known := mustCatalog(t)
	for _, layer := range append(inventory.Layers(), "") {
		for _, a := range []*inventory.Entry{queue("q"), google("storage.googleapis.com/Bucket", "//storage.googleapis.com/logs"), asset("AWS::IAM::Role", "arn:aws:iam::1:role/r", "global")} {
			c := Change{Asset: a, Declared: declaration(inventory.Origin{File: "f", Line: 3, Layer: layer}), Set: tags("owner", "web")}
			for _, s := range Steps([]Change{c}, known) {
				if s.Kind == Run || s.Command != nil {
					t.Errorf("%s of layer %q: %v", a.Key, layer, s.Command)
				}
			}
		}
	}
}

// TestBatches: 45 of one place and tags take three commands, whatever the order, and another account, region or value its own.
func TestBatches(t *testing.T) {
	known := mustCatalog(t)
	var changes []Change
	for i := range 45 {
		changes = append(changes, Change{Asset: queue(fmt.Sprintf("q%02d", i)), Set: tags("owner", "web", "env", "prod")})
	}
	elsewhere, far := queue("other"), queue("far")
	elsewhere.Account, far.Region = "444455556666", "us-east-1"
	changes = append(changes, Change{Asset: elsewhere, Set: tags("owner", "web", "env", "prod")}, Change{Asset: far, Set: tags("env", "prod", "owner", "web")}, Change{Asset: queue("differs"), Set: tags("owner", "web")})
	want := text(Steps(changes, known))
	if n := strings.Count(want, "\n"); n != 6 {
		t.Errorf("%d commands, want 6\n%s", n, want)
	}
	for line := range strings.Lines(want) {
		if n := strings.Count(line, "arn:aws:"); n > MaxBatch {
			t.Errorf("%d ARNs in one command", n)
		}
	}
	for range 5 {
		rand.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		if diff := cmp.Diff(want, text(Steps(changes, known))); diff != "" {
			t.Error(diff)
		}
	}
}
