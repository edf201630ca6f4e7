package inherit

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// Step is one thing on the way from an asset up to where a tag stands.
type Step struct {
	Via  rules.Via      // how the one before belongs to it
	Key  string         // of the asset
	Type inventory.Type // empty if it is not known
	Name string         // may be empty
}

// String names the thing and the way: `attached-to i-0abc (web-1)`.
func (s Step) String() string {
	text := string(s.Via) + " " + s.Key
	if s.Name != "" && !strings.HasSuffix(s.Key, s.Name) {
		text += " (" + s.Name + ")"
	}
	return text
}

// Found is what the things that an asset belongs to say of a tag.
type Found struct {
	// State is Yes if the tag stands on one of them, No if all were read and none has it, and Unknown if one that goes before could not be
	// read. The zero value says nothing.
	State expr.Truth
	// Tag is the tag that is inherited, under the key that it has there. Its value is unknown if it could not be read, or if several things
	// of one rank differ in it. Empty unless State is Yes.
	Tag   inventory.Tag
	Chain []Step // from the nearest thing to that which has the tag; empty unless State is Yes
	Why   string // what could not be told; empty if everything could
}

// Path names the things on the way, for messages: "attached-to i-0abc (web-1), member-of asg-7".
func (f Found) Path() string {
	texts := make([]string, len(f.Chain))
	for i, s := range f.Chain {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}

// Evidence says where an inherited tag comes from, step by step.
func (f Found) Evidence() []rules.Evidence {
	list := make([]rules.Evidence, len(f.Chain))
	for i, s := range f.Chain {
		what := ""
		if s.Type != "" {
			what = ", " + string(s.Type)
		}
		list[i] = rules.Note("step %d of the inherited tag %q: %s%s", i+1, f.Tag.Key, s, what)
	}
	return list
}

// Parent is one thing that an asset belongs to, and what it says of a tag.
type Parent struct {
	Step
	State expr.Truth    // whether it has the tag; Unknown if it could not be read
	Tag   inventory.Tag // under the first of the keys that has a value; its value may be unknown
	Why   string        // what could not be read
}

func unreadParent(s Step, why string) string { return fmt.Sprintf("%s: %s", s, why) }
