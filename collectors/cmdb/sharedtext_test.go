package cmdb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestManySharedTextsAreReadFromAFile reads some that are too many for memory, in their order and in none.
func TestManySharedTextsAreReadFromAFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const n = 5000
	text := func(i int) string {
		return fmt.Sprintf("%d %s", i, strings.Repeat("x", i*7919%4500)) // some begin in one block and end in another
	}
	var part bytes.Buffer
	part.WriteString("<sst>")
	for i := range n {
		fmt.Fprintf(&part, "<si><t>%s</t></si>", text(i))
	}
	part.WriteString("</sst>")
	var texts sharedTexts
	if err := texts.read(&part); err != nil {
		t.Fatal(err)
	}
	if texts.n != n || texts.file == nil || texts.memory != nil || texts.size <= maxTextsInMemory {
		t.Fatalf("%d texts of %d bytes, %d in memory, file %v", texts.n, texts.size, len(texts.memory), texts.file)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 3 * n {
		if i >= n {
			i = random.IntN(n)
		}
		if have, err := texts.append([]byte("x"), i); err != nil || string(have) != "x"+text(i) {
			t.Fatalf("text %d is %.20q…, error %v", i, have, err)
		}
	}
	if err := texts.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestSharedTextsAreBounded(t *testing.T) {
	full := sharedTexts{n: maxSharedStrings}
	if err := full.add(nil); err == nil || !strings.Contains(err.Error(), "more than 5000000 texts") {
		t.Errorf("error is %v", err)
	}
}

func TestUnescape(t *testing.T) {
	tests := map[string]string{
		"": "", "_x": "_x", "a_x000D_b": "a\rb", "_x000d__x000A_": "\r\n", "_x005F_x000D_": "_x000D_", "_x005F__x000D_": "_\r", "_x00G0_": "_x00G0_", "_x000D": "_x000D",
		"__x0041_": "_A", "_xD83D__xDE00_": "😀", "_xD83D_x": "\ufffdx", "_xDE00__xD83D_": "\ufffd\ufffd", "_x+00D_": "_x+00D_", "_x0000_": "\x00",
	}
	for text, want := range tests {
		if have := string(unescape([]byte("_x0041_"+text), len("_x0041_"))); have != "_x0041_"+want {
			t.Errorf("%q becomes %q, want %q", text, have, want)
		}
	}
}
