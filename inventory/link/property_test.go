package link

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// renumbered returns the entities by other ids, sorted.
func renumbered(r *Result, id map[int64]int64) [][]int64 {
	var out [][]int64
	for e := range r.Entities() {
		named := make([]int64, len(e))
		for i := range e {
			named[i] = id[e[i]]
		}
		slices.Sort(named)
		out = append(out, named)
	}
	slices.SortFunc(out, func(a, b []int64) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// crowded draws estates of every kind of identifier, in which values collide often.
func crowded() *rapid.Generator[[]inventory.Identity] {
	pool := map[inventory.IdentifierKind][]string{
		inventory.ARN: {arn1, arn2}, inventory.InstanceID: {"i-1", "i-2", "7"}, inventory.NativeKey: {"a:1", "a:2"},
		inventory.UUID:   {uuidPlain, uuidSwapped, dellA, "00000000-0000-1000-8000-ac1f6b010203"},
		inventory.Serial: {"SER-AAA1", "FZ22YQ1", "i-0aaaaaaaaaaaaaaaa"}, inventory.AssetTag: {"TAG-1", "TAG-2"},
		inventory.MAC: {"00:0a:95:9d:68:16", "ac:1f:6b:01:02:03"}, inventory.FQDN: {"a.example.com", "b.example.com"},
		inventory.PrivateIP: {"10.0.0.4", "10.0.0.5"}, inventory.MoRef: {"vm-1", "vm-2"}, inventory.VCenterUUID: {vcUUID1, vcUUID2},
		inventory.InstanceUUID: {"502f245c-7fa8-60fa-6af6-a46351ced0eb", "502f245c-7fa8-60fa-6af6-a46351ced0ec"},
		inventory.Vendor:       {"Dell", "HPE"},
	}
	kinds := inventory.IdentifierKinds()
	kinds = slices.DeleteFunc(kinds, func(k inventory.IdentifierKind) bool { return pool[k] == nil })
	return rapid.Custom(func(t *rapid.T) []inventory.Identity {
		held := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 1, 5, rapid.ID).Draw(t, "kinds")
		n := rapid.IntRange(0, 9).Draw(t, "n")
		out := make([]inventory.Identity, n)
		for i := range out {
			var ids []inventory.Identifier
			for _, k := range held {
				for _, v := range pool[k] {
					if rapid.IntRange(0, 2).Draw(t, "held") == 0 {
						ids = append(ids, is(k, v))
					}
				}
			}
			a := asset(int64(i+1), rapid.SampledFrom(inventory.Books()).Draw(t, "book"), "key", ids...)
			a.Source += rapid.SampledFrom([]string{"-1", "-2"}).Draw(t, "source")
			a.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
			a.Type = rapid.SampledFrom([]inventory.Type{guest, host, "datacenter/storage"}).Draw(t, "type")
			a.Account = rapid.SampledFrom([]string{"", "111122223333", "444455556666", "hq"}).Draw(t, "account")
			a.Region = rapid.SampledFrom([]string{"", "eu-west-1", "us-east-1"}).Draw(t, "region")
			if rapid.IntRange(0, 4).Draw(t, "retired") == 0 {
				a.Lifecycle = inventory.LifecycleRetired
			}
			if a.Book == inventory.Declared && rapid.Bool().Draw(t, "addressed") {
				a.Lineage, a.Address = "L", rapid.SampledFrom([]string{"x", "y"}).Draw(t, "address")
			}
			out[i] = a
		}
		return out
	})
}

// TestNumbersDoNotMatter: ids are those of the first sight, so that no link may depend on which source was read first.
func TestNumbersDoNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		estate := crowded().Draw(rt, "estate")
		ids := make([]int64, len(estate))
		for i := range ids {
			ids[i] = int64(i + 1)
		}
		back := map[int64]int64{}
		other := slices.Clone(estate)
		for i, id := range rapid.Permutation(ids).Draw(rt, "ids") {
			back[id] = other[i].ID
			other[i].ID = id
		}
		want := build(t, estate)
		got := build(t, rapid.Permutation(other).Draw(rt, "shuffled"))
		if diff := gocmp.Diff(entities(want), renumbered(got, back)); diff != "" {
			rt.Fatalf("other ids link otherwise (-want +got):\n%s", diff)
		}
		for id, old := range back {
			if want.Undecided(old) != got.Undecided(id) {
				rt.Fatalf("asset %d: other ids leave other doubts", old)
			}
		}
	})
}

