package drift

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/shell"
)

const bucket = inventory.Type("AWS::S3::Bucket")

// stray returns what drift/unmanaged says of the asset with a key, in a world whose neighbours are known.
func stray(t *testing.T, w estate, key string) rules.Verdict {
	t.Helper()
	links, err := link.Build(t.Context(), w.identities())
	if err != nil {
		t.Fatal(err)
	}
	x := NewNeighbours(links, []string{"owner"})
	managers, err := IndexManagers(t.Context(), links, x.Watch(declaredFirst(w)))
	if err != nil {
		t.Fatal(err)
	}
	list := Rules(Inputs{Catalog: loadCatalog(t), Scopes: w.scopes, Links: links, Managers: managers, Neighbours: x, Started: night})
	i := slices.IndexFunc(w.entries, func(e *inventory.Entry) bool { return e.Key == key })
	for _, r := range list {
		if r.Meta().ID != "drift/unmanaged" {
			continue
		}
		v, err := r.Check(t.Context(), &rules.Entity{Observed: []*inventory.Entry{w.entries[i]}})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Fatal("no such rule")
	return rules.Verdict{}
}

// declaredFirst yields the assets in the order in which they are watched.
func declaredFirst(w estate) iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for _, book := range []inventory.Book{inventory.Declared, inventory.Observed} {
			for _, e := range w.entries {
				if e.Book == book && !yield(e, nil) {
					return
				}
			}
		}
	}
}

// twins are assets that are declared, and there as declared.
func twins(list []*inventory.Entry) []*inventory.Entry {
	out := slices.Clone(list)
	for _, d := range list {
		out = append(out, seen(d.Key, typed(d.Type), called(d.Name), func(e *inventory.Entry) { e.Tags = d.Tags }))
		d.Account, d.Region = "", "" // as a bucket's ARN tells neither
	}
	return out
}

func called(name string) edit { return func(e *inventory.Entry) { e.Name = name } }

// evidenceOf returns what follows a beginning in a verdict's evidence; "" if nothing begins so.
func evidenceOf(v rules.Verdict, beginning string) string {
	for _, e := range v.Evidence {
		if rest, ok := strings.CutPrefix(e.Text, beginning); ok {
			return rest
		}
	}
	return ""
}

func at(file, module string, layer inventory.Layer) edit {
	return origin(inventory.Origin{File: file, Module: module, Layer: layer, Address: "aws_s3_bucket.x"})
}

func bucketKey(name string) string { return "arn:aws:s3:::" + name }

func TestUnmanagedIsImported(t *testing.T) {
	const asked = bucketKeyOfStray
	for _, tt := range []struct {
		name    string
		scopes  []inventory.ScopeState
		entry   *inventory.Entry
		want    []string
		without []string
	}{
		{
			"a bucket", bothRead(), seen(asked, typed(bucket), called("acme-stray")),
			[]string{"import {\n  to = aws_s3_bucket.acme-stray\n  id = \"acme-stray\"\n}", "\nor: terraform import aws_s3_bucket.acme-stray acme-stray"},
			nil,
		},
		{
			"a name that others may bear", bothRead(), seen(arnA, called("Web Server")),
			[]string{"to = aws_instance.web_server_i-0aaaaaaaaaaaaaaaa", `id = "i-0aaaaaaaaaaaaaaaa"`},
			nil,
		},
		{
			"a type of which the id is not certain", bothRead(), seen("arn:aws:rds:eu-west-1:111122223333:db:main", typed("AWS::RDS::DBInstance")),
			[]string{"import it into the code that should own it, or delete it"},
			[]string{"terraform", "{"},
		},
		{
			"CloudFormation alone",
			[]inventory.ScopeState{
				scope(inventory.Observed, "aws", "aws", "s", inventory.RunOK, "AWS::*"),
				scope(inventory.Declared, "cloudformation", "infra", "s", inventory.RunOK),
			},
			seen(asked, typed(bucket)),
			[]string{"resource import into the stack: add a resource of type AWS::S3::Bucket with DeletionPolicy: Retain", "with its BucketName in"},
			[]string{"terraform"},
		},
	} {
		v := stray(t, estate{entries: []*inventory.Entry{tt.entry}, scopes: tt.scopes}, tt.entry.Key)
		for _, want := range tt.want {
			if !strings.Contains(v.Fix, want) {
				t.Errorf("%s: no %q in %q", tt.name, want, v.Fix)
			}
		}
		for _, not := range tt.without {
			if strings.Contains(v.Fix, not) {
				t.Errorf("%s: %q in %q", tt.name, not, v.Fix)
			}
		}
	}
}

