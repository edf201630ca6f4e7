package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Cause is what several open findings have in common, so that one look and one change may settle them all: the same attribute changed
// in the same way, things of one kind made by one hand, declarations of one state that are gone. Each finding is in one group at most.
type Cause struct {
	ID       string         `json:"id"` // stays as long as what the findings have in common does
	Rule     string         `json:"rule"`
	Severity rules.Severity `json:"severity"` // of the worst
	Title    string         `json:"title"`
	Count    int            `json:"count"`
	// Fingerprints are those of the findings, in the report's order.
	Fingerprints []string `json:"fingerprints"`
}

// common is what a finding may share with others: a key that is the same for all of them, and how it reads.
type common struct {
	key   digest
	title func() string // what most of many findings have in common is never read
}

// digest stands for what findings have in common; the zero value for nothing. The values themselves may be long and are many.
type digest [16]byte

// Group finds out which open findings have one cause, and fills in what the report says of that: Groups, and Group and the elements of
// the differences of its findings. It is done again whenever the findings are others.
func (r *Report) Group() {
	open := make([]*rules.Finding, 0, len(r.Findings))
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Group = ""
		describe(f)
		if f.State != inventory.FindingResolved {
			open = append(open, f)
		}
	}
	for i := range r.Accepted {
		describe(&r.Accepted[i].Finding)
	}
	r.Groups = []Cause{}
	for level := 0; len(open) > 1; level++ {
		var again bool
		if open, again = r.groupAt(level, open); !again {
			break
		}
	}
	slices.SortStableFunc(r.Groups, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
}

// groupAt groups findings by what they have in common at one level: 0 is the most exact. It returns those that are left alone, and
// whether any of them has a level below.
func (r *Report) groupAt(level int, open []*rules.Finding) (left []*rules.Finding, again bool) {
	members := map[digest][]*rules.Finding{}
	shared := make([]digest, len(open))
	for i, f := range open {
		c, more := commonOf(f, level)
		again = again || more
		if shared[i] = c.key; c.key != (digest{}) {
			members[c.key] = append(members[c.key], f)
		}
	}
	for i, f := range open {
		list := members[shared[i]]
		if shared[i] == (digest{}) || len(list) < 2 {
			left = append(left, f)
			continue
		}
		if list[0] == f {
			c, _ := commonOf(f, level)
			r.Groups = append(r.Groups, causeOf(c, list))
		}
	}
	return left, again
}

func causeOf(c common, list []*rules.Finding) Cause {
	out := Cause{ID: "g-" + hex.EncodeToString(c.key[:8]), Rule: list[0].Rule, Title: c.title(), Count: len(list)}
	for _, f := range list {
		f.Group = out.ID
		out.Severity = max(out.Severity, f.Severity)
		out.Fingerprints = append(out.Fingerprints, f.Fingerprint)
	}
	return out
}

// commonOf is what a finding may share at a level, with no key if there is nothing; more is false if it shares nothing below either.
func commonOf(f *rules.Finding, level int) (c common, more bool) {
	if f.Asset.Book == "" {
		return common{}, false
	}
	var list []common
	switch {
	case len(f.Diff) > 0:
		list = []common{sameValues(f), sameDirection(f)}
	case f.Rule == "drift/unmanaged" || f.Rule == "drift/orphan":
		list = sameHand(f)
	case (f.Rule == "drift/missing" || f.Rule == "drift/unapplied") && f.Origin.File != "":
		list = []common{sameFile(f)}
	}
	if level >= len(list) {
		return common{}, false
	}
	return list[level], true
}

// digestOf tells lists of parts from each other.
func digestOf(parts ...string) digest {
	b := make([]byte, 0, 256)
	for _, p := range parts {
		b = strconv.AppendInt(b, int64(len(p)), 10)
		b = append(append(b, ':'), p...)
	}
	sum := sha256.Sum256(b)
	return digest(sum[:16])
}

// sameValues is shared by what differs in the same attributes, from the same values to the same values.
func sameValues(f *rules.Finding) common {
	parts := append(make([]string, 0, 3+3*len(f.Diff)), "values", f.Rule, kind(f))
	for i := range f.Diff {
		d := &f.Diff[i]
		parts = append(parts, direction(d), d.Declared, d.Actual)
	}
	return common{digestOf(parts...), func() string {
		if len(f.Diff) == 1 {
			return Sentence(&f.Diff[0])
		}
		return listed(f.Diff, func(d *rules.Difference) string { return d.Attribute }) + " differ in the same way"
	}}
}

// sameDirection is shared by what differs in the same attributes of one account, whatever their values: all that lost a tag.
func sameDirection(f *rules.Finding) common {
	parts := []string{"direction", f.Rule, f.Asset.Source, f.Asset.Account, kind(f)}
	for i := range f.Diff {
		parts = append(parts, direction(&f.Diff[i]))
	}
	return common{digestOf(parts...), func() string { return listed(f.Diff, direction) }}
}

