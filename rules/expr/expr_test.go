package expr

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func testEnv() Env {
	return Env{Now: now, Class: func(t inventory.Type) string {
		return map[inventory.Type]string{"AWS::EC2::Instance": "compute", "AWS::S3::Bucket": "storage"}[t]
	}}
}

func instance(tags inventory.Tags) *inventory.Entry {
	return &inventory.Entry{
		Source: "aws-prod", Scope: "111122223333/eu-west-1/AWS::EC2::Instance",
		Asset: inventory.Asset{
			Key: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", Book: inventory.Observed, Type: "AWS::EC2::Instance",
			Name: "web-1", Account: "111122223333", Region: "eu-west-1", Zone: "eu-west-1a", Lifecycle: inventory.LifecycleActive,
			Tags: tags, Created: now.Add(-48 * time.Hour),
			Attributes: inventory.KnownAttributes(
				inventory.Attribute{Name: "InstanceType", Value: `"t3.micro"`},
				inventory.Attribute{Name: "Cores", Value: "2"},
				inventory.Attribute{Name: "Price", Value: "0.5"},
				inventory.Attribute{Name: "Public", Value: "true"},
				inventory.Attribute{Name: "KernelId", Value: inventory.Null},
				inventory.Attribute{Name: "UserData", Value: inventory.Unread},
				inventory.Attribute{Name: "Groups", Value: `["sg-1",{"n":3}]`},
				inventory.Attribute{Name: "Quoted", Value: `"a\"b"`},
			),
		},
	}
}

func tagged() *inventory.Entry {
	return instance(inventory.KnownTags(
		inventory.Tag{Key: "team", Value: "payments"}, inventory.Tag{Key: "a:b", Value: "c"}, inventory.Tag{Key: "empty"},
		inventory.Tag{Key: "later", ValueUnknown: true},
	))
}

func unreadable() *inventory.Entry {
	e := instance(inventory.UnknownTags())
	e.Created = time.Time{}
	e.AttributesUnconfirmed = []string{"Cores"}
	return e
}

func TestThreeValues(t *testing.T) {
	tests := []struct {
		source string
		asset  *inventory.Entry
		want   Truth
	}{
		{`asset.tags.team == "payments"`, unreadable(), Unknown},
		{`asset.tags["team"] == ""`, unreadable(), Unknown},
		{`!(asset.tags.team == "payments")`, unreadable(), Unknown},
		{`has(asset.tags.team)`, unreadable(), Unknown},
		{`"team" in asset.tags`, unreadable(), Unknown},
		{`size(asset.tags) == 0`, unreadable(), Unknown},
		{`asset.tags.exists(k, k == "team")`, unreadable(), Unknown},
		{`asset.tags.team.lowerAscii().startsWith("pay")`, unreadable(), Unknown},
		{`asset.tags.team in ["payments", "search"]`, unreadable(), Unknown},
		{`asset.tags[asset.name] == "x"`, unreadable(), Unknown},
		{`asset.tags.team == "x" ? true : true`, unreadable(), Unknown},
		{`asset.type == "AWS::S3::Bucket" && asset.tags.team == "x"`, unreadable(), No},
		{`asset.tags.team == "x" && asset.type == "AWS::S3::Bucket"`, unreadable(), No},
		{`asset.tags.team == "x" || asset.account == "111122223333"`, unreadable(), Yes},
		{`asset.account == "" || asset.tags.team == "x"`, unreadable(), Unknown},
		{`asset.age > duration("24h")`, unreadable(), Unknown},
		{`has(asset.created)`, unreadable(), No},
		{`asset.attributes.Cores > 1`, unreadable(), Unknown},
		{`asset.attributes.UserData == "x"`, tagged(), Unknown},
		{`has(asset.attributes.UserData)`, tagged(), Unknown},
		{`asset.attributes.NeverHeardOf == "x"`, tagged(), Unknown},
		{`"NeverHeardOf" in asset.attributes`, tagged(), Unknown},
		{`asset.tags.later == "x"`, tagged(), Unknown},
		{`has(asset.tags.later)`, tagged(), Yes},
		{`"later" in asset.tags`, tagged(), Yes},
		// Values of an unforeseen kind are not what the author meant: nobody knows.
		{`asset.attributes.InstanceType > 5`, tagged(), Unknown},
		{`asset.attributes.Groups[7] == "sg-1"`, tagged(), Unknown},
		{`int(asset.tags.team) > 5`, tagged(), Unknown},
		{`asset.attributes.InstanceType > 5 || asset.region == "eu-west-1"`, tagged(), Yes},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) { wantTruth(t, tt.source, tt.asset, tt.want) })
	}
}

