package nearmiss

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"
)

//go:embed abbreviations.txt
var abbreviationsText string

// abbreviations maps every spelling of a shortened word to the full word.
func abbreviations() map[string]string {
	full := map[string]string{}
	for line := range strings.Lines(abbreviationsText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for _, w := range words {
			full[w] = words[0]
		}
	}
	return full
}

// form is a text taken apart.
type form struct {
	// parts are the words of the text in lower case, its numbers, and what is neither. Separators are left out.
	parts []string
	// fold is equal for texts that differ only in case, in separators, and in abbreviations.
	fold string
	// whole says that the text is a name of a different kind, such as an address: only its case may differ.
	whole bool
}

// folder takes texts apart.
type folder struct{ full map[string]string }

func newFolder() folder { return folder{full: abbreviations()} }

func (f folder) form(text string) form {
	if opaque(text) {
		return form{fold: strings.ToLower(text), whole: true}
	}
	parts := split(text)
	if len(parts) == 0 {
		return form{fold: text, whole: true}
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 && isNumber(p) && isNumber(parts[i-1]) {
			b.WriteByte('-') // 1.2 is not 12
		}
		if full, ok := f.full[p]; ok {
			p = full
		}
		b.WriteString(p)
	}
	return form{parts: parts, fold: b.String()}
}

// opaque reports whether separators mean something in a text: in addresses, paths, ARNs and numbers.
func opaque(text string) bool {
	if strings.ContainsAny(text, "@/\\") || strings.HasPrefix(text, "arn:") {
		return true
	}
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}

// classes of characters.
const (
	separator = iota
	lower
	upper
	digit
	other
)

func classOf(r rune) int {
	switch {
	case strings.ContainsRune("-_. :\t", r):
		return separator
	case unicode.IsDigit(r):
		return digit
	case unicode.IsUpper(r):
		return upper
	case unicode.IsLetter(r), unicode.IsMark(r):
		return lower
	}
	return other
}

// split returns the parts of a text: CostCenter2, cost-center-2 and COST_CENTER 2 are "cost", "center", "2".
func split(text string) []string {
	runes := []rune(text)
	var parts []string
	start := -1
	end := func(at int) {
		if start >= 0 {
			parts = append(parts, strings.ToLower(string(runes[start:at])))
		}
		start = -1
	}
	for i, r := range runes {
		class := classOf(r)
		if i > 0 && start >= 0 && isBoundary(runes, i, classOf(runes[i-1]), class) {
			end(i)
		}
		if class != separator && start < 0 {
			start = i
		}
	}
	end(len(runes))
	return parts
}

// isBoundary reports whether a part ends before the character at i.
func isBoundary(runes []rune, i, before, class int) bool {
	switch {
	case class == upper && before == upper: // the S of HTTPServer
		return i+1 < len(runes) && classOf(runes[i+1]) == lower
	case class == lower && before == upper:
		return false
	}
	return class != before
}

func isNumber(part string) bool { return part != "" && part[0] >= '0' && part[0] <= '9' }

func isWord(part string) bool {
	for _, r := range part {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			return false
		}
	}
	return part != ""
}

// Fold is equal for texts that differ only in case, in separators, and in abbreviations.
func Fold(text string) string { return newFolder().form(text).fold }
