package config

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// blocks are whole blocks of one module, in any order of which it means the same.
func blocks(t *rapid.T) []string {
	n := rapid.IntRange(1, 6).Draw(t, "locals")
	list := []string{"variable \"v\" {\n default = \"d\"\n}\n", "provider \"x\" {\n region = \"r\"\n}\n"}
	for i := range n {
		list = append(list, fmt.Sprintf("locals {\n l%d = %s\n}\n", i, expression(t, i)))
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "resources") {
		many := rapid.SampledFrom([]string{"", " count = 2\n", " for_each = toset([\"b\", \"a\"])\n", " count = data.a.b.c\n"}).Draw(t, "many")
		list = append(list, fmt.Sprintf("resource \"x_y\" \"r%d\" {\n%s tags = { A = %s, B = %s }\n}\n", i, many, expression(t, n), expression(t, n)))
	}
	return list
}

// expression draws an expression that may use the first n locals, each of which uses only earlier ones.
func expression(t *rapid.T, n int) string {
	parts := []string{`"text"`, "1", "true", "var.v", "data.a.b.c", `x_y.r0.tags`, `merge({ a = 1 }, { b = var.v })`, `try(x_y.r9.z, "q")`, `nosuch(1)`, `sensitive("s")`}
	for i := range n {
		parts = append(parts, fmt.Sprintf("local.l%d", i), fmt.Sprintf("[for x in [local.l%d] : x]", i), fmt.Sprintf("\"${local.l%d}-\"", i))
	}
	return rapid.SampledFrom(parts).Draw(t, "expression")
}

