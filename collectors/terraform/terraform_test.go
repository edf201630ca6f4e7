package terraform

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muster-audit/muster/collectors/collectortest"
)

func options(paths ...string) func() any {
	return func() any { return &Options{Paths: paths} }
}

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/states",
		Options: options("**/*.tfstate"),
		Shuffle: shuffleState,
		Detectable: func(_ string, content []byte, n int) bool {
			return n <= bytes.LastIndexByte(content, '}')
		},
		Generate: generateSmall,
		Secrets: []string{
			"s3cret", "hunter2", "password1", "user-data-secret", "windows-secret", "from-a-data-source", "schema-secret", "by-name-secret",
			"random-secret", "marked-whole", "marked-oddly",
		},
	})
}

// shuffleState returns the same state with its blocks, its instances and the keys of every object in another order.
func shuffleState(_ string, content []byte, rng *rand.Rand) []byte {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return content
	}
	state, _ := x.(map[string]any)
	resources, _ := state["resources"].([]any)
	rng.Shuffle(len(resources), func(i, j int) { resources[i], resources[j] = resources[j], resources[i] })
	for _, r := range resources {
		block, _ := r.(map[string]any)
		list, _ := block["instances"].([]any)
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	var b bytes.Buffer
	encodeShuffled(&b, x, rng)
	return b.Bytes()
}

func encodeShuffled(w io.Writer, x any, rng *rand.Rand) {
	switch x := x.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(x))
		rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		io.WriteString(w, "{")
		for i, k := range keys {
			if i > 0 {
				io.WriteString(w, ",")
			}
			encodeShuffled(w, k, rng)
			io.WriteString(w, ":")
			encodeShuffled(w, x[k], rng)
		}
		io.WriteString(w, "}")
	case []any:
		io.WriteString(w, "[")
		for i, e := range x {
			if i > 0 {
				io.WriteString(w, ",")
			}
			encodeShuffled(w, e, rng)
		}
		io.WriteString(w, "]")
	default:
		text, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		w.Write(text)
	}
}
