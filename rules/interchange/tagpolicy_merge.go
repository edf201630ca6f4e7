package interchange

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// The settings of a tag in a tag policy.
const (
	tagKey      = "tag_key"
	tagValue    = "tag_value"
	enforcedFor = "enforced_for"
	requiredFor = "report_required_tag_for"
)

// The inheritance operators.
const (
	opAssign  = "@@assign"
	opAppend  = "@@append"
	opRemove  = "@@remove"
	opAllowed = "@@operators_allowed_for_child_policies"
	opAll     = "@@all"
	opNone    = "@@none"
)

func operators() []string { return []string{opAssign, opAppend, opRemove} }

// PolicyTag is what an effective tag policy says of one tag.
type PolicyTag struct {
	Key         string   // as it has to be written
	Values      []string // allowed, with at most one "*" each that stands for any characters; empty allows all
	EnforcedFor []string // "ec2:instance", "ec2:ALL_SUPPORTED": where AWS refuses what is wrong
	RequiredFor []string // where the tag must be there
	place       string   // of the first file that speaks of it
}

// TagPolicy is an effective tag policy.
type TagPolicy struct {
	Tags []PolicyTag // in the order in which the files name them
	// Ignored is what a file asked for and a file above it does not allow. AWS ignores it as well.
	Ignored Losses
}

// Source is a file to read.
type Source struct {
	Name string
	Text io.Reader
}

// ReadTagPolicies reads tag policies and merges them as AWS Organizations does: the first is the one that is attached highest in the tree,
// each of the others is attached below the one before. An effective policy, which has no operators, is read as if it assigned all, and so
// is the answer of the AWS CLI around a policy. The error names file and line.
func ReadTagPolicies(files []Source) (*TagPolicy, error) {
	m := &merger{lock: lockedTo(operators())}
	for _, f := range files {
		root, err := readJSON(f.Text, f.Name)
		if err != nil {
			return nil, err
		}
		if root, err = unwrapped(root); err != nil {
			return nil, err
		}
		if err := m.file(root); err != nil {
			return nil, err
		}
	}
	return &TagPolicy{Tags: m.effective(), Ignored: m.ignored}, nil
}

// unwrapped takes a policy out of what "aws organizations describe-policy" and "describe-effective-policy" print.
func unwrapped(root *node) (*node, error) {
	for _, path := range [][2]string{{"Policy", "Content"}, {"EffectivePolicy", "PolicyContent"}} {
		outer := root.get(path[0])
		if outer == nil {
			continue
		}
		content := outer.get(path[1])
		if content == nil || content.kind != '"' {
			return nil, outer.problem("%s holds no %s: give the whole answer of the AWS CLI, or the policy alone", path[0], path[1])
		}
		return parseJSON([]byte(content.text), content.file, content.line)
	}
	return root, nil
}

// lock is the set of operators that files further down may use.
type lock map[string]bool

func lockedTo(ops []string) lock {
	l := lock{}
	for _, op := range ops {
		l[op] = true
	}
	return l
}

// narrowed returns what both allow: a child cannot give back what a parent took.
func (l lock) narrowed(o lock) lock {
	if o == nil {
		return l
	}
	both := lock{}
	for op := range l {
		if o[op] {
			both[op] = true
		}
	}
	return both
}

type setting struct {
	list []string
	lock lock
}

type statement struct {
	key      string // in lower case
	settings map[string]*setting
	lock     lock // of settings that are not there yet
	place    string
}

// merger applies files one after another. What a file locks counts from the next file on.
type merger struct {
	statements []*statement
	lock       lock // of tags that are not there yet
	ignored    Losses
	later      []func() // the locks of the file at hand
}

func (m *merger) file(root *node) error {
	tags := root.get("tags")
	switch {
	case root.kind != '{' || tags == nil:
		return root.problem(`no "tags": it is no tag policy`)
	case tags.kind != '{':
		return tags.problem(`"tags" is %s: an object of tags is needed`, tags.describe())
	}
	for _, other := range root.members {
		if other.name != "tags" {
			return other.value.problem("%q is not known in a tag policy: only tags is", other.name)
		}
	}
	m.later = nil
	seen := map[string]bool{}
	for _, t := range tags.members {
		if t.name == opAllowed {
			l, err := readLock(t.value)
			if err != nil {
				return err
			}
			m.later = append(m.later, func() { m.lock = m.lock.narrowed(l) })
			continue
		}
		key := strings.ToLower(t.name)
		if seen[key] {
			return t.value.problem("the tag %q is there twice but for case: keep one", t.name)
		}
		seen[key] = true
		if err := m.tag(t); err != nil {
			return err
		}
	}
	for _, lock := range m.later {
		lock()
	}
	return nil
}