// TestJunkChangesNothing: placeholders beside the identifiers neither link nor keep apart nor leave doubts.
func TestJunkChangesNothing(t *testing.T) {
	var junk []inventory.Identifier
	for _, e := range JunkTable() {
		if e.Value[0] == '(' && e.Value != "(NULLSTRING)" {
			continue
		}
		junk = append(junk, sampleOf(e))
	}
	rapid.Check(t, func(rt *rapid.T) {
		estate := crowded().Draw(rt, "estate")
		littered := slices.Clone(estate)
		for i := range littered {
			more := rapid.SliceOfN(rapid.SampledFrom(junk), 0, 4).Draw(rt, "junk")
			littered[i].Identifiers = inventory.SortIdentifiers(slices.Concat(littered[i].Identifiers, more))
		}
		want, got := build(t, estate), build(t, littered)
		if diff := gocmp.Diff(entities(want), entities(got)); diff != "" {
			rt.Fatalf("junk links otherwise (-want +got):\n%s", diff)
		}
		for _, a := range estate {
			if want.Undecided(a.ID) != got.Undecided(a.ID) || count(want.Twins(a.ID)) != count(got.Twins(a.ID)) {
				rt.Fatalf("asset %d: junk leaves other doubts", a.ID)
			}
		}
	})
}

// TestSuggestionsNeverJoin: rows of a register that is read as two sources are joined by an identifier, and never by a short
// name or an address, of which many may have one.
func TestSuggestionsNeverJoin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		estate := weakEstates().Draw(rt, "estate")
		split := slices.Clone(estate)
		for i := range split {
			if split[i].Source == "recorded" && rapid.Bool().Draw(rt, "half") {
				split[i].Source = "recorded-2"
			}
		}
		whole, halves := build(t, estate), build(t, split)
		for _, a := range estate {
			for _, b := range estate {
				if a.ID >= b.ID || a.Source != "recorded" || b.Source != "recorded" || !same(halves, a.ID, b.ID) || same(whole, a.ID, b.ID) {
					continue
				}
				if !chained(estate, a, b) {
					rt.Fatalf("assets %d and %d share neither name nor card, nor with others between them, and are one in two sources", a.ID, b.ID)
				}
			}
		}
	})
}

func same(r *Result, a, b int64) bool {
	x, _ := r.EntityOf(a)
	y, _ := r.EntityOf(b)
	return x == y
}

// chained reports whether names or cards lead from one asset to another: a machine of two names is recorded under each.
func chained(estate []inventory.Identity, a, b inventory.Identity) bool {
	reached := []inventory.Identity{a}
	for i := 0; i < len(reached); i++ {
		for _, next := range estate {
			known := slices.ContainsFunc(reached, func(r inventory.Identity) bool { return r.ID == next.ID })
			if !known && (shares(reached[i], next, inventory.FQDN) || shares(reached[i], next, inventory.MAC)) {
				reached = append(reached, next)
			}
		}
	}
	return slices.ContainsFunc(reached, func(r inventory.Identity) bool { return r.ID == b.ID })
}

func shares(a, b inventory.Identity, kind inventory.IdentifierKind) bool {
	return slices.ContainsFunc(a.Identifiers, func(i inventory.Identifier) bool { return i.Kind == kind && slices.Contains(b.Identifiers, i) })
}

// weakEstates draws a register and what is observed, with names and addresses only.
func weakEstates() *rapid.Generator[[]inventory.Identity] {
	return rapid.Custom(func(t *rapid.T) []inventory.Identity {
		out := make([]inventory.Identity, rapid.IntRange(2, 8).Draw(t, "n"))
		for i := range out {
			ids := []inventory.Identifier{}
			for _, one := range []inventory.Identifier{
				is(inventory.FQDN, "a.example.com"), is(inventory.FQDN, "b.example.com"), is(inventory.PrivateIP, "10.0.0.4"), is(inventory.PrivateIP, "10.0.0.5"),
			} {
				if rapid.IntRange(0, 2).Draw(t, "held") == 0 {
					ids = append(ids, one)
				}
			}
			book := rapid.SampledFrom([]inventory.Book{inventory.Observed, inventory.Recorded}).Draw(t, "book")
			out[i] = with(asset(int64(i+1), book, "key", ids...), named(string(rune('a'+i))))
		}
		return out
	})
}
