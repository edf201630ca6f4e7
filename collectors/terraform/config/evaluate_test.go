package config

import (
	"slices"
	"strings"
	"testing"
)

// What cannot be known is unknown, and nothing beside it.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       map[string]string // attributes by address
	}{
		{
			"computed attribute makes one element unknown", `
			resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
			resource "aws_subnet" "b" { tags = { Name = "n", Vpc = aws_vpc.a.id, Cidr = aws_vpc.a.cidr_block } }`,
			map[string]string{"aws_subnet.b": `{"tags":{"Cidr":"10.0.0.0/16","Name":"n","Vpc":"?"}}`},
		},
		{
			"data source", `resource "x_y" "a" { tags = { A = data.aws_ami.x.id, B = "b" } }`,
			map[string]string{"x_y.a": `{"tags":{"A":"?","B":"b"}}`},
		},
		{
			"merge with something unknown leaves no tag known", `resource "x_y" "a" { tags = merge({ A = "a" }, data.x.y.tags) }`,
			map[string]string{"x_y.a": `{"tags":"?"}`},
		},
		{
			"variable without value", `
			variable "v" { type = string }
			resource "x_y" "a" { tags = { A = "${var.v}-x", B = "b" } }`,
			map[string]string{"x_y.a": `{"tags":{"A":"?","B":"b"}}`},
		},
		{"null is the same as not set", `resource "x_y" "a" { one = null, two = 1 }`, nil},
		{"null", "resource \"x_y\" \"a\" {\n one = null\n two = 1\n}", map[string]string{"x_y.a": `{"two":1}`}},
		{
			"reference to null: the provider may fill it in", "resource \"x_y\" \"a\" {\n one = null\n}\nresource \"x_y\" \"b\" {\n v = x_y.a.one\n}",
			map[string]string{"x_y.b": `{"v":"?"}`},
		},
		{
			"reference to a list: it may be a set to the provider", "resource \"x_y\" \"a\" {\n l = [\"b\", \"a\"]\n}\nresource \"x_y\" \"b\" {\n v = x_y.a.l[0]\n w = join(\",\", x_y.a.l)\n}",
			map[string]string{"x_y.b": `{"v":"?","w":"?"}`},
		},
		{
			"reference to what is left to others", "resource \"x_y\" \"a\" {\n ami = \"old\"\n size = 1\n lifecycle {\n ignore_changes = [ami]\n }\n}\nresource \"x_y\" \"b\" {\n v = x_y.a.ami\n w = x_y.a.size\n}",
			map[string]string{"x_y.b": `{"v":"?","w":1}`},
		},
		{
			"reference to a nested block", "resource \"x_y\" \"a\" {\n disk {\n size = 1\n }\n}\nresource \"x_y\" \"b\" {\n v = x_y.a.disk[0].size\n}",
			map[string]string{"x_y.a": `{"disk":[{"size":1}]}`, "x_y.b": `{"v":"?"}`},
		},
		{
			"each of another resource", "resource \"x_y\" \"a\" {\n for_each = toset([\"k\"])\n name = \"n-${each.key}\"\n}\nresource \"x_y\" \"b\" {\n for_each = x_y.a\n n = each.value.name\n i = each.value.id\n}",
			map[string]string{`x_y.b["k"]`: `{"i":"?","n":"n-k"}`},
		},
		{
			"a resource as a whole", "resource \"x_y\" \"a\" {\n name = \"n\"\n}\nlocals {\n a = x_y.a\n}\nresource \"x_y\" \"b\" {\n n = local.a.name\n i = local.a.id\n k = keys(local.a)\n l = length(local.a)\n m = merge(local.a, { q = 1 })\n f = [for k, v in local.a : k]\n o = [for k, v in local.a : v]\n p = join(\",\", [for k, v in local.a : upper(k)])\n w = local.a\n j = jsonencode(local.a)\n t = try(local.a.other, \"none\")\n u = lookup(local.a, \"more\", \"none\")\n}",
			map[string]string{"x_y.b": `{"f":"?","i":"?","j":"?","k":"?","l":"?","m":"?","n":"n","o":"?","p":"?","t":"?","u":"?","w":"?"}`},
		},
		{
			"splat over count", "resource \"x_y\" \"a\" {\n count = 2\n name = \"n${count.index}\"\n}\nresource \"x_y\" \"b\" {\n v = x_y.a[*].name\n w = x_y.a[1].name\n x = x_y.a[count.index].name\n y = x_y.a.*.id\n}",
			map[string]string{"x_y.b": `{"v":["n0","n1"],"w":"n1","x":"?","y":["?","?"]}`},
		},
		{
			"try over something unknown does not choose the default", "resource \"x_y\" \"a\" {\n v = try(data.a.b.c, \"none\")\n w = can(data.a.b.c)\n}",
			map[string]string{"x_y.a": `{"v":"?","w":"?"}`},
		},
		{"condition that is unknown", "resource \"x_y\" \"a\" {\n v = data.a.b.c ? \"yes\" : \"no\"\n}", map[string]string{"x_y.a": `{"v":"?"}`}},
		{
			"unknown function", "resource \"x_y\" \"a\" {\n tags = { A = provider::aws::arn_parse(\"x\").account, B = nosuch(1), C = \"c\" }\n m = merge({ D = \"d\" }, { E = nosuch(2) })\n}",
			map[string]string{"x_y.a": `{"m":{"D":"d","E":"?"},"tags":{"A":"?","B":"?","C":"c"}}`},
		},
		{"functions of the moment", "resource \"x_y\" \"a\" {\n v = [timestamp(), uuid(), bcrypt(\"x\"), plantimestamp()]\n}", map[string]string{"x_y.a": `{"v":["?","?","?","?"]}`}},
		{"a mistake loses one value only", "locals {\n x = 1 + \"a\"\n}\nresource \"x_y\" \"a\" {\n v = local.x\n w = [tonumber(\"q\"), 2]\n x = \"x\"\n}", map[string]string{"x_y.a": `{"v":"?","w":["?",2],"x":"x"}`}},
		{"cycle of locals", "locals {\n a = local.b\n b = local.a\n c = \"c\"\n}\nresource \"x_y\" \"a\" {\n v = local.a\n w = local.c\n}", map[string]string{"x_y.a": `{"v":"?","w":"c"}`}},
		{
			"dynamic block", "resource \"x_y\" \"a\" {\n dynamic \"rule\" {\n for_each = { a = 1, b = 2 }\n iterator = it\n content {\n k = it.key\n v = it.value\n dynamic \"sub\" {\n for_each = [it.value]\n content {\n s = sub.value + it.value\n }\n }\n }\n }\n rule {\n k = \"c\"\n }\n}",
			map[string]string{"x_y.a": `{"rule":[{"k":"a","sub":[{"s":2}],"v":1},{"k":"b","sub":[{"s":4}],"v":2},{"k":"c"}]}`},
		},
		{"dynamic block over something unknown", "resource \"x_y\" \"a\" {\n rule {\n k = 1\n }\n dynamic \"rule\" {\n for_each = data.x.y.z\n content {\n k = rule.value\n }\n }\n n = 1\n}", map[string]string{"x_y.a": `{"n":1,"rule":"?"}`}},
		{"dynamic block over nothing", "resource \"x_y\" \"a\" {\n dynamic \"rule\" {\n for_each = []\n content {}\n }\n}", map[string]string{"x_y.a": `{"rule":[]}`}},
		{"sensitive", "variable \"p\" {\n default = \"pw\"\n sensitive = true\n}\nresource \"x_y\" \"a\" {\n v = { p = \"x${var.p}\", q = \"q\" }\n d = sensitive(\"s\")\n}", map[string]string{"x_y.a": `{"d":{"!":"s"},"v":{"p":{"!":"xpw"},"q":"q"}}`}},
		{"workspace that nobody chose", "resource \"x_y\" \"a\" {\n v = \"n-${terraform.workspace}\"\n}", map[string]string{"x_y.a": `{"v":"?"}`}},
		{"workspace where init ran", "resource \"x_y\" \"a\" {\n v = \"n-${terraform.workspace}\"\n}\n-- .terraform/x --\n", map[string]string{"x_y.a": `{"v":"n-default"}`}},
		{"workspace that is chosen", "resource \"x_y\" \"a\" {\n v = terraform.workspace\n}\n-- .terraform/environment --\nprod\n", map[string]string{"x_y.a": `{"v":"prod"}`}},
		{
			"files", "resource \"x_y\" \"a\" {\n a = file(\"a.txt\")\n b = file(\"../b.txt\")\n c = file(\"/etc/hostname\")\n d = fileexists(\"nothing\")\n e = file(\"nothing\")\n f = fileset(\"nothing\", \"*\")\n g = templatefile(\"t\", { x = data.a.b.c })\n}\n-- a.txt --\nA\n-- t --\n${x}\n",
			map[string]string{"x_y.a": `{"a":"A\n","b":"?","c":"?","d":"?","e":"?","f":"?","g":"?"}`},
		},
		{"OpenTofu's file in place of Terraform's", "resource \"x_y\" \"a\" {\n v = \"tf\"\n}\n-- main.tofu --\nresource \"x_y\" \"b\" {\n v = \"tofu\"\n}\n", map[string]string{"x_y.b": `{"v":"tofu"}`}},
		{
			"JSON", "-- a.tf.json --\n" + `{"resource": {"x_y": {"a": {"count": 2, "v": "n${count.index}", "disk": [{"size": 1}], "dynamic": {"rule": {"for_each": [1, 2], "content": {"k": "${rule.value}"}}}, "deep": {"dynamic": {"q": {}}}}}}}`,
			map[string]string{"x_y.a[1]": `{"deep":"?","disk":[{"size":1}],"rule":[{"k":1},{"k":2}],"v":"n1"}`},
		},
		{"files of values that nobody names", "variable \"env\" {\n default = \"dev\"\n}\nvariable \"same\" {\n default = 1\n}\nresource \"x_y\" \"a\" {\n v = var.env\n w = var.same\n}\n-- prod.tfvars --\nenv = \"prod\"\nsame = 1\n", map[string]string{"x_y.a": `{"v":"?","w":1}`}},
		{"broken file of values", "variable \"env\" {\n default = \"dev\"\n}\nresource \"x_y\" \"a\" {\n v = var.env\n}\n-- terraform.tfvars --\nenv = \n", map[string]string{"x_y.a": `{"v":"?"}`}},
		{"values from Terragrunt", "variable \"env\" {\n default = \"dev\"\n}\nresource \"x_y\" \"a\" {\n v = var.env\n}\n-- terragrunt.hcl --\ninputs = {}\n", map[string]string{"x_y.a": `{"v":"?"}`}},
		{"reference into a module that is not on disk", "module \"m\" {\n source = \"terraform-aws-modules/vpc/aws\"\n}\nresource \"x_y\" \"a\" {\n tags = { V = module.m.id, A = \"a\" }\n}", map[string]string{"x_y.a": `{"tags":{"A":"a","V":"?"}}`}},
		{
			"module that init has put on disk", "module \"m\" {\n source = \"a/b/c\"\n n = \"x\"\n}\nresource \"x_y\" \"a\" {\n v = module.m.out\n w = module.m.nosuch\n}\n-- .terraform/modules/modules.json --\n{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},{\"Key\":\"m\",\"Source\":\"s\",\"Dir\":\".terraform/modules/m\"}]}\n-- .terraform/modules/m/a.tf --\nvariable \"n\" {}\nresource \"x_y\" \"q\" {\n v = var.n\n}\noutput \"out\" {\n value = \"o-${x_y.q.v}\"\n}\n",
			map[string]string{"x_y.a": `{"v":"o-x","w":"?"}`, "module.m.x_y.q": `{"v":"x"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := load(t, strings.ReplaceAll(c.code, "\t\t\t", ""), Options{})
			got := resources(t, config)
			for address, want := range c.want {
				r, ok := got[address]
				if !ok {
					t.Errorf("no %s in %v\n%s", address, got, texter(config.Problems()))
					continue
				}
				if a := attributes(r); a != want {
					t.Errorf("%s\n got %s\nwant %s\n%s", address, a, want, texter(config.Problems()))
				}
			}
		})
	}
}

// Instances are whole, or it is said why they are not.
func TestInstances(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       []string
	}{
		{"count", `count = 2`, []string{"x_y.a[0]", "x_y.a[1]"}},
		{"none", `count = 0`, nil},
		{"true is not a number", `count = true`, []string{"x_y.a[*]: count is not a whole number"}},
		{"unknown count", `count = data.a.b.c ? 1 : 0`, []string{"x_y.a[*]: count is unknown"}},
		{"half", `count = 1.5`, []string{"x_y.a[*]: count is not a whole number"}},
		{"negative", `count = -1`, []string{"x_y.a[*]: count is not a whole number"}},
		{"null", `count = null`, []string{"x_y.a[*]: count is not a whole number"}},
		{"more than may be", `count = 1000001`, []string{"x_y.a[*]: the configuration has more than 10000 instances"}},
		{"astronomic", `count = 1e30`, []string{"x_y.a[*]: the configuration has more than 10000 instances"}},
		{"sensitive", `count = sensitive(1)`, []string{"x_y.a[*]: count is sensitive"}},
		{"for_each map with an unknown value", `for_each = { a = data.x.y.z, b = 1 }`, []string{`x_y.a["a"]`, `x_y.a["b"]`}},
		{"for_each set with an unknown element", `for_each = toset(["a", data.x.y.z])`, []string{"x_y.a[*]: an element of for_each is unknown"}},
		{"for_each over keys that are unknown", `for_each = { for k in data.x.y.z : k => 1 }`, []string{"x_y.a[*]: for_each is unknown"}},
		{"for_each over a list", `for_each = ["a"]`, []string{"x_y.a[*]: for_each is neither a map nor a set"}},
		{"for_each null", `for_each = null`, []string{"x_y.a[*]: for_each is neither a map nor a set"}},
		{"sensitive keys", `for_each = sensitive({ a = 1 })`, []string{"x_y.a[*]: for_each is sensitive"}},
		{"odd keys", `for_each = toset(["a.b/c", "q\"q", "é", "$${x}"])`, []string{`x_y.a["$${x}"]`, `x_y.a["a.b/c"]`, `x_y.a["q\"q"]`, `x_y.a["é"]`}},
		{"enabled", "lifecycle {\n enabled = false\n }", nil},
		{"enabled, unknown", "lifecycle {\n enabled = data.a.b.c\n }", []string{"x_y.a[*]: lifecycle.enabled is unknown"}},
		{"on itself", `count = length(x_y.a)`, []string{"x_y.a[*]: count is unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for address, r := range resources(t, load(t, "resource \"x_y\" \"a\" {\n "+c.code+"\n}", Options{})) {
				if !r.Whole {
					address += ": " + r.Why
				}
				got = append(got, address)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Nobody may conclude that something is not declared while a part of the code is not read.
func TestIncomplete(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"file that does not parse", "resource \"x_y\" \"a\" {}\n-- b.tf --\n\nresource \"x_y\" {\n", "b.tf:"},
		{"place", "resource \"x_y\" \"a\" {}\n-- b.tf --\nlocals {\n  a = = 1\n}\n", "b.tf:2:7: Invalid expression"},
		{"block with a label too few", "resource \"x_y\" {\n}\n", "main.tf:1:16: Missing name for resource"},
		{"JSON", "-- b.tf.json --\n{\n \"resource\": [\n", "b.tf.json:"},
		{"module from a registry", "module \"m\" {\n source = \"a/b/c\"\n}\n", "main.tf:1: module.m: the module is not on disk"},
		{"module that is not there", "module \"m\" {\n source = \"./m\"\n}\n", "main.tf:1: module.m: read Terraform configuration m: file does not exist"},
		{"module outside", "module \"m\" {\n source = \"../m\"\n}\n", "module.m: the folder lies outside"},
		{"module in itself", "module \"m\" {\n source = \"./\"\n}\n", "module.m: the module calls itself"},
		{"module whose source is unknown", "module \"m\" {\n source = data.x.y.z\n}\n", "module.m: the source is unknown"},
		{"file in a module", "module \"m\" {\n source = \"./m\"\n}\n-- m/a.tf --\nx = {\n", "m/a.tf:"},
		{"too deep", "locals {\n a = " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n}\n", "main.tf: cannot read file: nested too deep at line 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := load(t, c.code, Options{})
			resources(t, config)
			if got := strings.Join(config.Incomplete(), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	whole := load(t, "resource \"x_y\" \"a\" {\n v = data.a.b.c\n}\n", Options{})
	resources(t, whole)
	if got := whole.Incomplete(); len(got) > 0 {
		t.Errorf("incomplete: %q", got)
	}
}