func TestKnownValues(t *testing.T) {
	yes := []string{
		`asset.tags.team == "payments"`, `asset.tags["a:b"] == "c"`, `asset.tags.nothing == ""`, `asset.tags["nothing"] == ""`,
		`!has(asset.tags.nothing)`, `has(asset.tags.empty)`, `"team" in asset.tags`, `!("nothing" in asset.tags)`,
		`size(asset.tags) == 4`, `asset.tags.exists(k, k.startsWith("te"))`, `asset.tags.all(k, k != "Team")`,
		`asset.tags[asset.name] == ""`, `asset.tags.team.matches("^pay.*s$")`, `asset.tags.team.upperAscii() == "PAYMENTS"`,
		`asset.class == "compute"`, `asset.class in ["compute", "database"]`, `asset.provider == "aws"`, `asset.book == "observed"`,
		`asset.account == "111122223333" && asset.region == "eu-west-1" && asset.zone.startsWith(asset.region)`,
		`asset.source == "aws-prod" && asset.scope.contains("eu-west-1")`, `asset.lifecycle == "active"`, `asset.name == "web-1"`,
		`asset.key.endsWith("i-0abc")`, `asset.age == duration("48h")`, `asset.created < now`,
		`asset.created > timestamp("2026-01-01T00:00:00Z")`, `asset.attributes.InstanceType == "t3.micro"`,
		`asset.attributes.Cores == 2`, `asset.attributes.Cores >= 1.5`, `asset.attributes.Price < 1`, `asset.attributes.Public == true`,
		`asset.attributes.KernelId == null`, `"sg-1" in asset.attributes.Groups`, `asset.attributes.Groups[1].n == 3`,
		`asset.attributes.Quoted == 'a"b'`, `has(asset.attributes.Cores)`, `has(asset.name)`, `!has(asset.tags.x)`,
		`entity.observed && entity.recorded && !entity.declared`, `entity.books == ["observed", "recorded"]`,
		`"dc" in entity.sources`, `entity.sources == ["aws-prod", "dc"]`, `now == timestamp("2026-03-01T12:00:00Z")`,
	}
	for _, source := range yes {
		t.Run(source, func(t *testing.T) {
			wantTruth(t, source, tagged(), Yes)
			wantTruth(t, "!("+source+")", tagged(), No)
		})
	}
}

func TestNotTaggableHasNoTags(t *testing.T) {
	wantTruth(t, `has(asset.tags.team)`, instance(inventory.NotTaggable()), No)
	wantTruth(t, `asset.tags.team == ""`, instance(inventory.NotTaggable()), Yes)
}

func TestNoEntityIsUnknown(t *testing.T) {
	for _, source := range []string{`entity.observed`, `!entity.declared`, `size(entity.books) == 0`, `"x" in entity.sources`} {
		p := compile(t, source)
		got, err := p.Eval(tagged(), Facets{})
		if err != nil || got != Unknown {
			t.Errorf("%s: got %v, %v", source, got, err)
		}
	}
}

func TestReason(t *testing.T) {
	tests := []struct{ source, want string }{
		{`asset.tags.team == "x"`, "asset.tags is not known"},
		{`asset.tags.team == "x" && asset.age > duration("1h")`, "asset.created and asset.tags are not known"},
		{`asset.attributes.Nothing == "x"`, "asset.attributes.Nothing is not known"},
		{`asset.attributes.InstanceType > 5`, "a value is not what the condition expects (no such overload)"},
		{`int(asset.name) > 5`, "a value is not what the condition expects"},
		{`asset.attributes.Groups[7] == "x"`, "a value is not what the condition expects (index out of bounds)"},
		{`asset.attributes.Groups[1].nothing == "x"`, "a value is not what the condition expects (no such key)"},
		{`asset.region == "eu-west-1"`, ""},
	}
	for _, tt := range tests {
		_, got, err := compile(t, tt.source).EvalReason(unreadable(), Facets{})
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.source, got, err, tt.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		source       string
		line, column int
		want         string
	}{
		{`asset.typ == "x"`, 1, 6, `did you mean "type"?`},
		{"asset.type == \"x\" &&\n  entity.observd", 2, 9, `did you mean "observed"?`},
		{`entity.acount == "x"`, 1, 7, `known are observed, declared, recorded, books, sources`},
		{`aset.type == "x"`, 1, 1, `did you mean "asset"?`},
		{`asset.name.lowerAsci() == "x"`, 1, 21, `did you mean "lowerAscii"?`},
		{`asset.name`, 1, 1, "the result is a string"},
		{`asset.attributes.Public == true ? 1 : 2`, 1, 1, "the result is a int"},
		{`asset.attributes.Public ? asset.attributes.Public : asset.attributes.Cores`, 1, 1, "the result is a dyn"},
		{`asset.type = "x"`, 1, 12, "Syntax error"},
		{``, 1, 1, "Syntax error"},
		{`asset.name.matches("(")`, 1, 20, "invalid matches argument"},
		{`asset.age > duration("1 fortnight")`, 1, 22, "duration"},
		{`asset.tags == {"a": "b"}`, 1, 12, "cannot be used as a whole"},
		{`{"a": "b"} == asset.tags`, 1, 12, "cannot be used as a whole"},
		{`asset == asset`, 1, 7, "cannot be used as a whole"},
		{`[asset.tags].size() == 1`, 1, 1, "cannot be used as a whole"},
		{`asset.attributes.exists(k, k == "x")`, 1, 24, "cannot be looped over"},
		{`size(asset.attributes) == 0`, 1, 5, "has no size"},
		{`muster.asset{}.name == ""`, 1, 13, "cannot be made"},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) {
			_, err := Compile(tt.source, testEnv())
			var got *CompileError
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(got.Error(), tt.want) || got.Line != tt.line || got.Column != tt.column {
				t.Errorf("got %d:%d: %v, want %d:%d: %s", got.Line, got.Column, got, tt.line, tt.column, tt.want)
			}
		})
	}
}

