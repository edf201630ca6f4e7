package drift

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

const (
	s3Bucket  = inventory.Type("AWS::S3::Bucket")
	bucketARN = "arn:aws:s3:::acme-logs"
)

func in3(layer inventory.Layer, file string, l inventory.Lifecycle, edits ...edit) *inventory.Entry {
	at := func(e *inventory.Entry) {
		e.Origin = inventory.Origin{File: file, Line: 7, Address: "aws_instance.web", Lineage: "L1", Layer: layer}
		e.Lifecycle = l
	}
	return declared(arnA, append([]edit{at}, edits...)...)
}

func inCode(edits ...edit) *inventory.Entry {
	return in3(inventory.LayerCode, "main.tf", inventory.LifecycleActive, edits...)
}

func inPlan(edits ...edit) *inventory.Entry {
	return in3(inventory.LayerPlan, "plan.json", inventory.LifecycleActive, edits...)
}

func inState(edits ...edit) *inventory.Entry {
	return in3(inventory.LayerState, "prod.tfstate", inventory.LifecycleActive, edits...)
}

func size(s string) edit { return has("InstanceType", s) }

func ignores(names ...string) edit {
	return func(e *inventory.Entry) { e.Origin.Ignores = inventory.Ignoring(names...) }
}

func lineage(l string) edit { return func(e *inventory.Entry) { e.Origin.Lineage = l } }

// said keeps what fails, is unknown or is suppressed, as "rule outcome: text".
func said(t *testing.T, w estate) []string {
	t.Helper()
	var out []string
	for _, v := range verdicts(t, w) {
		switch {
		case v.Outcome == rules.Fail:
			out = append(out, strings.TrimPrefix(v.rule, "drift/")+": "+v.Message)
		case v.Outcome == rules.Unknown:
			out = append(out, strings.TrimPrefix(v.rule, "drift/")+" unknown: "+v.Reason)
		case v.SuppressedBy != "":
			out = append(out, strings.TrimPrefix(v.rule, "drift/")+" suppressed by "+v.SuppressedBy)
		}
	}
	return out
}

