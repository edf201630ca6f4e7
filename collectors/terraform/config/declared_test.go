package config

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func TestProviders(t *testing.T) {
	const aws = `registry.terraform.io/hashicorp/aws`
	for _, c := range []struct{ name, code, address, provider, tags, region string }{
		{
			"default", "provider \"aws\" {\n region = \"eu-west-1\"\n default_tags {\n tags = { A = \"a\", N = 1 }\n }\n}\nresource \"aws_x\" \"a\" {}",
			"aws_x.a", `provider["` + aws + `"]`, `{"A":"a","N":"1"}`, "eu-west-1",
		},
		{"no block", "resource \"aws_x\" \"a\" {}", "aws_x.a", `provider["` + aws + `"]`, `{}`, ""},
		{
			"alias", "provider \"aws\" {\n default_tags {\n tags = { A = \"wrong\" }\n }\n}\nprovider \"aws\" {\n alias = \"us\"\n region = var.r\n default_tags {\n tags = { A = \"us\", B = var.b }\n }\n}\nvariable \"b\" {}\nvariable \"r\" {\n default = \"us-east-1\"\n}\nresource \"aws_x\" \"a\" {\n provider = aws.us\n}",
			"aws_x.a", `provider["` + aws + `"].us`, `{"A":"us","B":"?"}`, "us-east-1",
		},
		{
			"inherited", "provider \"aws\" {\n region = \"r\"\n}\nmodule \"m\" {\n source = \"./m\"\n}\n-- m/a.tf --\nresource \"aws_x\" \"a\" {}\n",
			"module.m.aws_x.a", `provider["` + aws + `"]`, `{}`, "r",
		},
		{
			"handed in", "provider \"aws\" {\n region = \"wrong\"\n}\nprovider \"aws\" {\n alias = \"us\"\n region = \"r\"\n default_tags {\n tags = { A = \"us\" }\n }\n}\nmodule \"m\" {\n source = \"./m\"\n providers = { aws = aws.us }\n}\n-- m/a.tf --\nmodule \"n\" {\n source = \"./n\"\n}\n-- m/n/a.tf --\nresource \"aws_x\" \"a\" {}\n",
			"module.m.module.n.aws_x.a", `provider["` + aws + `"].us`, `{"A":"us"}`, "r",
		},
		{
			"handed in by alias", "provider \"aws\" {\n alias = \"us\"\n region = \"r\"\n}\nmodule \"m\" {\n source = \"./m\"\n providers = { aws.peer = aws.us }\n}\n-- m/a.tf --\nterraform {\n required_providers {\n aws = {\n source = \"hashicorp/aws\"\n configuration_aliases = [aws.peer]\n }\n }\n}\nresource \"aws_x\" \"a\" {\n provider = aws.peer\n}\n",
			"module.m.aws_x.a", `provider["` + aws + `"].us`, `{}`, "r",
		},
		{
			"in the module itself", "module \"m\" {\n source = \"./m\"\n}\n-- m/a.tf --\nprovider \"aws\" {\n region = \"r\"\n}\nresource \"aws_x\" \"a\" {}\n",
			"module.m.aws_x.a", `module.m.provider["` + aws + `"]`, `{}`, "r",
		},
		{
			"other name", "terraform {\n required_providers {\n amazon = { source = \"hashicorp/aws\" }\n }\n}\nprovider \"amazon\" {\n region = \"r\"\n}\nresource \"amazon_x\" \"a\" {}\nmodule \"m\" {\n source = \"./m\"\n}\n-- m/a.tf --\nresource \"aws_x\" \"a\" {}\n",
			"module.m.aws_x.a", `provider["` + aws + `"]`, `{}`, "r",
		},
		{"OpenTofu's registry", "resource \"aws_x\" \"a\" {}\n-- .terraform.lock.hcl --\nprovider \"registry.opentofu.org/hashicorp/aws\" {}\n", "aws_x.a", `provider["registry.opentofu.org/hashicorp/aws"]`, `{}`, ""},
		{"builtin", "resource \"terraform_data\" \"a\" {}", "terraform_data.a", `provider["terraform.io/builtin/terraform"]`, `{}`, ""},
		{"alias that is nowhere", "resource \"aws_x\" \"a\" {\n provider = aws.us\n}", "aws_x.a", `provider["` + aws + `"].us`, `"?"`, ""},
		{"a file that may hold it does not parse", "resource \"aws_x\" \"a\" {}\n-- p.tf --\nprovider \"aws\" {\n", "aws_x.a", `provider["` + aws + `"]`, `"?"`, ""},
		{"one for each region", "provider \"aws\" {\n alias = \"by\"\n for_each = toset([\"r\"])\n region = each.key\n default_tags {\n tags = {}\n }\n}\nresource \"aws_x\" \"a\" {\n provider = aws.by[\"r\"]\n}", "aws_x.a", `provider["` + aws + `"].by`, `"?"`, ""},
		{"dynamic default tags", "provider \"aws\" {\n dynamic \"default_tags\" {\n for_each = [1]\n content {\n tags = { A = \"a\" }\n }\n }\n}\nresource \"aws_x\" \"a\" {}", "aws_x.a", `provider["` + aws + `"]`, `{"A":"a"}`, ""},
		{"Google's labels", "provider \"google\" {\n project = \"p\"\n region = \"r\"\n default_labels = { a = \"b\" }\n}\nresource \"google_x\" \"a\" {}", "google_x.a", `provider["registry.terraform.io/hashicorp/google"]`, `{"a":"b"}`, "r"},
		{"JSON", "-- a.tf.json --\n" + `{"provider": {"aws": [{"region": "w"}, {"alias": "us", "region": "r", "default_tags": {"tags": {"A": "a"}}}]}, "resource": {"aws_x": {"a": {"provider": "aws.us"}}}}`, "aws_x.a", `provider["` + aws + `"].us`, `{"A":"a"}`, "r"},
		{"override", "provider \"aws\" {\n alias = \"us\"\n region = \"wrong\"\n}\nresource \"aws_x\" \"a\" {\n provider = aws.us\n}\n-- override.tf --\nprovider \"aws\" {\n alias = \"us\"\n region = \"r\"\n}\n", "aws_x.a", `provider["` + aws + `"].us`, `{}`, "r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := load(t, c.code, Options{})
			r, ok := resources(t, config)[c.address]
			if !ok {
				t.Fatalf("no %s", c.address)
			}
			if p := r.Provider; p.Address != c.provider || show(p.DefaultTags) != c.tags || p.Region != c.region {
				t.Errorf("%s, tags %s, region %q\n%s", p.Address, show(p.DefaultTags), p.Region, texter(config.Problems()))
			}
		})
	}
}