const bucketKeyOfStray = "arn:aws:s3:::acme-stray"

// Names are what strangers wrote: none may end the text that it stands in, or run as a command.
func TestImportQuotes(t *testing.T) {
	for in, want := range map[string][2]string{
		"plain-1":      {`"plain-1"`, "plain-1"},
		`a"b\c`:        {`"a\"b\\c"`, `'a"b\c'`},
		"${file(x)}%{": {`"$${file(x)}%%{"`, `'${file(x)}%{'`},
		"it's; rm -rf": {`"it's; rm -rf"`, `'it'\''s; rm -rf'`},
		"":             {`""`, "''"},
	} {
		if got := [2]string{hclString(in), shell.Quote(in)}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	j := &judge{Inputs: Inputs{Catalog: loadCatalog(t)}}
	for _, name := range []string{"a\nb", "a\x1b[31mb"} {
		if got := j.importBlock(seen("arn:aws:logs:eu-west-1:111122223333:log-group:"+name, typed("AWS::Logs::LogGroup"))); got != "" {
			t.Errorf("%q is imported: %q", name, got)
		}
	}
}

func TestLabel(t *testing.T) {
	for _, tt := range []struct{ name, key, want string }{
		{"acme.logs", "arn:aws:s3:::acme.logs", "acme_logs"},
		{"", "arn:aws:ec2:r:a:volume/vol-0c", "vol-0c"},
		{"", "arn:aws:s3:::2019-logs", "_2019-logs"},
		{"Größe", arnA, "gr__e_i-0aaaaaaaaaaaaaaaa"},
		{"", "//storage.googleapis.com/b", "b"},
		{"", "ends/", "_"},
	} {
		if got := label(seen(tt.key, called(tt.name))); got != tt.want {
			t.Errorf("label(%q, %q) = %q, want %q", tt.name, tt.key, got, tt.want)
		}
	}
}

func TestLikelyPlace(t *testing.T) {
	shop := func(name string, edits ...edit) *inventory.Entry {
		return declared(bucketKey(name), append([]edit{typed(bucket), tagged("Project", "shop"), at("shop.tfstate", "module.store", "state")}, edits...)...)
	}
	for _, tt := range []struct {
		name       string
		stray      edit
		neighbours []*inventory.Entry
		want       string
	}{
		{
			"one tag, one file, one module", tagged("Project", "shop"),
			[]*inventory.Entry{shop("a"), shop("b")},
			"shop.tfstate, module.store, where all 2 declared assets of its type with the tag Project = shop in 111122223333 eu-west-1 stand",
		},
		{
			"two modules of one file", tagged("Project", "shop"),
			[]*inventory.Entry{shop("a"), shop("b", at("shop.tfstate", "", "state"))},
			"shop.tfstate, where all 2 declared assets of its type with the tag Project = shop in 111122223333 eu-west-1 stand",
		},
		{"two files", tagged("Project", "shop"), []*inventory.Entry{shop("a"), shop("b", at("other.tfstate", "", "state"))}, ""},
		{"one neighbour proves nothing", tagged("Project", "shop"), []*inventory.Entry{shop("a")}, ""},
		{"another project", tagged("Project", "till"), []*inventory.Entry{shop("a"), shop("b")}, ""},
		{"tags that were not read", func(e *inventory.Entry) {
			e.Tags = inventory.TagsFromMap(map[string]string{"Project": "shop"})
			e.TagsUnconfirmed = true
		}, []*inventory.Entry{shop("a"), shop("b")}, ""},
		{
			"names", called("shop-media"),
			[]*inventory.Entry{shop("a", called("shop-web")), shop("b", called("shop-logs"))},
			"shop.tfstate, module.store, where all 2 declared assets of its type with names like shop-* in 111122223333 eu-west-1 stand",
		},
		{
			"another type with the tag", tagged("Project", "shop"),
			[]*inventory.Entry{shop("a", typed(ec2)), shop("b", typed(ec2))},
			"shop.tfstate, module.store, where all 2 declared assets with the tag Project = shop in 111122223333 eu-west-1 stand",
		},
		{
			"code", tagged("Project", "shop"),
			[]*inventory.Entry{shop("a", at("infra/a.tf", "", "code")), shop("b", at("infra/b.tf", "", "code"))},
			"infra, where all 2 declared assets of its type with the tag Project = shop in 111122223333 eu-west-1 stand",
		},
		{"a plan is no place", tagged("Project", "shop"), []*inventory.Entry{shop("a", at("plan.json", "", "plan")), shop("b", at("plan.json", "", "plan"))}, ""},
	} {
		e := seen(bucketKeyOfStray, typed(bucket), tt.stray)
		v := stray(t, estate{entries: append(twins(tt.neighbours), e), scopes: bothRead()}, e.Key)
		if v.Outcome == rules.Fail || e.TagsUnconfirmed {
			if got := evidenceOf(v, "likely place: "); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
			continue
		}
		t.Errorf("%s: %v", tt.name, v)
	}
}

func TestOwnerIsGuessed(t *testing.T) {
	owned := func(key, owner string, edits ...edit) *inventory.Entry {
		return seen(key, append([]edit{tagged("owner", owner)}, edits...)...)
	}
	key := func(i int) string { return fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%017x", i) }
	many := func(n int, owner func(i int) string, edits ...edit) []*inventory.Entry {
		var list []*inventory.Entry
		for i := range n {
			list = append(list, owned(key(i), owner(i), edits...))
		}
		return list
	}
	pay := func(int) string { return "payments" }
	for _, tt := range []struct {
		name       string
		edits      []edit
		neighbours []*inventory.Entry
		want       string // confidence: owner
	}{
		{"its own tag", []edit{tagged("Team", "web")}, nil, "high confidence: web, since its tag Team says so"},
		{"spelled otherwise", []edit{tagged("business-owner", "web")}, nil, "high confidence: web, since its tag business-owner says so"},
		{"who made it", []edit{tagged("CreatedBy", "jane")}, nil, "medium confidence: jane, since its tag CreatedBy says who made it"},
		{"known", []edit{tagged("owner", "web", "Team", "x")}, nil, ""},
		{"a secret's hash is nobody", []edit{tagged("Team", inventory.NewSecretHash(make([]byte, 16)).Hash("x"))}, nil, ""},
		{
			"what it is attached to",
			[]edit{relates(inventory.AttachedTo, arnB), has("DeleteOnTermination", "false")},
			[]*inventory.Entry{owned(arnB, "web")},
			"high confidence: web, since it is attached to " + arnB + ", which is theirs",
		},
		{
			"what is attached to it", nil,
			[]*inventory.Entry{owned(arnVol, "web", typed(volume), relates(inventory.AttachedTo, arnA))},
			"medium confidence: web, since all that is attached to it and has an owner is theirs",
		},
		{
			"those attached disagree", nil,
			[]*inventory.Entry{owned(arnVol, "web", typed(volume), relates(inventory.AttachedTo, arnA)), owned(arnVol+"d", "db", typed(volume), relates(inventory.AttachedTo, arnA))},
			"",
		},
		{"a network", []edit{has("VpcId", "vpc-1")}, many(3, pay, has("VpcId", "vpc-1")), "medium confidence: payments, since all 3 assets with an owner in VpcId vpc-1 are theirs"},
		{"another network", []edit{has("VpcId", "vpc-2")}, many(3, pay, has("VpcId", "vpc-1")), ""},
		{"a name", []edit{called("pay-worker")}, many(2, pay, called("pay-api")), "medium confidence: payments, since all 2 assets with an owner with names like pay-* in 111122223333 are theirs"},
		{"one of a name", []edit{called("pay-worker")}, many(1, pay, called("pay-api")), ""},
		{
			"most of a name",
			[]edit{called("pay-worker")},
			many(9, func(i int) string { return []string{"payments", "web"}[i/8] }, called("pay-api")),
			"low confidence: payments, since at least 80 % of the assets with an owner with names like pay-* in 111122223333 are theirs",
		},
		{"half of a name", []edit{called("pay-worker")}, many(4, func(i int) string { return []string{"payments", "web"}[i/2] }, called("pay-api")), ""},
		{"the account", nil, many(12, pay), "low confidence: payments, since all of at least 10 assets with an owner in 111122223333 are theirs"},
		{"few in the account", nil, many(4, pay), ""},
		{"another account", []edit{func(e *inventory.Entry) { e.Account = "999" }}, many(12, pay), ""},
		{"owners that were not read", nil, many(12, pay, func(e *inventory.Entry) { e.TagsUnconfirmed = true }), ""},
	} {
		e := seen(arnA, tt.edits...)
		w := estate{entries: append(slices.Clone(tt.neighbours), e), scopes: bothRead()}
		w.scopes[0].Scope.Covers.Accounts = nil
		v := stray(t, w, arnA)
		if v.Outcome != rules.Fail {
			t.Errorf("%s: %v %s", tt.name, v.Outcome, v.Reason)
		}
		if got := evidenceOf(v, "owner, guessed with "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The order in which assets are read changes nothing.
func TestNeighboursDoNotDependOnOrder(t *testing.T) {
	var w estate
	for i := range 200 {
		key := fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%017x", i)
		w.entries = append(w.entries, seen(key, called(fmt.Sprintf("app%d-x%d", i%7, i)), tagged("owner", fmt.Sprint(i%14/7), "Project", fmt.Sprint(i%5))),
			declared(key, at(fmt.Sprintf("%d.tfstate", i%5), "", "state"), tagged("Project", fmt.Sprint(i%5))))
	}
	w.scopes = bothRead()
	asked := seen(arnA, called("app3-y"), tagged("Project", "4"))
	r := rand.New(rand.NewPCG(1, 2))
	want := ""
	for range 5 {
		r.Shuffle(len(w.entries), func(a, b int) { w.entries[a], w.entries[b] = w.entries[b], w.entries[a] })
		v := stray(t, estate{entries: append(slices.Clone(w.entries), asked), scopes: w.scopes}, arnA)
		got := v.Fix + evidenceOf(v, "likely place: ") + evidenceOf(v, "owner, guessed with ")
		if want == "" {
			want = got
		}
		if got != want || !strings.Contains(got, "4.tfstate") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// BenchmarkNeighbours reads 100,000 declared and 100,000 observed machines and tells what the index of them takes.
func BenchmarkNeighbours(b *testing.B) {
	const n = 100_000
	w := estate{}
	for i := range n {
		key := fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%017x", i)
		name := called(fmt.Sprintf("app%d-web-%d", i%500, i))
		tags := tagged("owner", fmt.Sprintf("team-%d", i%40), "Project", fmt.Sprintf("p%d", i%300))
		w.entries = append(w.entries, declared(key, name, tags, at(fmt.Sprintf("%d.tfstate", i%100), "", "state")), seen(key, name, tags, has("SubnetId", fmt.Sprintf("subnet-%d", i%200))))
	}
	links, err := link.Build(b.Context(), w.identities())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		x := NewNeighbours(links, []string{"owner"})
		for range x.Watch(declaredFirst(w)) { //nolint:revive // reading is all
		}
		b.ReportMetric(float64(16*(x.votes.Len()+cap(x.owners)+cap(x.declared)))/(2*n), "index-bytes/asset")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*n), "ns/asset")
}
