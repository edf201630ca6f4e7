package records

import (
	"regexp"
	"slices"
	"strings"
)

// noise are words of product names that some leave out.
func noise(word string) bool {
	switch word {
	case "microsoft", "gnu", "linux", "edition", "release", "version", "lts", "bit", "x", "amd", "guest",
		"inc", "corp", "corporation", "ltd", "gmbh", "co", "llc", "the", "r", "tm":
		return true
	}
	return false
}

// sameProduct reports whether two names of a product may mean the same: all that the shorter one says is in the other, as
// "Debian 12" is in "Debian GNU/Linux 12 (bookworm)" and "Dell" in "Dell Inc.".
func sameProduct(a, b string) bool { return sameWords(productWords(a), productWords(b)) }

func sameWords(x, y []string) bool {
	if len(x) == 0 || len(y) == 0 { // "Linux", which says no more than that it is not Windows
		return !slices.Contains(x, "windows") && !slices.Contains(y, "windows")
	}
	return within(x, y) || within(y, x)
}

// machineWords say for what processors a product is made, which hardly anybody writes alike.
func machineWords() []string {
	return []string{"x86_64", "x86-64", "amd64", "x64", "x86", "64-bit", "64 bit", "64bit", "32-bit", "32 bit", "32bit", "_64guest"}
}

// shortProducts are names of products as some tools write them, each as most do.
func shortProducts() [][2]string {
	return [][2]string{
		{"rhel", "red hat enterprise "},
		{"redhat", "red hat "},
		{"sles", "suse enterprise server "},
		{"oraclelinux", "oracle "},
		{"rockylinux", "rocky "},
		{"almalinux", "alma "},
		{"amazonlinux", "amazon "},
		{"centoslinux", "centos "},
		{"mac os x", "macos "},
		{"mac_os_x", "macos "},
	}
}

var wordPattern = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)*|[a-z]+`)

func productWords(s string) []string {
	s = strings.ToLower(s)
	for _, w := range machineWords() {
		s = strings.ReplaceAll(s, w, " ")
	}
	for _, p := range shortProducts() {
		s = strings.ReplaceAll(s, p[0], p[1])
	}
	return slices.DeleteFunc(wordPattern.FindAllString(s, -1), noise)
}

// within reports whether every word is among others; of two versions one may be the more exact one.
func within(words, others []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(others, func(o string) bool { return o == w || versionOf(w, o) || versionOf(o, w) }) {
			return false
		}
	}
	return true
}

// versionOf reports whether a version is the beginning of a more exact one: 22 of 22.04.
func versionOf(short, long string) bool {
	return short != "" && short[0] >= '0' && short[0] <= '9' && strings.HasPrefix(long, short+".")
}

// sameSystem reports whether two names of an operating system may mean the same.
func sameSystem(a, b string) bool {
	x, y := systemWords(a), systemWords(b)
	if len(x) > 0 && len(y) > 0 && (x[0] == "other" || y[0] == "other") { // "Other 3.x or later Linux", which vCenter calls what it does not know
		return !slices.Contains(x, "windows") && !slices.Contains(y, "windows")
	}
	return sameWords(x, y) || sameWindows(x, y)
}

// systemWords are the words of an operating system's name. Of one "or later" the version is unknown, and few write the server of Windows.
func systemWords(s string) []string {
	words := productWords(s)
	if slices.Contains(words, "windows") {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "server" })
	}
	if n := len(words); n > 2 && words[n-2] == "or" && words[n-1] == "later" {
		words = slices.DeleteFunc(words[:n-2], isNumber)
	}
	return words
}

func isNumber(word string) bool { return word[0] >= '0' && word[0] <= '9' }

// sameWindows reports whether one side tells the release of Windows by its name and the other by the number of its build.
func sameWindows(x, y []string) bool {
	if isBuild(y) {
		x, y = y, x
	}
	other := slices.ContainsFunc(y, func(w string) bool { return !isNumber(w) }) && !slices.Contains(y, "windows")
	if other || !isBuild(x) || isBuild(y) {
		return false
	}
	releases := windowsReleases(x)
	told := slices.DeleteFunc(slices.Clone(y), func(w string) bool { return !isNumber(w) })
	return releases == nil || len(told) == 0 || slices.ContainsFunc(told, func(w string) bool { return slices.Contains(releases, w) })
}

// isBuild reports whether the words hold a version as Windows itself writes it: 10.0.20348.
func isBuild(words []string) bool { return slices.ContainsFunc(words, buildPattern.MatchString) }

var buildPattern = regexp.MustCompile(`^(?:6\.[0-3]|10\.0)\.[0-9]{4,5}(?:\.[0-9]+)?$`)

// windowsReleases returns the releases of Windows that have the build which the words hold; nil if it is not known.
// https://learn.microsoft.com/windows/win32/sysinfo/operating-system-version, and the release information of each.
func windowsReleases(words []string) []string {
	at := slices.IndexFunc(words, buildPattern.MatchString)
	parts := strings.Split(words[at], ".")
	switch build := parts[2]; build {
	case "6001", "6002", "6003":
		return []string{"2008"}
	case "7600", "7601":
		return []string{"2008", "7"}
	case "9200":
		return []string{"2012", "8"}
	case "9600":
		return []string{"2012", "8", "8.1"}
	case "14393":
		return []string{"2016", "10"}
	case "17763":
		return []string{"2019", "10"}
	case "20348":
		return []string{"2022"}
	case "26100":
		return []string{"2025", "11"}
	case "19041", "19042", "19043", "19044", "19045":
		return []string{"10"}
	case "22000", "22621", "22631", "26200":
		return []string{"11"}
	}
	return nil
}
