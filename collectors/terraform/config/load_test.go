package config

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// tree makes a file system of a text in the form of txtar: "-- name --" lines before the contents of each file. What stands before the
// first one is main.tf.
func tree(text string) fstest.MapFS {
	fsys := fstest.MapFS{}
	name := "main.tf"
	var body strings.Builder
	flush := func() {
		if strings.TrimSpace(body.String()) != "" || name != "main.tf" {
			fsys[name] = &fstest.MapFile{Data: []byte(body.String())}
		}
		body.Reset()
	}
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "-- ") && strings.HasSuffix(trimmed, " --") {
			flush()
			name = strings.TrimSpace(trimmed[3 : len(trimmed)-3])
			continue
		}
		body.WriteString(line)
	}
	flush()
	return fsys
}

func load(t testing.TB, text string, opts Options) *Config {
	t.Helper()
	c, err := Load(context.Background(), tree(text), ".", opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// resources collects the resources by address.
func resources(t testing.TB, c *Config) map[string]Resource {
	t.Helper()
	all := map[string]Resource{}
	if err := c.Resources(func(r Resource) error {
		if _, twice := all[r.Address]; twice {
			t.Errorf("%s is emitted twice", r.Address)
		}
		all[r.Address] = r
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// show writes a value as JSON, with "?" for what is unknown and "!" around what is sensitive.
func show(v cty.Value) string {
	if v == cty.NilVal {
		return "none"
	}
	data, err := json.Marshal(plain(v))
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func plain(v cty.Value) any {
	v, marks := v.Unmark()
	if len(marks) > 0 {
		return map[string]any{"!": plain(v)}
	}
	switch t := v.Type(); {
	case !v.IsKnown():
		return "?"
	case v.IsNull():
		return nil
	case t.IsObjectType() || t.IsMapType():
		object := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			key, e := it.Element()
			object[key.AsString()] = plain(e)
		}
		return object
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		list := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			list = append(list, plain(e))
		}
		return list
	}
	data, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return err.Error()
	}
	return json.RawMessage(data)
}

// attributes shows a resource's attributes on one line.
func attributes(r Resource) string { return show(cty.ObjectVal(r.Attributes)) }

func texter(problems []Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// The sample was applied to a real provider against a simulated cloud: what the evaluator says is known must be in the state.
func TestAgreesWithState(t *testing.T) {
	c, err := Load(context.Background(), os.DirFS("testdata/estate"), ".", Options{})
	if err != nil {
		t.Fatal(err)
	}
	states := readState(t, "testdata/estate.tfstate.json")
	compared := 0
	for address, r := range resources(t, c) {
		if r.Mode == Data {
			continue
		}
		state, ok := states[address]
		if !ok || !r.Whole {
			t.Errorf("%s: in the state %v, whole %v", address, ok, r.Whole)
			continue
		}
		if r.Provider.Address != state.provider {
			t.Errorf("%s: provider %s, in the state %s", address, r.Provider.Address, state.provider)
		}
		for name, v := range r.Attributes {
			compared += agree(t, address+"."+name, plain(v), state.attributes[name])
		}
		delete(states, address)
	}
	for address := range states {
		t.Errorf("%s is in the state only", address)
	}
	if compared < 87 {
		t.Errorf("only %d values are known, there should be more", compared)
	}
	if p := c.Problems(); len(p) > 0 || len(c.Incomplete()) > 0 {
		t.Errorf("problems:\n%s", texter(p))
	}
}

type stateInstance struct {
	provider   string
	attributes map[string]any
}

func readState(t *testing.T, name string) map[string]stateInstance {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Module, Mode, Type, Name, Provider string
			Instances                          []struct {
				IndexKey   any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	all := map[string]stateInstance{}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if r.Mode == "managed" {
				key := cty.NilVal
				switch k := i.IndexKey.(type) {
				case string:
					key = cty.StringVal(k)
				case float64:
					key = cty.NumberFloatVal(k)
				}
				all[keyed(join(r.Module, r.Type+"."+r.Name), key)] = stateInstance{r.Provider, i.Attributes}
			}
		}
	}
	return all
}

// agree compares what is known of a value with the real one and returns how many scalars it compared. A set has an order of its own,
// and JSON in a string may be written otherwise.
func agree(t *testing.T, path string, known, real any) int {
	t.Helper()
	if raw, ok := known.(json.RawMessage); ok {
		if err := json.Unmarshal(raw, &known); err != nil {
			t.Fatal(err)
		}
	}
	switch known := known.(type) {
	case map[string]any:
		inner, ok := real.(map[string]any)
		if !ok {
			t.Errorf("%s: %v, really %v", path, known, real)
			return 0
		}
		n := 0
		for key, e := range known {
			n += agree(t, path+"."+key, e, inner[key])
		}
		return n
	case []any:
		inner, ok := real.([]any)
		if !ok || len(inner) != len(known) {
			t.Errorf("%s: %v, really %v", path, known, real)
			return 0
		}
		n := 0
		for i, e := range known {
			n += agree(t, path+"[]", e, inner[i])
		}
		return n
	case string:
		if known == "?" {
			return 0
		}
		if known != real {
			t.Errorf("%s: %v, really %v", path, known, real)
		}
		return 1
	}
	if known != real {
		t.Errorf("%s: %v, really %v", path, known, real)
	}
	return 1
}

// pairs are folders of code with what Terraform planned for it.
func TestAgreesWithPlan(t *testing.T) {
	entries, err := os.ReadDir("testdata/planned")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) { comparePlan(t, "testdata/planned/"+e.Name()) })
	}
	if len(entries) < 5 {
		t.Errorf("%d pairs", len(entries))
	}
}

type plannedModule struct {
	Resources []struct {
		Address string
		Values  map[string]any
	}
	ChildModules []plannedModule `json:"child_modules"`
}

func (m plannedModule) collect(all map[string]map[string]any) {
	for _, r := range m.Resources {
		all[r.Address] = r.Values
	}
	for _, child := range m.ChildModules {
		child.collect(all)
	}
}

func comparePlan(t *testing.T, dir string) {
	c, err := Load(context.Background(), os.DirFS(dir), ".", Options{Workspace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(dir + "/planned.json")
	if err != nil {
		t.Fatal(err)
	}
	var planned struct {
		RootModule plannedModule `json:"root_module"`
	}
	if err := json.Unmarshal(data, &planned); err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]any{}
	planned.RootModule.collect(want)
	for address, r := range resources(t, c) {
		if _, ok := want[address]; !ok {
			t.Errorf("%s is not planned", address)
		}
		for name, v := range r.Attributes {
			agree(t, address+"."+name, unmarked(plain(v)), want[address][name])
			if known, _ := v.UnmarkDeep(); !known.IsWhollyKnown() {
				t.Errorf("%s.%s is unknown: %s\n%s", address, name, show(v), texter(c.Problems()))
			}
		}
		delete(want, address)
	}
	for address := range want {
		t.Errorf("%s is planned only", address)
	}
}

// unmarked removes what plain writes around sensitive values.
func unmarked(x any) any {
	switch x := x.(type) {
	case map[string]any:
		if inner, ok := x["!"]; ok && len(x) == 1 {
			return unmarked(inner)
		}
		for key, e := range x {
			x[key] = unmarked(e)
		}
	case []any:
		for i, e := range x {
			x[i] = unmarked(e)
		}
	}
	return x
}