func TestProviderArguments(t *testing.T) {
	config := load(t, "provider \"aws\" {\n allowed_account_ids = [\"123456789012\", 210987654321]\n access_key = \"AKIAMADEUP\"\n secret_key = \"made-up\"\n assume_role {\n role_arn = \"arn:aws:iam::123456789012:role/r\"\n }\n ignore_tags {\n keys = [\"k\", var.k]\n key_prefixes = [\"kubernetes.io/\"]\n }\n}\nvariable \"k\" {}\nresource \"aws_x\" \"a\" {}", Options{
		Environ: []string{"TF_AWS_DEFAULT_TAGS_Env=prod", "TF_AWS_IGNORE_TAGS_KEYS=a,b", "OTHER=x"},
	})
	p := resources(t, config)["aws_x.a"].Provider
	if !slices.Equal(p.Accounts, []string{"123456789012", "210987654321"}) || !slices.Equal(p.AssumeRoles, []string{"arn:aws:iam::123456789012:role/r"}) {
		t.Errorf("accounts %q, roles %q", p.Accounts, p.AssumeRoles)
	}
	if i := p.IgnoreTags; !i.Unknown || !slices.Equal(i.Keys, []string{"k", "a", "b"}) || !slices.Equal(i.Prefixes, []string{"kubernetes.io/"}) {
		t.Errorf("ignored tags %+v", i)
	}
	if got := show(p.DefaultTags); got != `{"Env":"prod"}` {
		t.Errorf("default tags %s", got)
	}
}

