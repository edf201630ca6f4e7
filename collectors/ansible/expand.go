package ansible

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// maxExpanded bounds how many hosts one pattern may stand for.
const maxExpanded = 65_536

// letters are the letters of a range, in its order.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// expandHosts returns the hosts of a pattern: itself, or those of its ranges, as web[01:50].x, db-[a:f] and n[0:9:3]. A port
// behind it is dropped.
func expandHosts(pattern string) ([]string, error) {
	names := []string{""}
	rest := withoutPort(strings.TrimSpace(pattern))
	if rest == "" || strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,=/\'"{}()<>|;#&*`, r) }) {
		return nil, fmt.Errorf("%q is no name of a host", pattern)
	}
	if strings.HasSuffix(rest, ":") {
		return nil, fmt.Errorf("%q ends with a colon: is it a line of YAML in an INI file?", pattern)
	}
	for rest != "" {
		head, tail, found := strings.Cut(rest, "[")
		names = appendEach(names, []string{head})
		if !found {
			break
		}
		body, after, closed := strings.Cut(tail, "]")
		if !closed {
			return nil, fmt.Errorf("range in %q is not closed", pattern)
		}
		parts, err := expandRange(body)
		if err == nil && len(names)*len(parts) > maxExpanded {
			err = fmt.Errorf("stands for more than %d hosts", maxExpanded)
		}
		if err != nil {
			return nil, fmt.Errorf("range [%s] in %q: %w", body, pattern, err)
		}
		names, rest = appendEach(names, parts), after
	}
	return names, nil
}

// appendEach returns every head with every tail.
func appendEach(heads, tails []string) []string {
	list := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			list = append(list, h+t)
		}
	}
	return list
}

// withoutPort drops ":22" behind a name that is no IPv6 address.
func withoutPort(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || i < strings.LastIndexByte(s, ']') || strings.Contains(s[strings.LastIndexByte(s, ']')+1:i], ":") {
		return s
	}
	if _, err := strconv.ParseUint(s[i+1:], 10, 16); err != nil {
		return s
	}
	return s[:i]
}

// expandRange expands "01:50", "a:f" and "0:9:3".
func expandRange(body string) ([]string, error) {
	bounds := strings.Split(body, ":")
	if len(bounds) != 2 && len(bounds) != 3 {
		return nil, errors.New("want begin:end or begin:end:step")
	}
	step := 1
	if len(bounds) == 3 {
		n, err := strconv.Atoi(bounds[2])
		if err != nil || n < 1 {
			return nil, errors.New("want a step of 1 or more")
		}
		step = n
	}
	begin, end := bounds[0], bounds[1]
	if begin == "" {
		begin = "0"
	}
	if len(begin) == 1 && len(end) == 1 {
		if from, to := strings.Index(letters, begin), strings.Index(letters, end); from >= 0 && to >= 0 {
			return letterRange(from, to, step)
		}
	}
	return numberRange(begin, end, step)
}

func letterRange(from, to, step int) ([]string, error) {
	if from > to {
		return nil, errors.New("ends before it begins")
	}
	var list []string
	for ; from <= to; from += step {
		list = append(list, letters[from:from+1])
	}
	return list, nil
}

func numberRange(begin, end string, step int) ([]string, error) {
	from, err := strconv.ParseUint(begin, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a number nor a letter", begin)
	}
	to, err := strconv.ParseUint(end, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a number nor a letter", end)
	}
	width := 0
	if len(begin) > 1 && begin[0] == '0' {
		if width = len(begin); len(end) != width {
			return nil, errors.New("begin and end have different numbers of digits")
		}
	}
	switch {
	case from > to:
		return nil, errors.New("ends before it begins")
	case (to-from)/uint64(step) >= maxExpanded:
		return nil, fmt.Errorf("stands for more than %d hosts", maxExpanded)
	}
	var list []string
	for n := from; n <= to; n += uint64(step) {
		list = append(list, fmt.Sprintf("%0*d", width, n))
	}
	return list, nil
}
