package preset

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

//go:embed data/*.yaml
var data embed.FS

// Ids of the lists of usual headers.
const (
	// Usual is what registers are read with in which nobody says what the columns mean: it never changes, since keys of
	// assets hang on it.
	Usual = "usual"
	// Spreadsheet is the list for registers that people keep by hand.
	Spreadsheet = "spreadsheet"
)

// Set is a list of presets, sorted by id. It does not change.
type Set struct{ list []*Preset }

// builtin is read once: what is embedded does not change.
var builtin = sync.OnceValues(func() (*Set, error) { return load(data, "data") })

// Builtin returns the presets that muster knows. An error is a fault of the embedded data.
func Builtin() (*Set, error) { return builtin() }

func load(files fs.FS, dir string) (*Set, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list presets: %w", err)
	}
	s := &Set{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read preset: %w", err)
		}
		p, err := parse(name, text)
		if err != nil {
			return nil, err
		}
		s.list = append(s.list, p)
	}
	slices.SortFunc(s.list, func(a, b *Preset) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range s.list {
		if err := s.extend(p); err != nil {
			return nil, err
		}
	}
	for _, p := range s.list {
		p.prepare()
	}
	return s, nil
}

// Parse reads somebody's own preset, which may extend one of the set. Its errors name file, line and column.
func (s *Set) Parse(file string, text []byte) (*Preset, error) {
	p, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	if err := s.extend(p); err != nil {
		return nil, err
	}
	if p.identifies() {
		p.prepare()
		return p, nil
	}
	return nil, fmt.Errorf("%s:1:1: none of the columns tells the assets apart: name headers of one of %s", file, names(p.keyFields()))
}

func parse(file string, text []byte) (*Preset, error) {
	p := &Preset{}
	if err := decode(file, text, p); err != nil {
		return nil, err
	}
	if err := p.validate(file); err != nil {
		return nil, err
	}
	return p, nil
}

// All lists the presets by id.
func (s *Set) All() []*Preset { return slices.Clone(s.list) }

// IDs lists the ids.
func (s *Set) IDs() []string {
	var ids []string
	for _, p := range s.list {
		ids = append(ids, p.ID)
	}
	return ids
}

// Get returns the preset with an id.
func (s *Set) Get(id string) (*Preset, bool) {
	for _, p := range s.list {
		if p.ID == id {
			return p, true
		}
	}
	return nil, false
}

// extend adds what the preset extends to it. Lists of headers go behind its own, and of maps the own entries stay.
func (s *Set) extend(p *Preset) error {
	if p.Extends == "" {
		return nil
	}
	base, ok := s.Get(p.Extends)
	if !ok || base == p || base.Extends != "" {
		return fmt.Errorf("preset %s: extends %q, which is none that can be extended%s", p.ID, p.Extends, inventory.Suggest(p.Extends, s.extendable()))
	}
	p.Columns = appendLists(p.Columns, base.Columns)
	p.More = appendLists(p.More, base.More)
	p.Attributes = under(p.Attributes, base.Attributes)
	p.Dates = under(p.Dates, base.Dates)
	p.Type.Map = under(p.Type.Map, base.Type.Map)
	p.Type.WithColumn = under(p.Type.WithColumn, base.Type.WithColumn)
	p.Type.When = slices.Concat(p.Type.When, base.Type.When)
	p.Rows = slices.Concat(p.Rows, base.Rows)
	p.Tags = p.Tags.with(base.Tags)
	p.StatusWords = p.StatusWords || base.StatusWords
	p.Systems = Systems{slices.Concat(p.Systems.None, base.Systems.None), slices.Concat(p.Systems.Prefixes, base.Systems.Prefixes)}
	p.Clean = Clean{p.Clean.Apostrophe || base.Clean.Apostrophe, slices.Concat(p.Clean.Empty, base.Clean.Empty)}
	if len(p.Fingerprint.Required) == 0 {
		p.Fingerprint = base.Fingerprint
	}
	if len(p.Status) == 0 {
		p.Status = base.Status
	}
	p.inherit(base)
	return nil
}

// inherit takes single values that the preset does not have.
func (p *Preset) inherit(base *Preset) {
	if p.Type.Default == "" {
		p.Type.Default = base.Type.Default
	}
	if p.Type.Unknown == "" {
		p.Type.Unknown = base.Type.Unknown
	}
	if p.Match == "" {
		p.Match = base.Match
	}
	if len(p.Keys) == 0 {
		p.Keys = base.Keys
	}
	if len(p.Suffixes) == 0 {
		p.Suffixes = base.Suffixes
	}
}

func (s *Set) extendable() []string {
	var ids []string
	for _, p := range s.list {
		if p.Extends == "" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (t TagRules) with(base TagRules) TagRules {
	return TagRules{
		Columns:  appendLists(t.Columns, base.Columns),
		Patterns: slices.Concat(t.Patterns, base.Patterns),
		Between:  slices.Concat(t.Between, base.Between),
		Cells:    slices.Concat(t.Cells, base.Cells),
		Pairs:    slices.Concat(t.Pairs, base.Pairs),
	}
}

func appendLists[K comparable](own, base map[K][]string) map[K][]string {
	out := map[K][]string{}
	for k, list := range base {
		out[k] = slices.Concat(own[k], list)
	}
	for k, list := range own {
		if _, both := base[k]; !both {
			out[k] = list
		}
	}
	return out
}

func under[V any](own, base map[string]V) map[string]V {
	out := maps.Clone(base)
	if out == nil {
		return own
	}
	maps.Copy(out, own)
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
