package neighbours

import (
	"cmp"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// TestVotesCountLikeAMap: however many there are and in whatever order.
func TestVotesCountLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v Votes
		want := map[Trait]map[uint32]int{}
		traits, answers := rapid.IntRange(1, 3000).Draw(t, "traits"), rapid.IntRange(1, 40).Draw(t, "answers")
		seed := uint64(rapid.IntRange(1, 1000).Draw(t, "seed"))
		for range rapid.IntRange(0, 200_000).Draw(t, "votes") {
			seed = seed*6364136223846793005 + 1442695040888963407
			trait, answer := TraitOf(fmt.Sprint(int(seed>>33)%traits)), uint32(int(seed>>12)%4096%answers)
			v.Add(trait, answer)
			if want[trait] == nil {
				want[trait] = map[uint32]int{}
			}
			want[trait][answer]++
		}
		v.Finish()
		for trait, counts := range want {
			if got := maps.Collect(v.Answers(trait)); !maps.Equal(got, counts) {
				t.Fatalf("%v, want %v", got, counts)
			}
		}
	})
}

func TestMost(t *testing.T) {
	var v Votes
	x := TraitOf("x")
	for _, a := range []uint32{3, 1, 1, 2, 2} {
		v.Add(x, a)
	}
	v.Add(TraitOf("y"), 9)
	v.Finish()
	if a, n, all := v.Most(x, func(a, b uint32) int { return cmp.Compare(b, a) }); a != 2 || n != 2 || all != 5 {
		t.Error(a, n, all)
	}
	if _, n, all := v.Most(TraitOf("z"), cmp.Compare[uint32]); n != 0 || all != 0 {
		t.Error(n, all)
	}
}

func TestTraits(t *testing.T) {
	if TraitOf("ab", "c") == TraitOf("a", "bc") || TraitOf("a") == TraitOf("a", "") || TraitOf("a").About(0) == TraitOf("a").About(1) {
		t.Error("traits run together")
	}
	var got []string
	for g := range GroupTags(inventory.KnownTags(inventory.Tag{Key: "App-Name", Value: "shop"}, inventory.Tag{Key: "project"}, inventory.Tag{Key: "owner", Value: "x"}, inventory.Tag{Key: "stack", ValueUnknown: true})) {
		got = append(got, g.Key)
	}
	if fmt.Sprint(got) != "[App-Name]" {
		t.Error(got)
	}
	if Share(3, 3) != "all 3" || Share(117, 117) != "all of at least 100" || Share(87, 100) != "at least 80 % of the" {
		t.Error(Share(3, 3), Share(117, 117), Share(87, 100))
	}
}
