package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
)

// files reads and parses files of one configuration, each once.
type files struct {
	ctx      context.Context
	fsys     fs.FS
	max      int64
	left     int64 // bytes that may still be read
	problems *problems
	contents map[string]content
	modules  map[string]*declarations
}

type content struct {
	data []byte
	err  error
}

var errTooBig = errors.New("file is too big")

// read returns a file's bytes.
func (f *files) read(name string) ([]byte, error) {
	c, ok := f.contents[name]
	if !ok {
		c.data, c.err = f.readNew(name)
		f.contents[name] = c
	}
	return c.data, c.err
}

func (f *files) readNew(name string) ([]byte, error) {
	file, err := f.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("not a regular file: %s", info.Mode().Type())
	}
	data, err := io.ReadAll(io.LimitReader(file, f.max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > f.max {
		return nil, fmt.Errorf("%w: at most %d bytes are read of one file", errTooBig, f.max)
	}
	if f.left -= int64(len(data)); f.left < 0 {
		return nil, fmt.Errorf("%w: at most %d bytes are read of one configuration", errTooBig, int64(maxConfigBytes))
	}
	return data, nil
}

// parse reads a file in the syntax that its name tells and returns its body; nil after a problem.
func (f *files) parse(name string) hcl.Body {
	data, err := f.read(name)
	if err == nil {
		if strings.HasSuffix(name, ".json") {
			err = jsonNesting(data, name)
		} else {
			err = nativeNesting(data, name)
		}
	}
	if err != nil {
		f.problems.add(Unreadable, syntaxPlace(name, data, err), "cannot read file: %v", plainError(err))
		return nil
	}
	var file *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(name, ".json") {
		file, diags = hcljson.Parse(data, name)
	} else {
		file, diags = hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	}
	if diags.HasErrors() {
		f.problems.diagnostics(Unreadable, diags)
		return nil
	}
	return file.Body
}

// syntaxPlace is where a JSON syntax error is, or the file.
func syntaxPlace(name string, data []byte, err error) hcl.Range {
	at := hcl.Range{Filename: name}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := data[:min(int(syntax.Offset), len(data))]
		at.Start.Line = bytes.Count(before, []byte("\n")) + 1
		at.Start.Column = len(before) - bytes.LastIndexByte(before, '\n')
	}
	return at
}

// plainError strips the path that a file system's errors repeat.
func plainError(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// source is a file of a module.
type source struct {
	name     string // path within the file system
	override bool
}

// sources lists the configuration files of a folder: ordinary ones first, then overrides, each by name.
func sources(fsys fs.FS, dir string) ([]source, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, e := range entries {
		if !e.IsDir() && !temporary(e.Name()) {
			names[e.Name()] = true
		}
	}
	var list []source
	for name := range names {
		if configFile(name) && !replaced(name, names) {
			list = append(list, source{path.Join(dir, name), overrides(name)})
		}
	}
	slices.SortFunc(list, func(a, b source) int {
		if a.override != b.override {
			if a.override {
				return 1
			}
			return -1
		}
		return strings.Compare(a.name, b.name)
	})
	return list, nil
}

// temporary reports whether Terraform ignores a file as an editor's.
func temporary(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#")
}

func configFile(name string) bool {
	_, ok := stem(name)
	return ok
}

// stem is a file's name without the ending of a configuration file.
func stem(name string) (string, bool) {
	for _, ending := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if s, ok := strings.CutSuffix(name, ending); ok {
			return s, true
		}
	}
	return "", false
}

// replaced reports whether OpenTofu's own file stands in for a Terraform one: x.tofu for x.tf.
func replaced(name string, names map[string]bool) bool {
	if s, ok := strings.CutSuffix(name, ".tf"); ok {
		return names[s+".tofu"]
	}
	if s, ok := strings.CutSuffix(name, ".tf.json"); ok {
		return names[s+".tofu.json"]
	}
	return false
}

func overrides(name string) bool {
	s, _ := stem(name)
	return s == "override" || strings.HasSuffix(s, "_override")
}

// module returns what the files of a folder declare.
func (f *files) module(dir string) (*declarations, error) {
	if d, ok := f.modules[dir]; ok {
		return d, nil
	}
	list, err := sources(f.fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("read Terraform configuration %s: %w", dir, plainError(err))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read Terraform configuration %s: no .tf, .tf.json or .tofu file in the folder", dir)
	}
	d := newDeclarations(dir)
	for _, src := range list {
		if err := f.ctx.Err(); err != nil {
			return nil, fmt.Errorf("read Terraform configuration %s: %w", dir, err)
		}
		body := f.parse(src.name)
		if body == nil {
			d.broken = true
			d.overrideBroken = d.overrideBroken || src.override
			continue
		}
		d.add(body, src.override, f.problems)
		if strings.HasSuffix(src.name, ".json") {
			d.addJSONNames(f.contents[src.name].data)
		}
	}
	d.settleNames()
	f.modules[dir] = d
	return d, nil
}
