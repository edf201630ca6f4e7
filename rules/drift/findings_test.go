package drift

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

func keyOf(v ruled) string {
	if v.Asset == nil {
		return ""
	}
	return v.Asset.Key
}

// failures returns the findings of an estate as "rule key: message".
func failures(t testing.TB, w estate) []string {
	t.Helper()
	var out []string
	for _, v := range verdicts(t, w) {
		if v.Outcome == rules.Fail {
			out = append(out, v.rule+" "+keyOf(v)+": "+v.Message)
		}
	}
	return out
}

func pair(d, o edit) []*inventory.Entry { return []*inventory.Entry{declared(arnA, d), seen(arnA, o)} }

func both(edits ...edit) edit {
	return func(e *inventory.Entry) {
		for _, f := range edits {
			f(e)
		}
	}
}

func TestFindings(t *testing.T) {
	tests := []struct {
		name string
		in   []*inventory.Entry
		want []string
	}{
		{"equal", pair(has("InstanceType", "t3.micro"), has("InstanceType", "t3.micro")), nil},
		{
			"changed", pair(has("InstanceType", "t3.micro"), has("InstanceType", "t3.large")),
			[]string{"drift/changed " + arnA + ": InstanceType is t3.large, declared t3.micro"},
		},
		{"a list without order", pair(has("SecurityGroupIds", `["sg-1","sg-2"]`), has("SecurityGroupIds", `["sg-2","sg-1"]`)), nil},
		{"a flag in another spelling, and unset", pair(has("EbsOptimized", `"false"`), has("EbsOptimized", "null")), nil},
		{"a default that nobody wrote", pair(has("Tenancy", "null"), has("Tenancy", "default")), nil},
		{"left to the provider", pair(has("InstanceType", "null"), has("InstanceType", "t3.large")), nil},
		{"name of a profile against its ARN", pair(has("IamInstanceProfile", "web"), has("IamInstanceProfile", "arn:aws:iam::111122223333:instance-profile/web")), nil},
		{"not on the allow-list", pair(has("LaunchTime", "a"), has("LaunchTime", "b")), nil},
		{"known on one side only", pair(has("InstanceType", "t3.micro"), has()), nil},
		{"by name and tags only: tags are compared, attributes are not", []*inventory.Entry{
			declared(arnA, has("InstanceType", "t3.micro"), tagged("owner", "a")),
			seen(arnA, tagged("owner", "b"), func(e *inventory.Entry) { e.Shallow, e.Attributes = true, inventory.Attributes{} }),
		}, []string{"drift/changed " + arnA + ": tags.owner is b, declared a"}},
		{
			"a tag removed", pair(tagged("owner", "payments"), tagged()),
			[]string{"drift/changed " + arnA + ": tags.owner is gone, declared payments"},
		},
		{
			"a tag added by hand", pair(tagged(), tagged("owner", "payments")),
			[]string{"drift/changed " + arnA + ": tags.owner is payments, declared without"},
		},
		{
			"a tag emptied", pair(tagged("owner", "payments"), tagged("owner", "")),
			[]string{"drift/changed " + arnA + ": tags.owner is empty, declared payments"},
		},
		{
			"case of keys and values matters", pair(tagged("Owner", "x"), tagged("owner", "x")),
			[]string{"drift/changed " + arnA + ": 2 differences from what is declared: tags.Owner, tags.owner"},
		},
		{"tags that AWS keeps for itself", pair(tagged("owner", "x"), tagged("owner", "x", "aws:cloudformation:stack-name", "web")), nil},
		{"a value that code computes", pair(func(e *inventory.Entry) {
			e.Tags = inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true})
		}, tagged("owner", "x")), nil},
		{"not taggable", pair(tagged("owner", "x"), func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }), nil},
		{"tags not declared", pair(func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }, tagged("owner", "x")), nil},
		{
			"a secret shows as its hash", pair(has("KeyName", "hmac:00112233445566778899aabbccddeeff"), has("KeyName", "hmac:ffeeddccbbaa99887766554433221100")),
			[]string{"drift/changed " + arnA + ": KeyName changed (secret)"},
		},
		{"a plan's values are not applied yet", pair(both(has("InstanceType", "t3.micro"), stage(inventory.LifecyclePlanned)), has("InstanceType", "t3.large")), nil},
		{"missing", []*inventory.Entry{declared(arnA)}, []string{"drift/missing " + arnA + ": aws_instance.web is declared and applied, and is not there"}},
		{
			"missing, whatever the register says",
			[]*inventory.Entry{declared(arnA), entry(inventory.Recorded, "dc", arnA, ec2)},
			[]string{"drift/missing " + arnA + ": aws_instance.web is declared and applied, and is not there"},
		},
		{
			"a global type has no region",
			[]*inventory.Entry{declared("arn:aws:iam::111122223333:role/app", typed("AWS::IAM::Role"))},
			[]string{"drift/missing arn:aws:iam::111122223333:role/app: aws_instance.web is declared and applied, and is not there"},
		},
		{"marked for destruction and gone", []*inventory.Entry{declared(arnA, stage(inventory.LifecycleRetiring))}, nil},
		{"no provider reports it", []*inventory.Entry{declared("arn:x", typed("terraform/random_id"))}, nil},
		{"a volume goes with its instance", []*inventory.Entry{
			declared(arnA), declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnA)),
		}, []string{"drift/missing " + arnA + ": aws_instance.web is declared and applied, and is not there"}},
		{"a volume that outlives its instance does not", []*inventory.Entry{
			declared(arnA), declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnA), has("DeleteOnTermination", "false")),
		}, []string{
			"drift/missing " + arnA + ": aws_instance.web is declared and applied, and is not there",
			"drift/missing " + arnVol + ": aws_instance.web is declared and applied, and is not there",
		}},
		{
			"never applied",
			[]*inventory.Entry{declared("plan.json#aws_instance.web", stage(inventory.LifecyclePlanned))},
			[]string{"drift/unapplied plan.json#aws_instance.web: aws_instance.web is declared and was never applied"},
		},
		{"a state and a plan of one resource", []*inventory.Entry{
			declared(arnA), declared("plan.json#aws_instance.web", stage(inventory.LifecyclePlanned)), seen(arnA),
		}, nil},
		{"unmanaged", []*inventory.Entry{seen(arnA)}, []string{"drift/unmanaged " + arnA + ": not declared in any code"}},
		{
			"only in the register: unmanaged all the same",
			[]*inventory.Entry{seen(arnA), entry(inventory.Recorded, "dc", arnA, ec2)},
			[]string{"drift/unmanaged " + arnA + ": not declared in any code"},
		},
		{"a default VPC", []*inventory.Entry{seen("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", typed("AWS::EC2::VPC"), has("IsDefault", "true"))}, nil},
		{
			"a VPC that is not the default",
			[]*inventory.Entry{seen("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", typed("AWS::EC2::VPC"), has("IsDefault", "false"))},
			[]string{"drift/unmanaged arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1: not declared in any code"},
		},
		{"a service-linked role", []*inventory.Entry{seen("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", typed("AWS::IAM::Role"))}, nil},
		{"the instances of a declared group", []*inventory.Entry{
			declared(arnASG, typed(group)), seen(arnASG, typed(group)),
			seen(arnA, relates(inventory.MemberOf, arnASG)), seen(arnB, relates(inventory.MemberOf, arnASG)),
		}, nil},
		{"a declared group that could not be seen", []*inventory.Entry{
			declared(arnASG, typed(group), stage(inventory.LifecyclePlanned)), seen(arnA, relates(inventory.MemberOf, arnASG)),
		}, []string{"drift/unapplied " + arnASG + ": aws_instance.web is declared and was never applied"}},
		{"an undeclared group counts once", []*inventory.Entry{
			seen(arnASG, typed(group)), seen(arnA, relates(inventory.MemberOf, arnASG)), seen(arnB, relates(inventory.MemberOf, arnASG)),
		}, []string{"drift/unmanaged " + arnASG + ": not declared in any code"}},
		{"the mark of a controller", []*inventory.Entry{seen(arnA, tagged("eks:cluster-name", "c"))}, nil},
		{
			"the volume of an undeclared instance",
			[]*inventory.Entry{seen(arnA), seen(arnVol, typed(volume), relates(inventory.AttachedTo, arnA))},
			[]string{"drift/unmanaged " + arnA + ": not declared in any code"},
		},
		{
			"a volume that outlives it",
			[]*inventory.Entry{seen(arnA), seen(arnVol, typed(volume), relates(inventory.AttachedTo, arnA), has("DeleteOnTermination", "false"))},
			[]string{"drift/unmanaged " + arnA + ": not declared in any code", "drift/unmanaged " + arnVol + ": not declared in any code"},
		},
		{
			"what a declared thing merely uses",
			[]*inventory.Entry{seen(arnA), declared(arnA), seen(arnVol, typed(volume), relates(inventory.UsedBy, arnA))},
			[]string{"drift/unmanaged " + arnVol + ": not declared in any code"},
		},
		{
			"a volume attached to something that nobody lists",
			[]*inventory.Entry{seen(arnVol, typed(volume), relates(inventory.AttachedTo, arnA))},
			[]string{"drift/unmanaged " + arnVol + ": not declared in any code"},
		},
		{"a rule added by hand to a declared group", []*inventory.Entry{
			declared("arn:sg", typed("AWS::EC2::SecurityGroup")), seen("arn:sg", typed("AWS::EC2::SecurityGroup")),
			seen("arn:sgr", typed("AWS::EC2::SecurityGroupIngress"), relates(inventory.PartOf, "arn:sg"), func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }),
		}, []string{"drift/unmanaged arn:sgr: not declared in any code"}},
		{"a rule of an undeclared group", []*inventory.Entry{
			seen("arn:sg", typed("AWS::EC2::SecurityGroup"), has("GroupName", "web")),
			seen("arn:sgr", typed("AWS::EC2::SecurityGroupIngress"), relates(inventory.PartOf, "arn:sg"), func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }),
		}, []string{"drift/unmanaged arn:sg: not declared in any code"}},
		{"neither taggable nor billable", []*inventory.Entry{seen("x", typed("AWS::EC2::SecurityGroupIngress"), func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() })}, nil},
		{"a stack of a tool that nobody reads", []*inventory.Entry{seen(arnA, tagged("aws:cloudformation:stack-name", "web"))}, nil},
		{"declared twice", []*inventory.Entry{
			declared(arnA), declared(arnA, origin(inventory.Origin{File: "b.tfstate", Address: "aws_instance.b", Lineage: "L2"})), seen(arnA),
		}, []string{"drift/declared-twice " + arnA + ": declared 2 times: in prod.tfstate (aws_instance.web) and in b.tfstate (aws_instance.b)"}},
		{"two copies of one state", []*inventory.Entry{
			declared(arnA), declared(arnA, origin(inventory.Origin{File: "backup.tfstate", Address: "aws_instance.web", Lineage: "L1"})), seen(arnA),
		}, nil},
		{"two templates without lineage", []*inventory.Entry{
			declared(arnA, origin(inventory.Origin{File: "a.yaml", Address: "Web"})), declared(arnA, origin(inventory.Origin{File: "b.yaml", Address: "Web"})), seen(arnA),
		}, []string{"drift/declared-twice " + arnA + ": declared 2 times: in a.yaml (Web) and in b.yaml (Web)"}},
		{"a volume of one state in the list of another's instance", []*inventory.Entry{
			declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnA)),
			declared(arnVol, typed(volume), origin(inventory.Origin{File: "b.tfstate", Address: "aws_ebs_volume.data", Lineage: "L2"})),
			seen(arnVol, typed(volume)), declared(arnA), seen(arnA),
		}, nil},
		{"a volume in the lists of two states' instances", []*inventory.Entry{
			declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnA)),
			declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnB), origin(inventory.Origin{File: "b.tfstate", Address: "aws_instance.b", Lineage: "L2"})),
			seen(arnVol, typed(volume)), declared(arnA), seen(arnA),
		}, []string{"drift/declared-twice " + arnVol + ": declared 2 times: in prod.tfstate (aws_instance.web) and in b.tfstate (aws_instance.b)"}},
		{"a default network", []*inventory.Entry{seen("arn:vpc", typed("AWS::EC2::VPC"), has("IsDefault", "true"))}, nil},
		{"a network of one's own", []*inventory.Entry{seen("arn:vpc", typed("AWS::EC2::VPC"), has("IsDefault", "false"))}, []string{
			"drift/unmanaged arn:vpc: not declared in any code",
		}},
		{"one of two is being given up", []*inventory.Entry{
			declared(arnA), declared(arnA, stage(inventory.LifecycleRetiring), origin(inventory.Origin{File: "b.tfstate", Lineage: "L2"})), seen(arnA),
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, failures(t, estate{entries: tt.in, scopes: bothRead()})); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrphan(t *testing.T) {
	marked := tagged("aws:cloudformation:stack-name", "web", "aws:cloudformation:stack-id", "arn:stack")
	scopes := append(bothRead(), stackScope(inventory.RunOK, night))
	got := failures(t, estate{entries: []*inventory.Entry{seen(arnA, marked)}, scopes: scopes})
	want := []string{"drift/orphan " + arnA + ": made by cloudformation, and in none of its declarations any more"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	stack := entry(inventory.Declared, "stacks", "arn:stack", "AWS::CloudFormation::Stack", stage(inventory.LifecyclePlanned))
	for _, f := range failures(t, estate{entries: []*inventory.Entry{seen(arnA, marked), stack}, scopes: scopes}) {
		if strings.Contains(f, arnA) {
			t.Errorf("a resource of a declared stack: %s", f)
		}
	}
}

func TestMissingDetails(t *testing.T) {
	v := only(t, estate{entries: []*inventory.Entry{declared(arnA), entry(inventory.Recorded, "dc", arnA, ec2, func(e *inventory.Entry) { e.Name = "web-1" })}, scopes: bothRead()}, "drift/missing")
	want := []string{
		"declared: aws_instance.web in prod.tfstate (state)",
		"observed: not in any of the 1 scopes that cover it",
		"recorded: dc still lists it as web-1, which proves nothing",
	}
	if diff := cmp.Diff(want, texts(v.Evidence)); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if v.Fix != "run terraform apply for prod.tfstate to make it again, or take aws_instance.web out of the code" {
		t.Errorf("fix: %s", v.Fix)
	}
	if v.Origin.Address != "aws_instance.web" || v.Asset.Book != inventory.Declared {
		t.Errorf("about %v at %v", v.Asset, v.Origin)
	}
}

func TestChangedDetails(t *testing.T) {
	w := estate{entries: pair(
		both(has("InstanceType", "t3.micro", "SecurityGroupIds", `["sg-1"]`), tagged("env", "prod")),
		both(has("InstanceType", "t3.large", "SecurityGroupIds", `["sg-2"]`), tagged("aws:autoscaling:groupName", "web")),
	), scopes: bothRead()}
	v := only(t, w, "drift/changed")
	wantDiff := []rules.Difference{
		{Attribute: "InstanceType", Declared: "t3.micro", Actual: "t3.large"},
		{Attribute: "SecurityGroupIds", Declared: `["sg-1"]`, Actual: `["sg-2"]`},
		{Attribute: "tags.env", Declared: "prod", ActualAbsent: true},
	}
	if diff := cmp.Diff(wantDiff, v.Diff); diff != "" {
		t.Errorf("diff (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"InstanceType", "SecurityGroupIds", "tags.env"}, v.Parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	wantEvidence := []string{
		"declared: aws_instance.web in prod.tfstate (state)",
		"observed: " + arnA + " by aws",
		"managed by: autoscaling web (tag aws:autoscaling:groupName)",
	}
	if diff := cmp.Diff(wantEvidence, texts(v.Evidence)); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if v.Asset.Book != inventory.Observed || v.Origin.File != "prod.tfstate" {
		t.Errorf("about %v at %v", v.Asset, v.Origin)
	}
}

// only returns the one failure of a rule.
func only(t *testing.T, w estate, rule string) ruled {
	t.Helper()
	var found []ruled
	for _, v := range verdicts(t, w) {
		if v.rule == rule && v.Outcome == rules.Fail {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d failures of %s, want 1", len(found), rule)
	}
	return found[0]
}

func TestIgnoredByPolicy(t *testing.T) {
	w := estate{
		entries: pair(has("InstanceType", "t3.micro"), both(has("InstanceType", "t3.large"), tagged("owner", "x"))), scopes: bothRead(),
		ignore: func(_ *rules.Entity, attribute string) (Ignored, bool) {
			return Ignored{By: "policy.yaml#drift.ignore[0]", Reason: "sized by load"}, attribute == "InstanceType"
		},
	}
	if diff := cmp.Diff([]string{"drift/changed " + arnA + ": tags.owner is x, declared without"}, failures(t, w)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	w.entries = pair(has("InstanceType", "t3.micro"), has("InstanceType", "t3.large"))
	for _, v := range verdicts(t, w) {
		if v.rule != "drift/changed" {
			continue
		}
		if v.Outcome != rules.NotApplicable || v.SuppressedBy != "policy.yaml#drift.ignore[0]" || v.Reason != "sized by load" || len(v.Diff) != 1 {
			t.Errorf("wholly ignored: %+v", v.Verdict)
		}
	}
}

func TestSuppressionsAreNamed(t *testing.T) {
	for by, e := range map[string]*inventory.Entry{
		"aws/default-vpc":           seen("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", typed("AWS::EC2::VPC"), has("IsDefault", "true")),
		"provenance/eks":            seen(arnA, tagged("eks:cluster-name", "c")),
		"provenance/cloudformation": seen(arnA, tagged("aws:cloudformation:stack-name", "web")),
	} {
		var got []string
		for _, v := range verdicts(t, estate{entries: []*inventory.Entry{e}, scopes: bothRead()}) {
			if v.SuppressedBy != "" {
				got = append(got, v.rule+" "+v.SuppressedBy)
			}
		}
		if diff := cmp.Diff([]string{"drift/unmanaged " + by}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", by, diff)
		}
	}
}

func TestClimbing(t *testing.T) {
	w := estate{entries: []*inventory.Entry{
		seen(arnVol, typed(volume), relates(inventory.AttachedTo, arnA)), seen(arnA, relates(inventory.MemberOf, arnASG)),
		seen(arnASG, typed(group)), declared(arnASG, typed(group)),
	}, scopes: bothRead(), climb: true}
	if got := failures(t, w); len(got) != 0 {
		t.Errorf("a chain up to something declared: %v", got)
	}
	reasons := strings.Join(audit(t, w), "\n")
	if !strings.Contains(reasons, "it belongs to "+arnA+", and that to something declared") {
		t.Errorf("the chain is not told:\n%s", reasons)
	}
	w = estate{entries: []*inventory.Entry{
		seen(arnA, relates(inventory.AttachedTo, arnB)), seen(arnB, relates(inventory.AttachedTo, arnA)),
	}, scopes: bothRead(), climb: true}
	if diff := cmp.Diff([]string{"drift/unmanaged " + arnA + ": not declared in any code"}, failures(t, w)); diff != "" {
		t.Errorf("of two that claim each other one is the root (-want +got):\n%s", diff)
	}
}

func TestIndexManagersErrors(t *testing.T) {
	broken := errors.New("disk gone")
	_, err := IndexManagers(t.Context(), nil, func(yield func(*inventory.Entry, error) bool) { yield(nil, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("IndexManagers = %v, want the error of the stream", err)
	}
}

// TestCoverage counts roots: declared ones pass, undeclared ones fail, what belongs to them does not count.
func TestCoverage(t *testing.T) {
	w := estate{entries: []*inventory.Entry{
		declared(arnASG, typed(group)), seen(arnASG, typed(group)),
		seen(arnA, relates(inventory.MemberOf, arnASG)), seen(arnB, relates(inventory.MemberOf, arnASG)),
		declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnASG)), seen(arnVol, typed(volume), relates(inventory.AttachedTo, arnASG)),
		seen("arn:lone", typed(volume)),
		declared("arn:gone", typed(volume), origin(inventory.Origin{File: "x.tfstate", Address: "gone", Lineage: "L3"})),
		seen("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", typed("AWS::EC2::VPC"), has("IsDefault", "true")),
	}, scopes: bothRead()}
	count := map[rules.Outcome]int{}
	for _, v := range verdicts(t, w) {
		if v.meta.Coverage == "iac" {
			count[v.Outcome]++
		}
	}
	if count[rules.Pass] != 1 || count[rules.Fail] != 1 || count[rules.Unknown] != 0 {
		t.Errorf("%d pass, %d fail, %d unknown; want 1 declared group, 1 lone volume", count[rules.Pass], count[rules.Fail], count[rules.Unknown])
	}
}

func TestSeverityOfAttributes(t *testing.T) {
	j := &judge{Inputs: Inputs{Catalog: loadCatalog(t)}}
	high := &catalog.Attribute{Name: "SecurityGroupIds", Severity: "high"}
	if _, s := j.loss(&triple{typ: ec2, attr: high, declared: `["sg-1"]`, actual: `["sg-2"]`}); s != rules.High {
		t.Errorf("severity = %v, want high", s)
	}
	if s := severityOf([]difference{{severity: rules.High}, {}}); s != 0 {
		t.Errorf("severity = %v, want the rule's own", s)
	}
	if s := severityOf([]difference{{severity: rules.Low}}); s != rules.Low {
		t.Errorf("severity = %v, want low", s)
	}
	if s := severityOf([]difference{{severity: rules.Low}, {severity: rules.Critical}}); s != rules.Critical {
		t.Errorf("severity = %v, want critical", s)
	}
}

// TestSameIsNoDrift holds for any instance: against its own canonical form nothing differs.
func TestSameIsNoDrift(t *testing.T) {
	c := loadCatalog(t)
	row, _ := c.Type(ec2)
	rapid.Check(t, func(rt *rapid.T) {
		var want, have []inventory.Attribute
		for _, a := range row.Attributes {
			if rapid.Bool().Draw(rt, "declared") {
				v := values().Draw(rt, a.Name)
				want = append(want, inventory.Attribute{Name: a.Name, Value: v})
				have = append(have, inventory.Attribute{Name: a.Name, Value: catalog.Normalize(a, v)})
			}
		}
		tags := rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(rt, "tags")
		d, o := declared(arnA), seen(arnA)
		d.Attributes, o.Attributes = inventory.KnownAttributes(want...), inventory.KnownAttributes(have...)
		d.Tags, o.Tags = inventory.TagsFromMap(tags), inventory.TagsFromMap(tags)
		if got := failures(t, estate{entries: []*inventory.Entry{d, o}, scopes: bothRead()}); len(got) > 0 {
			rt.Fatalf("drift of a thing from itself: %v", got)
		}
	})
}

// TestDiffMirrors swaps the sides: the same attributes differ, with the values exchanged.
func TestDiffMirrors(t *testing.T) {
	j := &judge{Inputs: Inputs{Catalog: loadCatalog(t)}}
	tags := rapid.MapOfN(rapid.SampledFrom([]string{"owner", "env", "aws:x"}), rapid.SampledFrom([]string{"a", "b"}), 0, 3)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := seen(arnA), seen(arnA)
		a.Tags, b.Tags = inventory.TagsFromMap(tags.Draw(rt, "a")), inventory.TagsFromMap(tags.Draw(rt, "b"))
		there, back := plain(j.compare(nil, side{a}, b).changed), plain(j.compare(nil, side{b}, a).changed)
		mirrored := make([]rules.Difference, len(back))
		for i, d := range back {
			mirrored[i] = rules.Difference{Attribute: d.Attribute, Declared: d.Actual, Actual: d.Declared, DeclaredAbsent: d.ActualAbsent, ActualAbsent: d.DeclaredAbsent}
		}
		byName := func(x, y rules.Difference) int { return strings.Compare(x.Attribute, y.Attribute) }
		slices.SortFunc(there, byName)
		slices.SortFunc(mirrored, byName)
		if len(there) != len(mirrored) || len(there) > 0 && !cmp.Equal(there, mirrored) {
			rt.Fatalf("there %v, back %v", there, mirrored)
		}
	})
}

func values() *rapid.Generator[inventory.Value] {
	return rapid.Custom(func(t *rapid.T) inventory.Value {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return inventory.Null
		case 1:
			return inventory.BoolValue(rapid.Bool().Draw(t, "bool"))
		case 2:
			return inventory.IntValue(rapid.Int64Range(-5, 5).Draw(t, "int"))
		case 3:
			return inventory.StringsValue(rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,3}`), 0, 3).Draw(t, "list"))
		}
		return inventory.StringValue(rapid.StringMatching(`[A-Za-z0-9 ./:"{}-]{0,8}`).Draw(t, "text"))
	})
}

// TestHardware: machines of a data centre are unmanaged only where some code declares such things.
func TestHardware(t *testing.T) {
	machine := entry(inventory.Observed, "agents", "agent/dc1/db-1", "datacenter/server", func(e *inventory.Entry) {
		e.Identifiers = []inventory.Identifier{{Kind: inventory.Serial, Value: "CZC1234ABC"}}
	})
	scopes := append(bothRead(), scope(inventory.Observed, "exec", "agents", "s", inventory.RunOK, "datacenter/*"))
	fails := func() bool {
		return slices.ContainsFunc(verdicts(t, estate{entries: []*inventory.Entry{machine}, scopes: scopes}), func(v ruled) bool {
			return v.rule == "drift/unmanaged" && v.Outcome == rules.Fail
		})
	}
	if fails() {
		t.Error("unmanaged, though no code declares hardware")
	}
	scopes[1].Held = []inventory.TypeAccount{{Type: "datacenter/vm"}}
	if !fails() {
		t.Error("managed, though some code declares hardware and not this")
	}
	machine.Identifiers[0].Value = "To be filled by O.E.M."
	if fails() {
		t.Error("unmanaged, though no declaration could be recognised as its own")
	}
}

func texts(evidence []rules.Evidence) []string {
	var list []string
	for _, e := range evidence {
		list = append(list, e.Text)
	}
	return list
}
