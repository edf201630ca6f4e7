package cmdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// noPreset turns presets off.
const noPreset = "none"

// checkPreset returns what is wrong with the options that presets have to do with.
func (o *Options) checkPreset() []collectors.OptionError {
	list := files.Check("tag_tables", o.TagTables)
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	if ids := presetIDs(); o.Preset != "" && !isPath(o.Preset) && !slices.Contains(ids, o.Preset) {
		bad("preset", "there is no preset %q%s; a preset of your own is named by its path, as presets/own.yaml", o.Preset, inventory.Suggest(o.Preset, ids))
	}
	for i, pattern := range o.TagColumns {
		if strings.TrimSpace(pattern) == "" {
			bad(fmt.Sprintf("tag_columns[%d]", i), "is empty: want rest or a pattern of headers such as u_*")
		}
	}
	stages := []string{"planned", "active", "maintenance", "retiring", "retired", string(preset.StageUnknown)}
	for _, value := range sortedKeys(o.StatusMap) {
		if stage := o.StatusMap[value]; !slices.Contains(stages, stage) {
			bad("status_map."+value, "%q is no stage of life%s", stage, inventory.Suggest(stage, stages))
		}
	}
	return list
}

// presetIDs lists what the option preset takes besides paths.
func presetIDs() []string {
	ids := []string{automatic, noPreset}
	if set, err := preset.Builtin(); err == nil {
		for _, p := range set.All() {
			if p.Refuse == "" {
				ids = append(ids, p.ID)
			}
		}
	}
	return ids
}

func isPath(s string) bool { return strings.ContainsAny(s, `/\.`) }

// maxPreset bounds the bytes of a preset of one's own.
const maxPreset = 1 << 20

// loadPreset reads the preset that the option names by its path.
func (o *Options) loadPreset(dir string) error {
	if !isPath(o.Preset) {
		return nil
	}
	path := filepath.FromSlash(o.Preset)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("preset: read %q: %w: check the path, which is relative to the config file", o.Preset, errors.Unwrap(err))
	case !info.Mode().IsRegular() || info.Size() > maxPreset:
		return fmt.Errorf("preset: %q is no file of at most %d KiB", o.Preset, maxPreset>>10)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("preset: read %q: %w", o.Preset, errors.Unwrap(err))
	}
	set, err := preset.Builtin()
	if err != nil {
		return err
	}
	o.own, err = set.Parse(o.Preset, text)
	return err
}

// choice is what a header is read as.
type choice struct {
	binding *preset.Binding // nil: what is configured alone
	// usual are the columns with usual headers, if they make the keys: a register that was read before there were presets, and
	// whose config does not ask for one, keeps the keys of its rows.
	usual *preset.Binding
	// told is "preset servicenow (0.92: sys_id, …)"; empty where nothing is to be said.
	told string
}

// choose finds out what a header is read as. Unless the option names a preset, a tool's export is taken for one only beyond doubt;
// all else is a spreadsheet.
func (o *Options) choose(header []string) (choice, error) {
	set, err := preset.Builtin()
	if err != nil {
		return choice{}, err
	}
	switch {
	case o.own != nil:
		return choice{binding: o.own.Bind(header), told: "preset " + o.Preset}, nil
	case o.Preset == noPreset, o.Preset == "" && o.Columns != (Columns{}):
		return choice{}, nil
	case o.Preset != "" && o.Preset != automatic:
		p, ok := set.Get(o.Preset)
		if !ok { // validated before
			return choice{}, fmt.Errorf("preset: there is no preset %q", o.Preset)
		}
		return choice{binding: p.Bind(header), told: "preset " + p.ID}, nil
	}
	return o.detect(set, header)
}

func (o *Options) detect(set *preset.Set, header []string) (choice, error) {
	usual, keyed := bindUsual(set, header)
	best, ranked, ok := set.Choose(header, "")
	if ok && best.Preset.Refuse != "" {
		return choice{}, fmt.Errorf("%s: %s", best, best.Preset.Refuse)
	}
	if ok {
		c := choice{binding: best.Preset.Bind(header), told: best.String()}
		if keyed && o.Preset == "" {
			c.usual = usual
		}
		return c, nil
	}
	if keyed && o.Preset == "" {
		return choice{binding: usual}, nil
	}
	sheet, ok := set.Get(preset.Spreadsheet)
	if !ok { // cannot happen: a test holds it
		return choice{}, errors.New("the preset for spreadsheets is missing")
	}
	b := sheet.Bind(header)
	if !keyed && !sureSheet(b) {
		return choice{}, nil
	}
	return choice{binding: b, told: sheetTold(set, header) + undecided(ranked)}, nil
}

// toolSheet returns the only one of some sheets that is a tool's table of assets beyond doubt, as vInfo is beside vHost and vDatastore;
// nil if there is none, or if the columns are configured.
func (o *Options) toolSheet(sheets []*headed) *headed {
	set, err := preset.Builtin()
	if err != nil || o.own != nil || o.Preset == noPreset || o.Preset == "" && o.Columns != (Columns{}) {
		return nil
	}
	var found *headed
	for _, s := range sheets {
		best, _, ok := set.Choose(s.names, "")
		switch {
		case !ok || best.Preset.Refuse != "" || o.Preset != "" && o.Preset != automatic && o.Preset != best.Preset.ID:
			continue
		case found != nil:
			return nil
		}
		found = s
	}
	return found
}

// undecided names two tools of which a file is as likely as of each other; empty if there are none.
func undecided(ranked []preset.Candidate) string {
	if len(ranked) < 2 || ranked[0].Confidence < preset.SureConfidence {
		return ""
	}
	return fmt.Sprintf(", since %s and %s are as likely: set preset to one of them", ranked[0], ranked[1])
}

// sureSheet reports whether two headers are known of which one makes a key. A single word may be the value of a cell.
func sureSheet(b *preset.Binding) bool {
	return len(b.Keys) > 0 && len(b.Columns)+len(b.Attributes) > 1
}

func sheetTold(set *preset.Set, header []string) string {
	for _, c := range set.Detect(header, "") {
		if c.Preset.ID == preset.Spreadsheet && c.Confidence > 0 {
			return c.String()
		}
	}
	return "preset " + preset.Spreadsheet
}

// bindUsual finds the usual headers; keyed says that one of them makes keys.
func bindUsual(set *preset.Set, header []string) (b *preset.Binding, keyed bool) {
	p, ok := set.Get(preset.Usual)
	if !ok { // cannot happen: a test holds it
		return nil, false
	}
	b = p.Bind(header)
	return b, len(b.Keys) > 0
}

// unlike says which presets a header is most like, and what it lacks for them.
func unlike(header []string) string {
	set, err := preset.Builtin()
	if err != nil {
		return ""
	}
	_, ranked, _ := set.Choose(header, "")
	if len(ranked) == 0 {
		return ""
	}
	return "; it is most like " + ranked[0].String()
}