// kind is the type of a finding's asset, unless only its tags differ: those mean the same on every type.
func kind(f *rules.Finding) string {
	for i := range f.Diff {
		if !strings.HasPrefix(f.Diff[i].Attribute, "tags.") {
			return string(f.Asset.Type)
		}
	}
	return ""
}

func direction(d *rules.Difference) string {
	switch {
	case d.ActualAbsent:
		return d.Attribute + " is gone"
	case d.DeclaredAbsent:
		return d.Attribute + " was added"
	}
	return d.Attribute + " differs"
}

// sameHand is shared by things of one type in one account that nothing declares: made by the same person on one day, or with names of
// one beginning, or else on one day.
func sameHand(f *rules.Finding) []common {
	state := "not declared"
	if f.Rule == "drift/orphan" {
		state = "left behind"
	}
	where := func(text string) func() string {
		return func() string { return fmt.Sprintf("%s %s, %s", f.Asset.Type, text, state) }
	}
	var out []common
	add := func(ok bool, title, what, value string) {
		c := common{}
		if ok {
			c = common{digestOf(what, f.Rule, string(f.Asset.Type), f.Asset.Account, value), where(title)}
		}
		out = append(out, c) // each of these stands at its own level, whatever else is known
	}
	who := rules.Who{}
	if f.Who != nil {
		who = *f.Who
	}
	add(who.Actor != "", "made by "+who.Actor+" on "+day(who.At), "who", who.Actor+" "+day(who.At))
	prefix := rules.NamePrefix(f.Asset.Name)
	add(prefix != "", "with names like "+prefix+"*", "name", prefix)
	add(!f.Created.IsZero(), "made on "+day(f.Created), "day", day(f.Created))
	return out
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// sameFile is shared by declarations of one file that nothing fulfils.
func sameFile(f *rules.Finding) common {
	state := "not there"
	if f.Rule == "drift/unapplied" {
		state = "never applied"
	}
	return common{digestOf("file", f.Rule, f.Asset.Source, f.Origin.File), func() string { return "declared in " + f.Origin.File + ", and " + state }}
}

// listed names the first differences.
func listed(list []rules.Difference, name func(*rules.Difference) string) string {
	const few = 3
	var out []string
	for i := range list {
		if i == few {
			out = append(out, fmt.Sprintf("and %d more", len(list)-few))
			break
		}
		out = append(out, name(&list[i]))
	}
	return strings.Join(out, ", ")
}

// longest is how much of a value a sentence holds.
const longest = 60

// Sentence says in one line how the actual side of a difference differs from the declared one: "InstanceType is t3.large, declared
// t3.micro". Lists and objects are told by the number of their elements that differ, and secrets not at all.
func Sentence(d *rules.Difference) string {
	switch {
	case d.ActualAbsent && d.Secret:
		return d.Attribute + " is gone (secret)"
	case d.DeclaredAbsent && d.Secret:
		return d.Attribute + " was added (secret)"
	case d.ActualAbsent:
		return d.Attribute + " is gone, declared " + brief(d.Declared)
	case d.DeclaredAbsent:
		return d.Attribute + " is " + brief(d.Actual) + ", not declared"
	case len(d.Elements) > 0:
		return d.Attribute + ": " + Counts(d.Elements)
	case d.Secret:
		return d.Attribute + " changed (secret)"
	}
	return d.Attribute + " is " + brief(d.Actual) + ", declared " + brief(d.Declared)
}

// Counts tells elements by number: "1 added, 2 removed".
func Counts(list []rules.Element) string {
	var out []string
	for _, c := range []rules.Change{rules.ElementAdded, rules.ElementRemoved, rules.ElementChanged, rules.ElementsReorder} {
		n := 0
		for _, e := range list {
			if e.Change == c {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, c))
		}
	}
	return strings.Join(out, ", ")
}

func brief(s string) string {
	if s == "" {
		return "empty"
	}
	s = inventory.HideSecrets(s)
	if r := []rune(s[:min(len(s), 4*(longest+1))]); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// Place is where a person can look up what a finding speaks of: the state, template, code or other file with its line, and the address,
// with the module if the address does not begin with it. It is empty for what an API told.
func Place(o inventory.Origin) string {
	at, address := o.File, o.Address
	if at != "" && o.Line > 0 {
		at += ":" + strconv.Itoa(o.Line)
	}
	if o.Module != "" && !strings.HasPrefix(address, o.Module) {
		address = strings.TrimSuffix(o.Module+" "+address, " ")
	}
	if at != "" && address != "" {
		at += ", "
	}
	return at + address
}