func TestThreeWays(t *testing.T) {
	unknownTags := func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }
	tests := []struct {
		name string
		in   []*inventory.Entry
		want []string
	}{
		{"all agree", []*inventory.Entry{inCode(size("a")), inState(size("a")), seen(arnA, size("a"))}, nil},
		{"not applied yet", []*inventory.Entry{inCode(size("b")), inState(size("a")), seen(arnA, size("a"))}, []string{
			"unapplied: not applied yet: InstanceType is a, declared b",
		}},
		{"a plan that was not applied yet", []*inventory.Entry{inPlan(size("b")), inState(size("a")), seen(arnA, size("a"))}, []string{
			"unapplied: not applied yet: InstanceType is a, declared b",
		}},
		{"changed by hand", []*inventory.Entry{inCode(size("a")), inState(size("a")), seen(arnA, size("c"))}, []string{
			"changed: InstanceType is c, declared a",
		}},
		{"changed by hand, and no state was read", []*inventory.Entry{inCode(size("a")), seen(arnA, size("c"))}, []string{
			"changed: InstanceType is c, declared a",
		}},
		{"changed by hand, where the code is silent", []*inventory.Entry{inCode(has()), inState(size("a")), seen(arnA, size("c"))}, []string{
			"changed: InstanceType is c, declared a",
		}},
		{"changed by hand, where the code leaves it open", []*inventory.Entry{inCode(size("null")), inState(size("a")), seen(arnA, size("c"))}, []string{
			"changed: InstanceType is c, declared a",
		}},
		{"the state is stale", []*inventory.Entry{inCode(size("b")), inState(size("a")), seen(arnA, size("b"))}, []string{
			"stale-state: the state is stale: it holds InstanceType as a, and it is b as the code says",
		}},
		{"all three differ", []*inventory.Entry{inCode(size("b")), inState(size("a")), seen(arnA, size("c"))}, []string{
			"changed: InstanceType is c, declared b",
		}},
		{"code goes before a plan", []*inventory.Entry{inCode(size("b")), inPlan(size("c")), inState(size("a")), seen(arnA, size("b"))}, []string{
			"stale-state: the state is stale: it holds InstanceType as a, and it is b as the code says",
		}},
		{"a plan knows what code computes", []*inventory.Entry{inCode(has()), inPlan(size("b")), inState(size("a")), seen(arnA, size("a"))}, []string{
			"unapplied: not applied yet: InstanceType is a, declared b",
		}},
		{"nobody set it when it was applied", []*inventory.Entry{inCode(size("b")), inState(size("null")), seen(arnA, size("a"))}, []string{
			"unapplied: not applied yet: InstanceType is a, declared b",
		}},
		{"the state is silent", []*inventory.Entry{inCode(size("b")), inState(has()), seen(arnA, size("a"))}, []string{
			"changed unknown: InstanceType could not be read",
			"stale-state unknown: InstanceType could not be read",
			"unapplied unknown: InstanceType could not be read",
		}},
		{"the state of another declaration is no layer of this one", []*inventory.Entry{
			inCode(size("a")), inState(size("b"), lineage("L2")), seen(arnA, size("a")),
		}, []string{"declared-twice: declared 2 times: in main.tf (aws_instance.web) and in prod.tfstate (aws_instance.web)"}},
		{"two attributes, each its own way", []*inventory.Entry{
			inCode(has("InstanceType", "b", "KeyName", "k")), inState(has("InstanceType", "a", "KeyName", "k")), seen(arnA, has("InstanceType", "a", "KeyName", "x")),
		}, []string{"changed: KeyName is x, declared k", "unapplied: not applied yet: InstanceType is a, declared b"}},
		{"tags: not applied, by hand, stale", []*inventory.Entry{
			inCode(tagged("new", "1", "same", "1", "late", "2")), inState(tagged("same", "1", "late", "1")),
			seen(arnA, tagged("same", "1", "late", "2", "hand", "1")),
		}, []string{
			"changed: tags.hand is 1, declared without",
			"stale-state: the state is stale: it holds tags.late as 1, and it is 2 as the code says",
			"unapplied: not applied yet: tags.new is gone, declared 1",
		}},
		{"a tag that the code takes away", []*inventory.Entry{
			inCode(tagged()), inState(tagged("old", "1")), seen(arnA, tagged("old", "1")),
		}, []string{"unapplied: not applied yet: tags.old is 1, declared without"}},
		{"a tag that code and reality gave up", []*inventory.Entry{
			inCode(tagged()), inState(tagged("old", "1")), seen(arnA, tagged()),
		}, []string{"stale-state: the state is stale: it holds tags.old as 1, which is gone"}},
		{"code does not know its tags", []*inventory.Entry{
			inCode(unknownTags), inState(tagged("a", "1")), seen(arnA, tagged("a", "2")),
		}, []string{"changed: tags.a is 2, declared 1"}},
		{"code does not know the value of a tag", []*inventory.Entry{
			inCode(func(e *inventory.Entry) { e.Tags = inventory.KnownTags(inventory.Tag{Key: "a", ValueUnknown: true}) }),
			inState(tagged("a", "1")), seen(arnA, tagged("a", "2")),
		}, []string{
			"changed unknown: tags.a could not be read", "stale-state unknown: tags.a could not be read", "unapplied unknown: tags.a could not be read",
		}},
		{"the code ignores changes", []*inventory.Entry{inCode(size("a"), ignores("InstanceType")), inState(size("a")), seen(arnA, size("c"))}, []string{
			"changed suppressed by code/ignore_changes",
		}},
		{"the code ignores what it would change", []*inventory.Entry{inCode(size("b"), ignores("InstanceType")), inState(size("a")), seen(arnA, size("a"))}, []string{
			"unapplied suppressed by code/ignore_changes",
		}},
		{"the code ignores one tag and not the other", []*inventory.Entry{
			inCode(tagged(), ignores("tags.a")), inState(tagged()), seen(arnA, tagged("a", "1", "b", "2")),
		}, []string{"changed: tags.b is 2, declared without"}},
		{"the code ignores all tags", []*inventory.Entry{inCode(tagged(), ignores("tags")), inState(tagged()), seen(arnA, tagged("a", "1", "b", "2"))}, []string{
			"changed suppressed by code/ignore_changes",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, said(t, estate{entries: tt.in, scopes: bothRead()})); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPresenceOfLayers: what nobody can tell is neither missing nor unapplied.
func TestPresenceOfLayers(t *testing.T) {
	code := func(l inventory.Lifecycle, edits ...edit) *inventory.Entry {
		return in3(inventory.LayerCode, "main.tf", l, edits...)
	}
	plan := func(l inventory.Lifecycle) *inventory.Entry {
		return in3(inventory.LayerPlan, "plan.json", l, size("a"))
	}
	const untold = "missing unknown: it is not there, and nobody can tell whether it was ever applied: no state of it was read"
	tests := []struct {
		name string
		in   []*inventory.Entry
		want []string
	}{
		{"code without its state, seen", []*inventory.Entry{code("", size("a")), seen(arnA, size("a"))}, nil},
		{"code without its state, not seen", []*inventory.Entry{code("")}, []string{untold}},
		{"code that was applied, not seen", []*inventory.Entry{code(inventory.LifecycleActive)}, []string{
			"missing: aws_instance.web is declared and applied, and is not there",
		}},
		{"code without more and its state, not seen", []*inventory.Entry{code(""), inState()}, []string{
			"missing: aws_instance.web is declared and applied, and is not there",
		}},
		{"code never applied, not seen", []*inventory.Entry{code(inventory.LifecyclePlanned)}, []string{
			"unapplied: aws_instance.web is declared and was never applied",
		}},
		{"code never applied, seen", []*inventory.Entry{code(inventory.LifecyclePlanned, size("a")), seen(arnA, size("b"))}, nil},
		{"planned, seen", []*inventory.Entry{plan(inventory.LifecyclePlanned), seen(arnA, size("b"))}, nil},
		{"code and plan, never applied", []*inventory.Entry{code(inventory.LifecyclePlanned), plan(inventory.LifecyclePlanned)}, []string{
			"unapplied: aws_instance.web is declared and was never applied",
		}},
		{"to be destroyed, and gone", []*inventory.Entry{plan(inventory.LifecycleRetiring), inState(size("a"))}, nil},
		{"to be destroyed, and changed", []*inventory.Entry{plan(inventory.LifecycleRetiring), inState(size("a")), seen(arnA, size("b"))}, nil},
		{"a plan to destroy it that the code outdates", []*inventory.Entry{code(inventory.LifecycleActive), plan(inventory.LifecycleRetiring), inState()}, []string{
			"missing: aws_instance.web is declared and applied, and is not there",
		}},
		{"code in two files without a state", []*inventory.Entry{
			code("", lineage("")), code("", lineage(""), func(e *inventory.Entry) { e.Origin.File = "copy.tf" }), seen(arnA),
		}, []string{"declared-twice unknown: nobody can tell whether aws_instance.web in main.tf was ever applied: no state of it was read"}},
		{"code and plan without a lineage are one declaration", []*inventory.Entry{
			inCode(size("a"), lineage("")), inPlan(size("a"), lineage("")), inState(size("a")), seen(arnA, size("a")),
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, said(t, estate{entries: tt.in, scopes: bothRead()})); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLayersAreNamed: a finding names what was compared, and tells all three values where all differ.
func TestLayersAreNamed(t *testing.T) {
	w := estate{entries: []*inventory.Entry{inCode(size("b")), inState(size("a")), seen(arnA, size("c"))}, scopes: bothRead()}
	v := only(t, w, "drift/changed")
	want := []string{
		"declared: aws_instance.web in main.tf (code)", "declared: aws_instance.web in prod.tfstate (state)", "observed: " + arnA + " by aws",
		"three values of InstanceType: code declares b, the state holds a, and it is c",
	}
	if diff := cmp.Diff(want, texts(v.Evidence)); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if v.Origin.File != "main.tf" || v.Origin.Line != 7 {
		t.Errorf("origin %+v", v.Origin)
	}
	for _, e := range v.Evidence[:3] {
		if e.Source == "" || e.Scope == "" {
			t.Errorf("%q has no source, so that nobody can tell its age", e.Text)
		}
	}
	w.entries = []*inventory.Entry{inCode(tagged(), ignores("tags.a")), inState(tagged()), seen(arnA, tagged("a", "1", "b", "2"))}
	last := texts(only(t, w, "drift/changed").Evidence)
	if got := last[len(last)-1]; got != "left out: tags.a, by code/ignore_changes: the code ignores changes of it" {
		t.Errorf("last evidence %q", got)
	}
}

// TestUnreadLayers: a layer that this scan could not read decides nothing.
func TestUnreadLayers(t *testing.T) {
	scopes := append(bothRead(), scope(inventory.Declared, "terraform", "states", "old", inventory.RunFailed))
	got := said(t, estate{entries: []*inventory.Entry{inCode(size("b")), inState(size("a"), source("states", "old")), seen(arnA, size("a"))}, scopes: scopes})
	for _, line := range got {
		if !strings.Contains(line, " unknown: ") {
			t.Errorf("said %q", line)
		}
	}
	if len(got) < 3 {
		t.Errorf("said %q", got)
	}
}

func facet(address string, layer inventory.Layer, l inventory.Lifecycle, edits ...edit) *inventory.Entry {
	at := func(e *inventory.Entry) {
		e.Origin = inventory.Origin{File: "main.tf", Address: address, Lineage: "L1", Layer: layer}
		e.Lifecycle, e.Tags = l, inventory.NotTaggable()
		e.Identifiers = []inventory.Identifier{{Kind: inventory.ARN, Value: bucketARN}}
		e.Relations = []inventory.Relation{{Kind: inventory.FacetOf, Key: bucketARN}}
	}
	return declared("main.tf#"+address, append([]edit{typed(s3Bucket), at}, edits...)...)
}

func bucketIn(edits ...edit) *inventory.Entry {
	return declared(bucketARN, append([]edit{typed(s3Bucket), origin(inventory.Origin{
		File: "prod.tfstate", Address: "aws_s3_bucket.logs", Lineage: "L1", Layer: inventory.LayerState,
	}), stage(inventory.LifecycleActive)}, edits...)...)
}

func bucketSeen(edits ...edit) *inventory.Entry {
	return seen(bucketARN, append([]edit{typed(s3Bucket)}, edits...)...)
}

func versions(s string) edit { return has("VersioningConfiguration.Status", s) }

func TestFacets(t *testing.T) {
	const versioning, block = "aws_s3_bucket_versioning.logs", "aws_s3_bucket_public_access_block.logs"
	state, code, active := inventory.LayerState, inventory.LayerCode, inventory.LifecycleActive
	tests := []struct {
		name string
		in   []*inventory.Entry
		want []string
	}{
		{"as declared", []*inventory.Entry{bucketIn(), facet(versioning, state, active, versions("Enabled")), bucketSeen(versions("Enabled"))}, nil},
		{"outranks what the bucket's own state holds", []*inventory.Entry{
			bucketIn(versions("Suspended")), facet(versioning, state, active, versions("Enabled")), bucketSeen(versions("Enabled")),
		}, nil},
		{"changed", []*inventory.Entry{bucketIn(), facet(versioning, state, active, versions("Enabled")), bucketSeen(versions("Suspended"))}, []string{
			"changed: VersioningConfiguration.Status is Suspended, declared Enabled",
		}},
		{"not applied yet", []*inventory.Entry{
			bucketIn(), facet(versioning, state, active, versions("Enabled")), facet(versioning, code, active, versions("Suspended")), bucketSeen(versions("Enabled")),
		}, []string{"unapplied: not applied yet: VersioningConfiguration.Status is Enabled, declared Suspended"}},
		{"never applied", []*inventory.Entry{
			bucketIn(), facet(versioning, code, inventory.LifecyclePlanned, versions("Enabled")), bucketSeen(versions("Suspended")),
		}, []string{"unapplied: not applied yet: VersioningConfiguration.Status is Suspended, declared Enabled"}},
		{"never applied, as is its bucket", []*inventory.Entry{
			bucketIn(stage(inventory.LifecyclePlanned), func(e *inventory.Entry) { e.Origin.Layer = code }),
			facet(versioning, code, inventory.LifecyclePlanned, versions("Enabled")), bucketSeen(versions("Suspended")),
		}, nil},
		{"to be destroyed", []*inventory.Entry{
			bucketIn(), facet(versioning, state, inventory.LifecycleRetiring, versions("Enabled")), bucketSeen(versions("Suspended")),
		}, nil},
		{"of a bucket that nobody declares", []*inventory.Entry{facet(versioning, state, active, versions("Enabled")), bucketSeen(versions("Suspended"))}, []string{
			"changed: VersioningConfiguration.Status is Suspended, declared Enabled",
			"unmanaged: not declared in any code",
		}},
		{"of a bucket that is not there", []*inventory.Entry{facet(versioning, state, active, versions("Enabled"))}, nil},
		{"of a declared bucket that is not there", []*inventory.Entry{bucketIn(), facet(versioning, state, active, versions("Enabled"))}, []string{
			"missing: aws_s3_bucket.logs is declared and applied, and is not there",
		}},
		{"two of them, and of another lineage", []*inventory.Entry{
			bucketIn(), facet(versioning, state, active, versions("Enabled")),
			facet(block, state, active, has("PublicAccessBlockConfiguration.BlockPublicAcls", "true"), lineage("L2")),
			bucketSeen(has("VersioningConfiguration.Status", "Enabled", "PublicAccessBlockConfiguration.BlockPublicAcls", "true")),
		}, nil},
		{"ignores changes of its own attribute", []*inventory.Entry{
			bucketIn(has("BucketName", "a")), facet(versioning, state, active, versions("Enabled"), ignores("*")),
			bucketSeen(has("VersioningConfiguration.Status", "Suspended", "BucketName", "b")),
		}, []string{"changed: BucketName is b, declared a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, said(t, estate{entries: tt.in, scopes: bothRead()})); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
	v := only(t, estate{entries: tests[2].in, scopes: bothRead()}, "drift/changed")
	if v.Origin.Address != versioning || v.Origin.File != "main.tf" {
		t.Errorf("the finding of a facet stands at %+v", v.Origin)
	}
}

// TestBounds: a size that something else moves may be anywhere within its bounds.
func TestBounds(t *testing.T) {
	sizes := func(least, most, desired string) edit {
		return both(typed(group), has("MinSize", least, "MaxSize", most, "DesiredCapacity", desired))
	}
	tests := []struct {
		name string
		d, o edit
		want []string
	}{
		{"scaled within its bounds", sizes("1", "4", "2"), sizes("1", "4", "4"), nil},
		{"beyond its bounds", sizes("1", "4", "2"), sizes("1", "4", "9"), []string{"changed: DesiredCapacity is 9, declared 2"}},
		{"with its bounds", sizes("1", "4", "2"), sizes("1", "9", "9"), []string{"changed: 2 differences from what is declared: DesiredCapacity, MaxSize"}},
		{"of unknown bounds", both(typed(group), has("DesiredCapacity", "2")), both(typed(group), has("DesiredCapacity", "9")), nil},
		{"of bounds that nobody declared", both(typed(group), has("DesiredCapacity", "2")), sizes("1", "4", "3"), nil},
	}
	for _, tt := range tests {
		got := said(t, estate{entries: []*inventory.Entry{declared(arnASG, tt.d), seen(arnASG, tt.o)}, scopes: bothRead()})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: said (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestSeverityByLossAndEnvironment(t *testing.T) {
	raise := func(e *rules.Entity) int {
		if tag, _ := e.Subject().Tags.Get("env"); tag.Value == "prod" {
			return 1
		}
		return -1
	}
	block := func(v string) edit {
		return both(typed(s3Bucket), has("PublicAccessBlockConfiguration.BlockPublicAcls", v))
	}
	described := func(s string) edit { return both(typed("AWS::IAM::Role"), has("Description", s)) }
	tests := []struct {
		name  string
		d, o  edit
		shift func(*rules.Entity) int
		want  rules.Severity
	}{
		{"a block of public access off", block("true"), block("false"), nil, rules.Critical},
		{"and on", block("false"), block("true"), nil, rules.Medium},
		{"a description", described("a"), described("b"), nil, rules.Low},
		{"nothing special", size("a"), size("b"), nil, 0},
		{"in production", both(size("a"), tagged("env", "prod")), both(size("b"), tagged("env", "prod")), raise, rules.Critical},
		{"in a sandbox", both(size("a"), tagged("env", "dev")), both(size("b"), tagged("env", "dev")), raise, rules.Medium},
		{"a description in a sandbox", described("a"), described("b"), raise, rules.Low},
	}
	for _, tt := range tests {
		v := only(t, estate{entries: pair(tt.d, tt.o), scopes: bothRead(), shift: tt.shift}, "drift/changed")
		if v.Severity != tt.want {
			t.Errorf("%s: severity %v, want %v", tt.name, v.Severity, tt.want)
		}
	}
	unapplied := estate{entries: []*inventory.Entry{inCode(size("b"), tagged("env", "prod")), inState(size("a"), tagged("env", "prod")), seen(arnA, size("a"), tagged("env", "prod"))}, scopes: bothRead(), shift: raise}
	if v := only(t, unapplied, "drift/unapplied"); v.Severity != 0 {
		t.Errorf("what is for information is %v in production", v.Severity)
	}
}

func TestSuppressLevels(t *testing.T) {
	vpc := seen("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", typed("AWS::EC2::VPC"), has("IsDefault", "true"))
	role := seen("arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport", typed("AWS::IAM::Role"), has("Path", "/aws-service-role/support.amazonaws.com/"))
	node := seen(arnA, tagged("eks:cluster-name", "c"))
	for level, want := range map[rules.SuppressLevel][]string{
		"":                     {"unmanaged suppressed by aws/default-vpc", "unmanaged suppressed by aws/service-linked-role", "unmanaged suppressed by provenance/eks"},
		rules.SuppressAll:      {"unmanaged suppressed by aws/default-vpc", "unmanaged suppressed by aws/service-linked-role", "unmanaged suppressed by provenance/eks"},
		rules.SuppressDefaults: {"unmanaged suppressed by aws/default-vpc", "unmanaged: not declared in any code", "unmanaged: not declared in any code"},
		rules.SuppressOff:      {"unmanaged: not declared in any code", "unmanaged: not declared in any code", "unmanaged: not declared in any code"},
	} {
		got := said(t, estate{entries: []*inventory.Entry{vpc, role, node}, scopes: bothRead(), suppress: level})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", level, diff)
		}
	}
}

// TestShownTwice: terraform show writes no lineage, so that two outputs may be of one state.
func TestShownTwice(t *testing.T) {
	shown := func(file, address string) *inventory.Entry {
		return &inventory.Entry{Asset: inventory.Asset{
			Book: inventory.Declared, Type: "AWS::SQS::Queue", Key: "arn:aws:sqs:eu-west-1:111122223333:jobs",
			Origin: inventory.Origin{File: file, Address: address, Layer: inventory.LayerState},
		}}
	}
	same := []*inventory.Entry{shown("show.json", "aws_sqs_queue.jobs"), shown("plan.json", "aws_sqs_queue.jobs")}
	other := []*inventory.Entry{shown("show.json", "aws_sqs_queue.jobs"), shown("plan.json", "module.a.aws_sqs_queue.jobs")}
	if !mayBeOne(distinctOwners(same)) || mayBeOne(distinctOwners(other)) {
		t.Error("one address without lineage may be one state, two addresses are not")
	}
}