func (m *merger) statement(key string) (*statement, bool) {
	for _, s := range m.statements {
		if s.key == key {
			return s, true
		}
	}
	return &statement{key: key, settings: map[string]*setting{}, lock: lockedTo(operators())}, false
}

func (m *merger) tag(t member) error {
	switch {
	case strings.TrimSpace(t.name) == "":
		return t.value.problem("a tag has no name")
	case strings.HasPrefix(t.name, "@@"):
		return t.value.problem("%q is no tag%s", t.name, inventory.Suggest(t.name, []string{opAllowed}))
	case t.value.kind == '{' && len(t.value.members) == 0:
		return t.value.problem("%q says nothing: add tag_key", t.name)
	case t.value.kind != '{':
		return t.value.problem("%q is %s: an object with tag_key, tag_value and the like is needed", t.name, t.value.describe())
	}
	s, there := m.statement(strings.ToLower(t.name))
	if !there {
		s.place = fmt.Sprintf("%s:%d", t.value.file, t.line)
	}
	for _, part := range t.value.members {
		if part.name == opAllowed {
			l, err := readLock(part.value)
			if err != nil {
				return err
			}
			m.later = append(m.later, func() { s.lock = s.lock.narrowed(l) })
			continue
		}
		if err := m.setting(s, there, t.name, part); err != nil {
			return err
		}
	}
	if !there && len(s.settings) > 0 {
		m.statements = append(m.statements, s)
	}
	return nil
}

// operation is one operator with what it takes.
type operation struct {
	op   string
	list []string
	at   *node
}

func (m *merger) setting(s *statement, there bool, tag string, part member) error {
	known := []string{tagKey, tagValue, enforcedFor, requiredFor}
	if !slices.Contains(known, part.name) {
		return part.value.problem("%q is no setting of a tag%s", part.name, inventory.Suggest(part.name, known))
	}
	ops, allowed, err := readOperations(tag, part)
	if err != nil {
		return err
	}
	for _, o := range ops {
		have := s.settings[part.name]
		if what := m.refusal(s, there, have, o.op); what != "" {
			m.ignored.add(fmt.Sprintf("%s:%d", o.at.file, o.at.line), "", "tags.%s.%s: a policy above does not allow %s to %s: it has no effect", tag, part.name, o.op, what)
			continue
		}
		if have == nil {
			have = &setting{lock: lockedTo(operators())}
			s.settings[part.name] = have
		}
		have.apply(o)
	}
	if allowed != nil {
		m.later = append(m.later, func() {
			if s.settings[part.name] == nil {
				s.settings[part.name] = &setting{lock: lockedTo(operators())}
			}
			have := s.settings[part.name]
			have.lock = have.lock.narrowed(allowed)
		})
		if s.settings[part.name] == nil { // the lock alone makes the tag one that the policy speaks of
			s.settings[part.name] = &setting{lock: lockedTo(operators())}
		}
	}
	return nil
}

// refusal says what a lock forbids an operator to do; "" if none does. What is there is held by its own lock, what is new by that of what
// it is added to.
func (m *merger) refusal(s *statement, there bool, have *setting, op string) string {
	switch {
	case !there && !m.lock[op]:
		return "add a tag"
	case have == nil && !s.lock[op]:
		return "add a setting to this tag"
	case have != nil && !have.lock[op]:
		return "change this setting"
	}
	return ""
}

func (s *setting) apply(o operation) {
	switch o.op {
	case opAssign:
		s.list = slices.Clone(o.list)
	case opAppend:
		for _, v := range o.list {
			if !slices.Contains(s.list, v) {
				s.list = append(s.list, v)
			}
		}
	case opRemove:
		s.list = slices.DeleteFunc(s.list, func(v string) bool { return slices.Contains(o.list, v) })
	}
}

// effective lists what is in force. A setting without values says nothing, and so does a tag without settings.
func (m *merger) effective() []PolicyTag {
	var list []PolicyTag
	for _, s := range m.statements {
		value := func(name string) []string {
			if have := s.settings[name]; have != nil && len(have.list) > 0 {
				return have.list
			}
			return nil
		}
		t := PolicyTag{Key: s.key, Values: value(tagValue), EnforcedFor: value(enforcedFor), RequiredFor: value(requiredFor), place: s.place}
		key := value(tagKey)
		if key != nil {
			t.Key = key[0]
		}
		if key != nil || t.Values != nil || t.EnforcedFor != nil || t.RequiredFor != nil {
			list = append(list, t)
		}
	}
	return list
}