func TestIgnores(t *testing.T) {
	for code, want := range map[string][]string{
		`[tags["x"], tags.Name, ami, root_block_device[0].iops]`: {`tags["x"]`, "tags.Name", "ami", "root_block_device[0].iops"},
		`all`:              {"*"},
		`["ami"]`:          {"ami"},
		`[ami, x ? y : z]`: {"ami", "*"},
		`[]`:               nil,
	} {
		r := resources(t, load(t, "resource \"x_y\" \"a\" {\n lifecycle {\n ignore_changes = "+code+"\n }\n}", Options{}))["x_y.a"]
		if !slices.Equal(r.Ignores, want) {
			t.Errorf("%s: %q, want %q", code, r.Ignores, want)
		}
	}
	json := `{"resource": {"x_y": {"a": {"lifecycle": {"ignore_changes": ["ami", "tags[\"x\"]"]}}}}}`
	r := resources(t, load(t, "-- a.tf.json --\n"+json, Options{}))["x_y.a"]
	if !slices.Equal(r.Ignores, []string{"ami", `tags["x"]`}) {
		t.Errorf("JSON: %q", r.Ignores)
	}
}

func TestBackend(t *testing.T) {
	for _, c := range []struct{ name, code, typ, want string }{
		{"s3", "terraform {\n backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n region = \"r\"\n access_key = \"AKIAMADEUP\"\n secret_key = \"made-up\"\n assume_role = { role_arn = \"arn\", external_id = \"made-up\" }\n }\n}", "s3", `{"assume_role":{"role_arn":"arn"},"bucket":"b","key":"k","region":"r"}`},
		{"cloud", "terraform {\n cloud {\n organization = \"o\"\n token = \"made-up\"\n workspaces {\n name = \"w\"\n }\n }\n}", "cloud", `{"organization":"o","workspaces":[{"name":"w"}]}`},
		{"http", "terraform {\n backend \"http\" {\n address = \"https://u:made-up@example.com/s\"\n password = \"made-up\"\n }\n}", "http", `{"address":"https://example.com/s"}`},
		{"override", "terraform {\n backend \"s3\" {}\n}\n-- override.tf --\nterraform {\n backend \"local\" {\n path = \"p\"\n }\n}\n", "local", `{"path":"p"}`},
		{"JSON", "-- a.tf.json --\n" + `{"terraform": {"backend": {"gcs": {"bucket": "b", "prefix": "p", "credentials": "made-up"}}}}`, "gcs", `{"bucket":"b","prefix":"p"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := load(t, c.code, Options{}).Backend
			if b == nil || b.Type != c.typ || b.Line == 0 || b.File == "" {
				t.Fatalf("%+v", b)
			}
			if got := attributes(Resource{Attributes: b.Config}); strings.Contains(got, "made-up") || got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if b := load(t, "locals {}\n", Options{}).Backend; b != nil {
		t.Errorf("%+v", b)
	}
}

func TestMetaBlocks(t *testing.T) {
	c := load(t, `
import {
  to = aws_x.a["k"]
  id = "i-1"
}
import {
  for_each = { a = "i-a", b = "i-b" }
  to       = aws_y.b[each.key]
  id       = each.value
}
import {
  to = module.m.aws_x.c
  id = data.x.y.z
}
import {
  for_each = data.x.y.z
  to       = aws_y.b[each.key]
  id       = each.value
}
moved {
  from = aws_x.old
  to   = module.m.aws_x.new[0]
}
removed {
  from = aws_x.gone
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_x.gone2
}
`, Options{})
	var imports []string
	for _, i := range c.Imports {
		imports = append(imports, i.To+"="+i.ID)
	}
	if want := []string{`aws_x.a["k"]=i-1`, `aws_y.b["a"]=i-a`, `aws_y.b["b"]=i-b`, "module.m.aws_x.c="}; !slices.Equal(imports, want) {
		t.Errorf("imports %q, want %q", imports, want)
	}
	if len(c.Moved) != 1 || c.Moved[0].From != "aws_x.old" || c.Moved[0].To != "module.m.aws_x.new[0]" || c.Moved[0].Line != 20 {
		t.Errorf("moved %+v", c.Moved)
	}
	if len(c.Removed) != 2 || c.Removed[0].Destroy || !c.Removed[1].Destroy {
		t.Errorf("removed %+v", c.Removed)
	}
	if got := texter(c.Problems()); !strings.Contains(got, "main.tf:17:14: the address of the import block is unknown") {
		t.Errorf("problems %s", got)
	}
}

// A module whose instances are unknown is looked into once, and its resources say that they may not be there.
func TestUnknownModule(t *testing.T) {
	c := load(t, "module \"m\" {\n source = \"./m\"\n count = data.x.y.z ? 1 : 0\n n = \"n\"\n}\n-- m/a.tf --\nvariable \"n\" {}\nresource \"x_y\" \"a\" {\n count = 2\n v = var.n\n}\n", Options{})
	got := resources(t, c)
	r, ok := got["module.m[*].x_y.a[1]"]
	if !ok || len(got) != 2 || r.Whole || r.Why != "the instances of module.m are unknown: count is unknown" || attributes(r) != `{"v":"n"}` {
		t.Errorf("%+v", got)
	}
}

// A broken override may change everything in its module, so nothing there is known.
func TestBrokenOverride(t *testing.T) {
	c := load(t, "resource \"x_y\" \"a\" {\n v = 1\n}\n-- a_override.tf --\nresource \"x_y\" \"a\" {\n", Options{})
	r := resources(t, c)["x_y.a[*]"]
	if r.Whole || len(r.Attributes) > 0 || !strings.Contains(r.Why, "override") || show(r.Provider.DefaultTags) != `"?"` {
		t.Errorf("%+v", r)
	}
}

func TestVariables(t *testing.T) {
	const code = "variable \"s\" {\n type = string\n default = \"d\"\n}\nvariable \"n\" {\n type = list(number)\n default = []\n}\nresource \"x_y\" \"a\" {\n s = var.s\n n = var.n\n}\n"
	for _, c := range []struct {
		name, files string
		opts        Options
		want        string
	}{
		{"default", "", Options{}, `{"n":[],"s":"d"}`},
		{"environment", "", Options{Environ: []string{"TF_VAR_s=[e]", "TF_VAR_n=[1, 2]"}}, `{"n":[1,2],"s":"[e]"}`},
		{"file over environment", "-- terraform.tfvars --\ns = \"f\"\n", Options{Environ: []string{"TF_VAR_s=e"}}, `{"n":[],"s":"f"}`},
		{"automatic over file", "-- terraform.tfvars --\ns = \"f\"\n-- x.auto.tfvars --\ns = \"x\"\n", Options{}, `{"n":[],"s":"x"}`},
		{"named over automatic", "-- x.auto.tfvars --\ns = \"x\"\n-- env/prod.tfvars --\ns = \"p\"\n", Options{VarFiles: []string{"env/prod.tfvars"}}, `{"n":[],"s":"p"}`},
		{"option over all", "-- env/prod.tfvars --\ns = \"p\"\n", Options{VarFiles: []string{"env/prod.tfvars"}, Variables: map[string]string{"s": "o", "n": "[3]"}}, `{"n":[3],"s":"o"}`},
		{"option ends the doubt", "-- prod.tfvars --\ns = \"p\"\n", Options{Variables: map[string]string{"s": "o"}}, `{"n":[],"s":"o"}`},
		{"option that cannot be read", "", Options{Variables: map[string]string{"n": "[3"}}, `{"n":"?","s":"d"}`},
		{"of another type", "", Options{Variables: map[string]string{"n": "{}"}}, `{"n":"?","s":"d"}`},
		{"named file that is not there", "", Options{VarFiles: []string{"nothing.tfvars"}}, `{"n":"?","s":"?"}`},
		{"JSON file", "-- terraform.tfvars.json --\n{\"n\": [4]}\n", Options{}, `{"n":[4],"s":"d"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := load(t, code+c.files, c.opts)
			if got := attributes(resources(t, config)["x_y.a"]); got != c.want {
				t.Errorf("got %s, want %s\n%s", got, c.want, texter(config.Problems()))
			}
		})
	}
}