// shown writes all that is told of a configuration but places.
func shown(t *rapid.T, fsys fstest.MapFS) string {
	c, err := Load(context.Background(), fsys, ".", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	if err := c.Resources(func(r Resource) error {
		lines = append(lines, fmt.Sprint(r.Address, attributes(r), r.Whole, r.Why, r.Provider.Address, r.Provider.Region))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func written(t *rapid.T, blocks []string, order []int) fstest.MapFS {
	files := rapid.IntRange(1, 3).Draw(t, "files")
	text := make([]string, files)
	for i, o := range order {
		text[i%files] += blocks[o]
	}
	fsys := fstest.MapFS{}
	for i, s := range text {
		fsys[fmt.Sprintf("f%d.tf", i)] = &fstest.MapFile{Data: []byte(s)}
	}
	return fsys
}

// Which file a block stands in, and where, means nothing; nor do the names of locals; and twice is the same as once.
func TestOrderMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := blocks(t)
		order := make([]int, len(list))
		for i := range order {
			order[i] = i
		}
		fsys := written(t, list, order)
		want := shown(t, fsys)
		if got := shown(t, fsys); got != want {
			t.Fatalf("twice\n%s\n%s", got, want)
		}
		if got := shown(t, written(t, list, rapid.Permutation(order).Draw(t, "order"))); got != want {
			t.Fatalf("moved\n%s\n%s", got, want)
		}
		renamed := slices.Clone(list)
		for i := range renamed {
			renamed[i] = strings.NewReplacer("local.l", "local.z_", "\n l", "\n z_").Replace(renamed[i])
		}
		if got := shown(t, written(t, renamed, order)); got != want {
			t.Fatalf("renamed\n%s\n%s", got, want)
		}
	})
}

// What is written for a value does not change what stands beside it: unknown never becomes known by being put into something.
func TestUnknownStays(t *testing.T) {
	wraps := []string{"[%s]", "{ a = %s }", "\"x${%s}\"", "coalesce(%s, \"d\")", "upper(%s)", "jsonencode(%s)", "concat([1], [%s])", "merge({ z = 1 }, { a = %s })", "(%s)", "true ? %s : \"x\"", "[for x in [%s] : x]", "sensitive(%s)"}
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.SampledFrom([]string{"data.a.b.c", "x_y.o.id", "var.none", "timestamp()"}).Draw(t, "unknown")
		if rapid.Bool().Draw(t, "try") { // around more, a mistake in the types would be a reason to choose the default
			expr = "try(" + expr + ", \"d\")"
		}
		for range rapid.IntRange(0, 4).Draw(t, "depth") {
			expr = fmt.Sprintf(rapid.SampledFrom(wraps).Draw(t, "wrap"), expr)
		}
		fsys := tree("variable \"none\" {}\nresource \"x_y\" \"o\" {}\nresource \"x_y\" \"a\" {\n v = " + expr + "\n}\n")
		if got := shown(t, fsys); !strings.Contains(strings.Split(got, "\n")[0], "?") {
			t.Fatalf("%s is known: %s", expr, got)
		}
	})
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"resource \"x_y\" \"a\" {\n count = 2\n v = \"n${count.index}\"\n}\n",
		"locals {\n a = local.b\n b = [for k, v in { a = 1 } : \"${k}=${v}\" if v > 0]\n}\nresource \"x_y\" \"a\" {\n v = local.b\n dynamic \"r\" {\n for_each = local.b\n content {\n k = r.value\n }\n }\n}\n",
		"variable \"v\" {\n type = object({ a = optional(list(string), [\"x\"]) })\n default = {}\n}\nmodule \"m\" {\n source = \"./m\"\n v = var.v.a\n}\nresource \"x_y\" \"a\" {\n v = module.m.out[0]\n}\n",
		"provider \"aws\" {\n default_tags {\n tags = { A = sensitive(\"a\") }\n }\n}\nresource \"aws_x\" \"a\" {\n for_each = toset([\"a\"])\n lifecycle {\n ignore_changes = [tags[\"x\"], all]\n }\n}\nimport {\n to = aws_x.a[\"a\"]\n id = \"i\"\n}\n",
		"resource \"x_y\" \"a\" {\n v = format(\"%s\", yamldecode(\"a: 1\"))\n w = cidrsubnets(\"10.0.0.0/8\", 4, 4)\n x = templatestring(\"$${a}\", { a = 1 })\n y = lookup(x_y.a, \"b\", 1)\n}\n",
	} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte(`{"resource": {"x_y": {"a": {"for_each": "${toset([\"a\"])}", "v": "${each.key}", "dynamic": {"r": {"for_each": [1], "content": {"k": "${r.value}"}}}}}}}`), true)
	f.Fuzz(func(t *testing.T, src []byte, json bool) {
		name := "main.tf"
		if json {
			name = "main.tf.json"
		}
		fsys := fstest.MapFS{
			name:     &fstest.MapFile{Data: src},
			"m/a.tf": &fstest.MapFile{Data: []byte("variable \"v\" {}\noutput \"out\" {\n value = var.v\n}\nresource \"x_y\" \"b\" {\n v = var.v\n}\n")},
		}
		once, twice := fuzzed(t, fsys), fuzzed(t, fsys)
		if once != twice {
			t.Errorf("first\n%s\nthen\n%s", once, twice)
		}
	})
}

func fuzzed(t *testing.T, fsys fstest.MapFS) string {
	c, err := Load(context.Background(), fsys, ".", Options{MaxInstances: 50})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Resources(func(r Resource) error {
		if !r.Whole && r.Why == "" || r.Whole && strings.Contains(r.Address, "[*]") && r.Index.IsNull() {
			t.Errorf("%s: whole %v, why %q", r.Address, r.Whole, r.Why)
		}
		for _, v := range r.Attributes {
			if tainted(v) {
				t.Errorf("%s shows what no code says: %s", r.Address, attributes(r))
			}
			Unmark(v)
		}
		fmt.Fprintln(&b, r.Address, attributes(r), r.Ignores)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Problems() {
		if p.Text == "" {
			t.Errorf("a problem without a text at %s", p)
		}
	}
	fmt.Fprint(&b, c.Imports, c.Moved, c.Removed, c.Unresolved, c.Problems())
	return b.String()
}
