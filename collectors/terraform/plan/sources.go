package plan

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// Position is where a block is written.
type Position struct {
	File string // with "/"
	Line int    // from 1
}

// Sources are the positions of resources' blocks, by their addresses without keys: module.a.aws_instance.b.
type Sources map[string]Position

// Bounds of what is looked at.
const (
	longestSource  = 16 << 20 // bytes of a file
	deepestModules = 32
	mostModules    = 10_000 // folders, counted for each call
)

// FindSources reads where the resources of the code in a folder stand, and in the modules that it calls: those beside it, and those that
// "terraform init" has fetched. name turns the path of a file into how it is called. What cannot be read has no positions, and is no
// error: the plan says all the rest. There are none if the folder holds no code.
func FindSources(dir string, name func(path string) string) Sources {
	f := &finder{found: Sources{}, name: name, fetched: fetchedModules(dir)}
	f.folder(dir, nil)
	return f.found
}

type finder struct {
	found   Sources
	name    func(string) string
	fetched map[string]string // folders of modules, by their key "a.b"
	chain   []string          // folders from the root to where it is
	read    int               // folders
}

// fetchedModules reads what terraform init noted of the modules of a folder.
func fetchedModules(dir string) map[string]string {
	out := map[string]string{}
	content, err := readFile(filepath.Join(dir, ".terraform", "modules", "modules.json"))
	if err != nil {
		return out
	}
	var list struct {
		Modules []struct{ Key, Dir string }
	}
	if json.Unmarshal(content, &list) != nil {
		return out
	}
	for _, m := range list.Modules {
		out[m.Key] = filepath.Join(dir, filepath.FromSlash(m.Dir))
	}
	return out
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > longestSource {
		return nil, os.ErrInvalid
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longestSource))
}

// folder reads the code of a module, whose calls from the root are given by their names.
func (f *finder) folder(dir string, calls []string) {
	dir = filepath.Clean(dir)
	if len(calls) > deepestModules || f.read >= mostModules || slices.Contains(f.chain, dir) {
		return
	}
	f.read++
	f.chain = append(f.chain, dir)
	defer func() { f.chain = f.chain[:len(f.chain)-1] }()
	for _, path := range codeFiles(dir) {
		content, err := readFile(path)
		if err != nil {
			continue
		}
		f.file(path, content, calls)
	}
}

// codeFiles lists the files of a module's code, sorted. A file of OpenTofu stands for Terraform's of the same name.
func codeFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		for _, ending := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
			if strings.HasSuffix(e.Name(), ending) && !strings.HasPrefix(e.Name(), ".") {
				names = append(names, e.Name())
			}
		}
	}
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		base, isTF := strings.CutSuffix(strings.TrimSuffix(n, ".json"), ".tf")
		return isTF && slices.Contains(names, base+".tofu"+strings.TrimPrefix(n, base+".tf"))
	})
	for i, n := range names {
		names[i] = filepath.Join(dir, n)
	}
	return names
}

// wanted are the blocks that are looked for.
func wanted() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "resource", LabelNames: []string{"type", "name"}},
		{Type: "module", LabelNames: []string{"name"}},
	}}
}

func (f *finder) file(path string, content []byte, calls []string) {
	var parsed *hcl.File
	if strings.HasSuffix(path, ".json") {
		parsed, _ = hcljson.Parse(content, path)
	} else {
		parsed, _ = hclsyntax.ParseConfig(content, path, hcl.InitialPos)
	}
	if parsed == nil || parsed.Body == nil {
		return
	}
	body, _, _ := parsed.Body.PartialContent(wanted()) // what can be read of it
	if body == nil {
		return
	}
	prefix := ""
	for _, c := range calls {
		prefix += "module." + c + "."
	}
	for _, b := range body.Blocks {
		if b.Type == "resource" {
			f.add(prefix+b.Labels[0]+"."+b.Labels[1], Position{f.name(path), b.DefRange.Start.Line})
			continue
		}
		if dir := f.moduleFolder(filepath.Dir(path), b, calls); dir != "" {
			f.folder(dir, append(slices.Clone(calls), b.Labels[0]))
		}
	}
}

// add notes a position. An override file adds to a block and is not where it is written.
func (f *finder) add(address string, at Position) {
	base := strings.TrimSuffix(at.File, ".json")
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".tf"), ".tofu")
	_, known := f.found[address]
	if known && (strings.HasSuffix(base, "_override") || filepath.Base(base) == "override") {
		return
	}
	f.found[address] = at
}

// moduleFolder returns the folder of a module that is called; empty if it is not known.
func (f *finder) moduleFolder(from string, b *hcl.Block, calls []string) string {
	if dir, ok := f.fetched[strings.Join(append(slices.Clone(calls), b.Labels[0]), ".")]; ok {
		return dir
	}
	content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "source"}}})
	if content == nil || content.Attributes["source"] == nil {
		return ""
	}
	v, diags := content.Attributes["source"].Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		return ""
	}
	source := v.AsString()
	if strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") {
		return filepath.Join(from, filepath.FromSlash(source))
	}
	return ""
}