func TestRoots(t *testing.T) {
	fsys := tree(`
-- live/prod/main.tf --
module "a" {
  source = "../../modules/a"
}
-- modules/a/main.tf --
module "b" {
  source = "../b"
}
-- modules/b/main.tf --
locals {}
-- modules/c/main.tf --
terraform {
  backend "s3" {}
}
-- live/dev/main.tf --
module "c" {
  source = "../../modules/c"
}
module "d" {
  source = "../../modules/d"
}
-- modules/d/main.tf --
locals {}
-- modules/d/terraform.tfvars --
-- live/prod/.terraform/modules/x/main.tf --
locals {}
-- terragrunt.hcl --
remote_state {}
-- grunt/a/terragrunt.hcl --
include "root" {
  path = "x"
}
-- broken/main.tf --
locals {
`)
	got, problems, err := Roots(context.Background(), fsys, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range got {
		list = append(list, r.Dir+" "+r.Why)
	}
	want := []string{"broken not called", "grunt/a terragrunt", "live/dev not called", "live/prod init", "modules/c backend", "modules/d variables"}
	if !slices.Equal(list, want) {
		t.Errorf("got %q, want %q", list, want)
	}
	if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), "broken/main.tf:") {
		t.Errorf("problems %v", problems)
	}
	some, _, err := Roots(context.Background(), fsys, []string{"live/*"})
	if err != nil || len(some) != 2 {
		t.Errorf("%v, %v", some, err)
	}
	if _, _, err := Roots(context.Background(), fsys, []string{"["}); err == nil {
		t.Error("a pattern that is none is taken")
	}
}

