package codeowners

import (
	"errors"
	"strings"
)

// pattern matches paths from the root, folder by folder.
type pattern struct {
	segments []string // "**" stands for any number of folders
	// within says that the pattern may also name a folder, and then stands for all that is in it.
	within bool
}

const anyFolders = "**"

// compile makes a pattern of how it is written.
func compile(text string, d Dialect) (pattern, error) {
	trimmed := strings.TrimPrefix(text, "/")
	folder := strings.HasSuffix(trimmed, "/")
	trimmed = strings.TrimSuffix(trimmed, "/")
	rooted := strings.HasPrefix(text, "/") || d == GitHub && strings.Contains(trimmed, "/")
	if strings.ContainsAny(trimmed, "[]") {
		return pattern{}, errors.New(`a list of characters, "[…]", means nothing here: write a line for each name`)
	}
	var segments []string
	if !rooted {
		segments = append(segments, anyFolders)
	}
	if trimmed != "" {
		segments = append(segments, strings.Split(trimmed, "/")...)
	}
	last := ""
	if len(segments) > 0 {
		last = segments[len(segments)-1]
	}
	switch {
	case folder || last == "":
		return pattern{segments: append(segments, anyFolders, "*")}, nil
	case last == anyFolders:
		return pattern{segments: append(segments, "*")}, nil
	}
	return pattern{segments: segments, within: d == GitHub && last != "*"}, nil
}

func (p *pattern) matches(file []string) bool {
	return matchFolders(p.segments, file, p.within)
}

// matchFolders matches folder by folder. After a mismatch the last "**" takes one folder more, so that the work is at most the product of
// the lengths. within lets the pattern end at a folder above the file.
func matchFolders(want, have []string, within bool) bool {
	i, j, star, from := 0, 0, -1, 0
	for j < len(have) {
		switch {
		case i < len(want) && want[i] == anyFolders:
			star, from = i, j
			i++
			continue
		case i < len(want) && matchName(want[i], have[j]):
			i++
			j++
			if i == len(want) && within {
				return true
			}
			continue
		case star < 0:
			return false
		}
		from++
		i, j = star+1, from
	}
	for i < len(want) && want[i] == anyFolders {
		i++
	}
	return i == len(want)
}

// matchName matches one name: "*" stands for any characters, "?" for one, and a backslash takes its special meaning from what follows.
func matchName(want, have string) bool {
	w, h := []rune(want), []rune(have)
	i, j, star, from := 0, 0, -1, 0
	for j < len(h) {
		if i < len(w) && w[i] == '*' {
			star, from = i, j
			i++
			continue
		}
		if n := matchRune(w[i:], h[j]); n > 0 {
			i += n
			j++
			continue
		}
		if star < 0 {
			return false
		}
		from++
		i, j = star+1, from
	}
	for i < len(w) && w[i] == '*' {
		i++
	}
	return i == len(w)
}

// matchRune returns how many runes of a pattern stand for a rune of a name; 0 if it is another.
func matchRune(want []rune, r rune) int {
	switch {
	case len(want) == 0:
		return 0
	case want[0] == '\\' && len(want) > 1:
		if want[1] == r {
			return 2
		}
		return 0
	case want[0] == '?' || want[0] == r:
		return 1
	}
	return 0
}