func TestHostileExpressions(t *testing.T) {
	compileOnly := []string{
		`[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, a < b + c)))`,
		strings.Repeat("(", 400) + "true" + strings.Repeat(")", 400),
		`asset.name == "` + strings.Repeat("x", maxSource) + `"`,
	}
	for _, source := range compileOnly {
		var got *CompileError
		if _, err := Compile(source, testEnv()); !errors.As(err, &got) {
			t.Errorf("%.40s: got %v", source, err)
		}
	}
	list := "[" + strings.Repeat(`"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",`, 400) + `"a"]`
	source := "asset.attributes.L.all(a, asset.attributes.L.all(b, a.size() + b.size() >= 0))"
	e := tagged()
	e.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "L", Value: inventory.Value(list)})
	_, err := compile(t, source).Eval(e, Facets{})
	var got *LimitError
	if !errors.As(err, &got) || got.Asset != e.Key {
		t.Errorf("got %v", err)
	}
}

func TestCheapExpressionsAllocateLittle(t *testing.T) {
	p := compile(t, `asset.class in ["compute", "database", "storage"] && asset.tags.team == "payments"`)
	e, facets := tagged(), Facets{Observed: []*inventory.Entry{tagged()}}
	allocs := testing.AllocsPerRun(200, func() {
		if got, err := p.Eval(e, facets); got != Yes || err != nil {
			t.Fatal(got, err)
		}
	})
	if allocs > 6 {
		t.Errorf("%v allocations for one evaluation, want at most 6", allocs)
	}
}

func TestPoolKeepsNothing(t *testing.T) {
	p := compile(t, `asset.tags.team == "payments"`)
	for range 3 {
		for _, c := range []struct {
			asset *inventory.Entry
			want  Truth
		}{{tagged(), Yes}, {unreadable(), Unknown}, {instance(inventory.KnownTags()), No}} {
			if got, err := p.Eval(c.asset, Facets{}); got != c.want || err != nil {
				t.Fatalf("got %v, %v, want %v", got, err, c.want)
			}
		}
	}
}

func TestGuideListsEveryField(t *testing.T) {
	guide, err := os.ReadFile("../../docs/expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"asset", "entity"} {
		for _, name := range fieldNames(variable) {
			if !strings.Contains(string(guide), "`"+variable+"."+name+"`") {
				t.Errorf("docs/expressions.md does not list %s.%s", variable, name)
			}
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`asset.tags.team == "x"`, `has(asset.created)`, `asset.tags.all(k, k != "")`, `asset.`, `"\xff"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := Compile(source, testEnv())
		if err != nil {
			var own *CompileError
			if !errors.As(err, &own) || own.Line < 1 || own.Column < 1 || own.Message == "" {
				t.Fatalf("%q: not a placed error: %#v", source, err)
			}
			return
		}
		first, firstErr := p.Eval(tagged(), Facets{})
		second, secondErr := p.Eval(tagged(), Facets{})
		if first != second || (firstErr == nil) != (secondErr == nil) {
			t.Fatalf("%q: %v and then %v", source, first, second)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	p, err := Compile(`asset.class in ["compute", "database", "storage"] && asset.tags.team == "payments"`, testEnv())
	if err != nil {
		b.Fatal(err)
	}
	e, facets := tagged(), Facets{Observed: []*inventory.Entry{tagged()}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(e, facets); err != nil {
			b.Fatal(err)
		}
	}
}

func compile(t *testing.T, source string) *Program {
	t.Helper()
	p, err := Compile(source, testEnv())
	if err != nil {
		t.Fatalf("compile %s: %v", source, err)
	}
	return p
}

func wantTruth(t *testing.T, source string, asset *inventory.Entry, want Truth) {
	t.Helper()
	recorded := instance(inventory.UnknownTags())
	recorded.Source = "dc"
	facets := Facets{Observed: []*inventory.Entry{asset}, Recorded: []*inventory.Entry{recorded}}
	got, err := compile(t, source).Eval(asset, facets)
	if err != nil || got != want {
		t.Errorf("%s: got %v, %v, want %v", source, got, err, want)
	}
}