func TestLoadErrors(t *testing.T) {
	if _, err := Load(context.Background(), fstest.MapFS{}, ".", Options{}); err == nil {
		t.Error("an empty folder is a configuration")
	}
	if _, err := Load(context.Background(), tree("locals {}\n"), "../x", Options{}); err == nil {
		t.Error("a folder outside is read")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, tree("locals {}\n"), ".", Options{}); err == nil {
		t.Error("an ended context is not noticed")
	}
	c := load(t, "resource \"x_y\" \"a\" {\n v = 1\n}\n-- big.tf --\n"+strings.Repeat("# x\n", 1000), Options{MaxFileBytes: 1000})
	if got := strings.Join(c.Incomplete(), ""); !strings.Contains(got, "big.tf: cannot read file: file is too big: at most 1000 bytes") {
		t.Errorf("%q", got)
	}
}

// What would grow beyond all bounds is unknown.
func TestBounds(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("locals {\n a0 = \"0123456789\"\n")
	for i := range 40 {
		bomb.WriteString(strings.NewReplacer("N", strconv.Itoa(i+1), "P", strconv.Itoa(i)).Replace(" aN = \"${local.aP}${local.aP}\"\n"))
	}
	bomb.WriteString("}\n")
	for name, code := range map[string]string{
		"width":      `format("%999999999s", "a")`,
		"join":       `join(local.a16, range(1000))`,
		"setproduct": `setproduct(range(1000), range(1000), range(1000))`,
		"replace":    `replace(local.a16, "0", local.a10)`,
		"json":       `jsondecode(join("", [for i in range(300) : "["]))`,
		"indent":     `indent(1e9, "a\nb")`,
		"doubling":   `local.a40`,
	} {
		c := load(t, bomb.String()+"resource \"x_y\" \"a\" {\n v = "+code+"\n}\n", Options{})
		if got := attributes(resources(t, c)["x_y.a"]); got != `{"v":"?"}` {
			t.Errorf("%s: %.100s", name, got)
		}
	}
	deep := strings.Builder{}
	deep.WriteString("locals {\n l0 = \"x\"\n")
	for i := range 5000 {
		deep.WriteString(strings.NewReplacer("N", strconv.Itoa(i+1), "P", strconv.Itoa(i)).Replace(" lN = local.lP\n"))
	}
	deep.WriteString("}\nresource \"x_y\" \"a\" {\n v = local.l5000\n}\n")
	if got := attributes(resources(t, load(t, deep.String(), Options{}))["x_y.a"]); got != `{"v":"?"}` {
		t.Errorf("chain: %s", got)
	}
	nested := load(t, "module \"a\" {\n source = \"./a\"\n count = 200\n}\n-- a/x.tf --\nmodule \"b\" {\n source = \"../b\"\n count = 200\n}\n-- b/x.tf --\nresource \"x_y\" \"a\" {\n count = 200\n}\n", Options{})
	if n := len(resources(t, nested)); n > 3*DefaultMaxInstances {
		t.Errorf("%d instances", n)
	}
}
