package group

import (
	"cmp"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// place names an asset, as a finding does.
type place struct{ source, key string }

func placeOf(a *rules.AssetRef) place { return place{a.Source, a.Key} }

// stay is what is known of an asset that findings are about.
type stay struct {
	owner   string // by the rules; empty if they know none
	unknown bool   // the rules say that nobody can tell the owner
	asset   int32  // its index in the walk; -1 while it was not met
}

// places are the assets that findings are about.
func places(r *report.Report) map[place]stay {
	out := map[place]stay{}
	note := func(f *rules.Finding) {
		at := placeOf(&f.Asset)
		out[at] = stay{owner: cmp.Or(f.Owner, out[at].owner), unknown: out[at].unknown || f.OwnerUnknown != "", asset: -1}
	}
	for i := range r.Findings {
		note(&r.Findings[i])
	}
	for i := range r.Accepted {
		note(&r.Accepted[i].Finding)
	}
	return out
}

// divider divides a report. Groups and assets are numbers: indices in the lists.
type divider struct {
	by     By
	report *report.Report
	index  map[report.Group]int32
	groups []report.Group
	places map[place]stay
	owners func(entity int64) (rules.Owner, bool) // of a chain; nil without one

	assets []member
	claims map[int64]claim // by entity
	shares []share         // by group
}

// member is an asset.
type member struct {
	id, entity int64
	group      int32
	book       uint8 // its index in inventory.Books
}

// claim is what the assets of an entity say of its group. The lower rank counts, of two alike the first.
type claim struct {
	group int32
	rank  uint8
}

// The ranks of claims. An entity's group is that which the rules found out, or the policy's chain of owners, or else what its observed, declared or recorded
// assets say; only if none of them says anything, it matters what could not be read.
const (
	byRules uint8 = iota
	byChain
	byObserved
	byDeclared
	byRecorded
	byNobodyKnows
	byNobody
)

func (d *divider) group(kind report.GroupKind, value string) int32 {
	g := report.Group{Kind: kind, Value: value}
	n, ok := d.index[g]
	if !ok {
		n = int32(len(d.groups)) //nolint:gosec // fewer than there are assets
		d.index[g], d.groups = n, append(d.groups, g)
	}
	return n
}

// named is the group of a value. A secret's hash tells nobody anything.
func (d *divider) named(value string) int32 {
	if inventory.IsSecretHash(value) {
		return d.group(report.GroupUnknown, "")
	}
	return d.group(report.GroupNamed, value)
}

// walk finds out the group of each asset.
func (d *divider) walk() error {
	if d.report.Assets == nil {
		return nil
	}
	d.claims = map[int64]claim{}
	for a, err := range d.report.Assets() {
		if err != nil {
			return err
		}
		d.meet(&a)
	}
	if len(d.by.Keys) > 0 {
		for i := range d.assets {
			d.assets[i].group = d.claims[d.assets[i].entity].group
		}
	}
	return nil
}

func (d *divider) meet(a *report.Asset) {
	at := place{a.Source, a.Key}
	known, isPlace := d.places[at]
	if isPlace && known.asset < 0 {
		known.asset = int32(len(d.assets)) //nolint:gosec // a scan holds fewer
		d.places[at] = known
	}
	m := member{id: a.ID, entity: a.Entity, book: uint8(slices.Index(inventory.Books(), a.Book))} //nolint:gosec // one of three
	if len(d.by.Keys) == 0 {
		m.group = d.account(a.Account)
		d.assets = append(d.assets, m)
		return
	}
	d.assets = append(d.assets, m)
	c := d.claimOf(a)
	if d.by.Name == "owner" {
		c = d.owned(a, known, c)
	}
	if before, ok := d.claims[a.Entity]; !ok || c.rank < before.rank {
		d.claims[a.Entity] = c
	}
}

// owned is what the rules and the policy's chain say of who answers for an asset, or else what its tags do.
func (d *divider) owned(a *report.Asset, known stay, tags claim) claim {
	switch {
	case known.owner != "":
		return claim{d.named(known.owner), byRules}
	case known.unknown:
		return claim{d.group(report.GroupUnknown, ""), byRules}
	case d.owners == nil:
		return tags
	}
	o, ok := d.owners(a.Entity)
	switch {
	case !ok:
		return tags
	case o.Name != "":
		return claim{d.named(o.Name), byChain}
	case o.Unknown != "":
		return claim{d.group(report.GroupUnknown, ""), byChain}
	}
	return claim{d.group(report.GroupNone, ""), byChain}
}

func (d *divider) account(name string) int32 {
	if name == "" {
		return d.group(report.GroupUnknown, "") // everything is somewhere
	}
	return d.group(report.GroupNamed, name)
}

// claimOf is what an asset's own tags say. A value that only an earlier scan could read is better than none.
func (d *divider) claimOf(a *report.Asset) claim {
	now := a.CurrentTags()
	unknown := now.State() == inventory.Unknown
	for _, key := range d.by.Keys {
		t, _ := a.Tags.Get(key)
		switch {
		case t.ValueUnknown, inventory.IsSecretHash(t.Value):
			unknown = true
		case t.Value != "":
			return claim{d.named(t.Value), rankOf(a.Book)}
		}
	}
	if unknown {
		return claim{d.group(report.GroupUnknown, ""), byNobodyKnows}
	}
	return claim{d.group(report.GroupNone, ""), byNobody}
}

func rankOf(b inventory.Book) uint8 {
	switch b {
	case inventory.Observed:
		return byObserved
	case inventory.Declared:
		return byDeclared
	}
	return byRecorded
}

// ofFinding is the group of a finding.
func (d *divider) ofFinding(f *rules.Finding) int32 {
	if f.Asset.Book == "" {
		return d.group(report.GroupNone, "") // it is about no asset
	}
	if len(d.by.Keys) == 0 {
		return d.account(f.Asset.Account)
	}
	if d.by.Name == "owner" && f.Owner != "" {
		return d.named(f.Owner)
	}
	if d.by.Name == "owner" && f.OwnerUnknown != "" {
		return d.group(report.GroupUnknown, "")
	}
	if at := d.places[placeOf(&f.Asset)].asset; at >= 0 {
		return d.assets[at].group
	}
	return d.group(report.GroupUnknown, "") // the scan does not hold it any more
}

// share is what one group has, before the groups are sorted.
type share struct {
	findings, accepted []int
	assets             []int64
	books              report.BookCounts
}

func (d *divider) of(group int32) *share {
	for int(group) >= len(d.shares) {
		d.shares = append(d.shares, share{})
	}
	return &d.shares[group]
}

// shareOut gives each group its findings and assets, in the order of the report. A claim that another one overruled may leave
// a group without any; there is nothing to write for it.
func (d *divider) shareOut() {
	for i := range d.report.Findings {
		s := d.of(d.ofFinding(&d.report.Findings[i]))
		s.findings = append(s.findings, i)
	}
	for i := range d.report.Accepted {
		s := d.of(d.ofFinding(&d.report.Accepted[i].Finding))
		s.accepted = append(s.accepted, i)
	}
	for _, m := range d.assets {
		s := d.of(m.group)
		s.assets = append(s.assets, m.id)
		switch inventory.Books()[m.book] {
		case inventory.Observed:
			s.books.Observed++
		case inventory.Declared:
			s.books.Declared++
		case inventory.Recorded:
			s.books.Recorded++
		}
	}
}

// parts are the groups with something in them, sorted: by value, then what has none, then what nobody knows.
func (d *divider) parts() []part {
	var out []part
	for i, s := range d.shares {
		if len(s.findings)+len(s.accepted)+len(s.assets) == 0 {
			continue
		}
		p := part{findings: s.findings, accepted: s.accepted, assets: s.assets}
		p.Group, p.Assets = d.groups[i], s.books
		for _, n := range s.findings {
			p.count(&d.report.Findings[n])
		}
		out = append(out, p)
	}
	kinds := []report.GroupKind{report.GroupNamed, report.GroupNone, report.GroupUnknown}
	slices.SortFunc(out, func(a, b part) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func (p *part) count(f *rules.Finding) {
	p.Differences += len(f.Diff)
	switch f.State {
	case inventory.FindingResolved:
		p.Resolved++
		return
	case inventory.FindingNew:
		p.New++
	}
	p.Findings.Add(f.Severity)
}
