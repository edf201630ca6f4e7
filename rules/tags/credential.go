package tags

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// shape is what credentials of one kind look like. The vendors write them so that they can be found.
type shape struct {
	kind string
	hint string // stands in every credential of the kind, so that most values are passed over cheaply; in small letters
	form *regexp.Regexp
}

var shapes = sync.OnceValue(func() []shape {
	form := regexp.MustCompile
	return []shape{
		{"an access key of AWS", "", form(`(^|[^A-Za-z0-9])(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}($|[^A-Za-z0-9])`)},
		{"a private key", "private key-----", form(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----`)},
		{"a token of GitHub", "gh", form(`\bgh[oprsu]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22,}`)},
		{"a token of GitLab", "gl", form(`\bgl(pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{20,}`)},
		{"a token of Slack", "xox", form(`\bxox[abceoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}`)},
		{"a webhook of Slack", "hooks.slack.com", form(`hooks\.slack\.com/(services|workflows|triggers)/[A-Za-z0-9/]{20,}`)},
		{"a JSON web token", "eyj", form(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}`)},
		{"a key of a Google API", "aiza", form(`\bAIza[A-Za-z0-9_-]{35}`)},
		{"a client secret of Google", "gocspx-", form(`\bGOCSPX-[A-Za-z0-9_-]{28}`)},
		{"an access token of Google", "ya29.", form(`\bya29\.[A-Za-z0-9_-]{20,}`)},
		{"a key of Stripe", "k_", form(`\b[rs]k_(live|test)_[A-Za-z0-9]{16,}`)},
		{"a key of SendGrid", "sg.", form(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`)},
		{"a token of npm", "npm_", form(`\bnpm_[A-Za-z0-9]{36}`)},
		{"a token of Vault", "hv", form(`\bhv[bsr]\.[A-Za-z0-9_-]{24,}`)},
		{"a token of HCP Terraform", ".atlasv1.", form(`\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}`)},
		{"a token of DigitalOcean", "_v1_", form(`\bdo[opr]_v1_[a-f0-9]{64}`)},
		{"a token of Databricks", "dapi", form(`\bdapi[a-f0-9]{32}\b`)},
		{"a token of Shopify", "shp", form(`\bshp(at|ca|pa|ss)_[a-fA-F0-9]{32}`)},
		{"a key of an Azure account", "key=", form(`(?i)\b(account|sharedaccess)key=[A-Za-z0-9+/]{40,}=*`)},
		{"an address with a password", "://", form(`[A-Za-z]://[^/\s:@]*:[^/\s:@{}<>$*]{3,}@`)},
		{"a password", "pass", form(`(?i)\bpass(word|wd|phrase)?=[^\s;{}<>$*]{4,}`)},
		{"a password", "pwd", form(`(?i)\bpwd=[^\s;{}<>$*]{4,}`)},
	}
})

// shortest is the length of the shortest text that can be a credential, longest what is looked at.
const (
	shortest = 8
	longest  = 8 << 10
)

// credential says what kind of credential a value looks like, or is empty. Well-known shapes are looked for anywhere in it; beyond
// these a word counts that is as long and random as only keys and tokens are.
func credential(value string) string {
	if len(value) < shortest {
		return ""
	}
	if len(value) > longest {
		value = value[:longest]
	}
	if kind := shaped(value); kind != "" {
		return kind
	}
	if strings.Contains(value, "://") || strings.Contains(value, "arn:") {
		return ""
	}
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;:"'()<>[]{}|`, r) }) {
		if kind := random(word); kind != "" {
			return kind
		}
	}
	return ""
}

func shaped(value string) string {
	lower := strings.ToLower(value)
	for _, s := range shapes() {
		if strings.Contains(lower, s.hint) && s.form.MatchString(value) {
			return s.kind
		}
	}
	return ""
}

// What a random word is. A key of 40 characters of base 64 has some 4.8 bits of entropy a character; words, names and numbers that
// people or tools put together have less, lack a kind of letter, or hold a run of small letters that can be read.
const (
	randomLength  = 32
	randomEntropy = 4.3 // bits a character
	readableRun   = 5   // small letters in a row
)

// random says that a word looks like a key, or is empty. Hashes and ids in hex digits are none, for they lack a kind of letter; neither is a
// text that was merely encoded, though it may hold a credential of a known shape.
func random(word string) string {
	word = strings.TrimRight(afterEquals(word), "=")
	if len(word) < randomLength || !mixed(word) || entropy(word) < randomEntropy || hashed(word) {
		return ""
	}
	if text, ok := decoded(word); ok {
		return shaped(text)
	}
	return "a key or token, by its randomness"
}

// afterEquals returns what stands behind the name of a setting: "key=value".
func afterEquals(word string) string {
	if _, after, ok := strings.Cut(word, "="); ok && strings.Trim(after, "=") != "" {
		return after
	}
	return word
}

// hashed reports whether a word says itself that it is the hash of something: "sha256-…" as of a script.
func hashed(word string) bool {
	before, _, found := strings.Cut(strings.ToLower(word), "-")
	return found && (strings.HasPrefix(before, "sha") || before == "md5")
}

// mixed reports whether a word is of small letters, capital ones and digits, well mixed, and nothing but what stands in base 64. What holds no
// small letter between others, or words, is no key.
func mixed(word string) bool {
	small, capital, digits, run, others := 0, 0, 0, 0, 0
	for _, r := range word {
		if r >= 'a' && r <= 'z' {
			small++
			if run++; run >= readableRun {
				return false
			}
			continue
		}
		run = 0
		switch {
		case r >= 'A' && r <= 'Z':
			capital++
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("+/_-", r):
			others++
		default:
			return false
		}
	}
	n := len(word)
	return small >= n/6 && capital >= n/6 && digits >= 2 && others <= n/8
}

// entropy is Shannon's, of the characters, in bits.
func entropy(word string) float64 {
	var counts [utf8.RuneSelf]int
	for i := range len(word) {
		counts[word[i]%utf8.RuneSelf]++
	}
	sum, n := 0.0, float64(len(word))
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / n
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// decoded returns the text that a word is in base 64, if it is one.
func decoded(word string) (string, bool) {
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		bytes, err := encoding.DecodeString(word)
		if err == nil && readable(bytes) {
			return string(bytes), true
		}
	}
	return "", false
}

func readable(bytes []byte) bool {
	if !utf8.Valid(bytes) {
		return false
	}
	for _, r := range string(bytes) {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// LooksLikeCredential reports whether a value has the shape of a credential, so that nothing may quote it.
func LooksLikeCredential(value string) bool { return credential(value) != "" }
