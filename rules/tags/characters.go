package tags

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
)

// odd is something about the characters of a text that misleads who reads it.
type odd struct {
	text string // goes on after `the key "owner" `
	near string // the text as it is meant; empty if nobody can tell
}

// blanks finds white space that nobody sees: around a text, several in a row, and any that is not a plain space.
func blanks(s string) *odd {
	text := ""
	switch {
	case s == "":
		return nil
	case strings.TrimSpace(s) == "":
		text = "is nothing but white space"
	case strings.TrimSpace(s) != s:
		text = "has white space around it"
	case strings.Contains(s, "  "):
		text = "has several spaces in a row"
	default:
		i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' })
		if i < 0 {
			return nil
		}
		text = fmt.Sprintf("holds white space that is no plain space (%s)", codePoint([]rune(s[i:])[0]))
	}
	return &odd{text: text, near: strings.Join(strings.Fields(s), " ")}
}

func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }

// lookAlike finds characters that make a text look like another: those that turn the direction of writing, those that are not seen, and
// letters of another alphabet among Latin ones. docs/policy.md tells what is left alone.
func lookAlike(s string) *odd {
	if plain(s) {
		return nil
	}
	near := ""
	if plain(skeleton(s)) {
		near = skeleton(s)
	}
	before := rune(0)
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return &odd{fmt.Sprintf("holds a character that turns the direction of writing (%s)", codePoint(r)), near}
		case invisible(r) && !joins(s, before, i, r):
			return &odd{fmt.Sprintf("holds a character that is not seen (%s)", codePoint(r)), near}
		}
		before = r
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }) {
		if r := stranger(word); r != 0 {
			return &odd{fmt.Sprintf("holds %q (%s, %s), which looks like %q", r, codePoint(r), alphabet(r), twin(r)), near}
		}
	}
	return nil
}

func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && r != '\t' && r != '\n' && r != '\r' }) < 0
}

// invisible reports whether a character takes no room, or none that differs from nothing. White space is another rule's.
func invisible(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case unicode.Is(unicode.Cf, r), unicode.IsControl(r), unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return true
	}
	return r == '\u2800' // the blank pattern of Braille
}

// joins reports whether an invisible character stands where writing needs it: between letters of scripts that join, and in pictures.
func joins(s string, before rune, i int, r rune) bool {
	switch {
	case unicode.Is(unicode.Variation_Selector, r):
		return unicode.IsSymbol(before) || unicode.Is(unicode.Han, before) || unicode.Is(unicode.Mongolian, before) || unicode.IsDigit(before)
	case r == '\u200c' || r == '\u200d':
		return before > unicode.MaxASCII && !unicode.Is(unicode.Latin, before) && i+len(string(r)) < len(s)
	case r >= 0xE0020 && r <= 0xE007F: // flags of regions
		return unicode.IsSymbol(before) || before >= 0xE0020 && before <= 0xE007F
	}
	return false
}

// stranger returns the first letter of a word that is a twin of a Latin one and stands among Latin ones; 0 if there is none. A word
// wholly of another alphabet is a word.
func stranger(word string) rune {
	latin, twins := false, rune(0)
	eastern := strings.ContainsFunc(word, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	})
	for _, r := range word {
		switch t := twin(r); {
		case t == 0:
			latin = latin || unicode.Is(unicode.Latin, r)
		case wide(r) && eastern:
		case twins == 0:
			twins = r
		}
		// Full width and mathematical letters are a disguise of Latin ones by themselves.
		if disguised(r) && !eastern {
			latin = true
		}
	}
	if latin {
		return twins
	}
	return 0
}

func wide(r rune) bool { return r >= 0xFF01 && r <= 0xFF5E }

func disguised(r rune) bool { return wide(r) || r >= 0x1D400 && r <= 0x1D6A3 }

func alphabet(r rune) string {
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		return "Cyrillic"
	case unicode.Is(unicode.Greek, r):
		return "Greek"
	case unicode.Is(unicode.Armenian, r):
		return "Armenian"
	case wide(r):
		return "full width"
	}
	return "mathematical"
}

const (
	foreignLetters = "АВЕЅІЈКМНОРСТУХЗаеоѕіјрсухһԁԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορυνι" + "օսհոյ"
	latinTwins     = "ABESIJKMHOPCTYX3aeosijpcyxhdqw" + "ABEZHIKMNOPTYXopuvi" + "ouhnj"
)

// twin returns the ASCII character that a letter of another alphabet looks like, or 0.
func twin(r rune) rune {
	switch {
	case r <= unicode.MaxASCII:
		return 0
	case wide(r):
		return r - 0xFEE0
	case disguised(r):
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		return rune(letters[int(r-0x1D400)%len(letters)])
	}
	at := 0
	for _, f := range foreignLetters {
		if f == r {
			return rune(latinTwins[at])
		}
		at++
	}
	return 0
}

// skeleton writes a text as it looks: twins as ASCII, without what is not seen.
func skeleton(s string) string {
	return strings.Map(func(r rune) rune {
		switch t := twin(r); {
		case t != 0:
			return t
		case unicode.Is(unicode.Bidi_Control, r) || invisible(r):
			return -1
		}
		return r
	}, s)
}

// characterRule judges keys and values by what is odd about their characters.
type characterRule struct {
	rule *rule
	find func(string) *odd
	seen memo[*odd]
}

func (c *characterRule) judge(_ *inventory.Entry, found inventory.Tags) verdict {
	var faults faults
	for tag := range found.All() {
		if inventory.IsSecretHash(tag.Key) {
			continue
		}
		if o := c.odd(tag.Key); o != nil {
			faults.key(tag, o, found)
		}
		if tag.ValueUnknown {
			faults.unknown = tag.Key
			continue
		}
		if o := c.odd(tag.Value); o != nil {
			faults.value(tag, o)
		}
	}
	return faults.verdict()
}

func (c *characterRule) odd(s string) *odd {
	if plain(s) && blanks(s) == nil {
		return nil // nearly all: no look-up is as cheap
	}
	return c.seen.of(s, c.find)
}
