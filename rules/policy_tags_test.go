package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func inlineRule(text string) string { return "version: 1\ntags:\n  - {id: a, " + text + "}\n" }

// files opens files from memory.
func files(texts map[string]string) func(string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		text, ok := texts[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

func TestWrongKindsOfTagRules(t *testing.T) {
	tests := []struct{ text, problem string }{
		{inlineRule(`keys: [b], plaseholders: true`), `3:24: tags[0].plaseholders: unknown key: did you mean "placeholders"?`},
		{inlineRule(`keys: [b], required: false`), `3:5: tags[0]: checks nothing: add required: true, values, pattern or another check`},
		{inlineRule(`keys: [b], placeholders: false`), `3:5: tags[0]: checks nothing: add required: true, values, pattern or another check`},
		{inlineRule(`keys: [b], secrets: false, values: []`), `3:5: tags[0]: checks nothing: add required: true, values, pattern or another check`},
		{inlineRule(`keys: [b], placeholders: maybe`), `3:38: tags[0].placeholders: "maybe" is neither true nor false`},
		{inlineRule(`keys: [b], placeholders: {x: y}`), `3:38: tags[0].placeholders: a mapping where a list is expected: write []`},
		{inlineRule(`keys: [b], placeholders: [x, x]`), `3:42: tags[0].placeholders[1]: "x" is there twice: keep one`},
		{inlineRule(`keys: [b], globs: ["a["]`), `3:32: tags[0].globs[0]: "a[" is no pattern: a "[" needs its "]", and "\" something behind it`},
		{inlineRule(`keys: [b], type: dat`), `3:30: tags[0].type: type "dat": did you mean "date"?`},
		{inlineRule(`keys: [b], case: kebap`), `3:30: tags[0].case: case "kebap": did you mean "kebab"?`},
		{inlineRule(`keys: [b], length: {mn: 2}`), `3:33: tags[0].length.mn: unknown key: did you mean "min"?`},
		{inlineRule(`keys: [b], length: {min: 3, max: 2}`), `3:32: tags[0].length: min 3 is above max 2: swap them`},
		{inlineRule(`keys: [b], length: {min: -1}`), `3:32: tags[0].length: a length is never below 0`},
		{inlineRule(`keys: [b], length: {}`), `3:32: tags[0].length: missing: how many characters, such as {min: 2, max: 40}`},
		{inlineRule(`keys: [b], min: 3`), `3:29: tags[0].min: needs a type with an order: add type: integer, number, date or datetime`},
		{inlineRule(`keys: [b], type: uuid, max: 3`), `3:41: tags[0].max: needs a type with an order: add type: integer, number, date or datetime`},
		{inlineRule(`keys: [b], type: date, min: soon`), `3:41: tags[0].min: "soon" is not of the type date: write a date as 2027-01-31`},
		{inlineRule(`keys: [b], type: number, min: 2.5, max: 2.4`), `3:43: tags[0].min: min 2.5 is above max 2.4: swap them`},
		{inlineRule(`keys: [b], type: ip, not_past: true`), `3:44: tags[0].not_past: needs a day or a time: add type: date or datetime`},
		{inlineRule(`keys: [b], spelling: canonical`), `3:34: tags[0].spelling: there is no other spelling: add the ones to be found to keys, such as [owner, Owner]`},
		{inlineRule(`keys: [b, c], spelling: canon`), `3:37: tags[0].spelling: "canon" is not known: write canonical, or leave it out`},
		{inlineRule(`keys: [b], equals: asset.acount`), `3:37: tags[0].equals: undefined field 'acount': did you mean "account"?`},
		{inlineRule(`keys: [b], equals: 'asset.account == "x"'`), `3:33: tags[0].equals: the result is a bool: write what yields a text, such as asset.account or asset.tags.team + "-prod"`},
		{inlineRule(`keys: [b], equals: ''`), `3:32: tags[0].equals: missing: an expression: see docs/expressions.md`},
		{inlineRule(`keys: [b], check: value`), `3:31: tags[0].check: the result is a string: write a condition that is true or false, such as asset.account == "111122223333"`},
		{inlineRule(`keys: [b], check: 'valu == "x"'`), ``},
		{inlineRule(`any_of: []`), `3:21: tags[0].any_of: missing: the keys of the tags, such as [owner, team]`},
		{inlineRule(`any_of: [b], keys: [c]`), ``},
		{inlineRule(`all_of: [b, b]`), `3:25: tags[0].all_of[1]: "b" is there twice: keep one`},
		{inlineRule(`all_of: [b], required: true`), `3:36: tags[0].required: all_of says already that the tags must be there: leave it out`},
		{inlineRule(`all_of: [b], spelling: canonical`), ``},
		{inlineRule(`all_of: [b], allowed_keys: [x]`), `3:40: tags[0].allowed_keys: means nothing without closed or naming`},
		{inlineRule(`closed: false`), `3:21: tags[0].closed: false asks nothing: write true, or leave the rule out`},
		{inlineRule(`closed: true, values: [x]`), `3:35: tags[0].values: a rule with closed cannot ask this: make it a rule of its own`},
		{inlineRule(`closed: true, allowed_keys: ['(']`), ``},
		{inlineRule(`keys: [b], required: true, allowed_keys: [x]`), `3:54: tags[0].allowed_keys: means nothing without closed or naming`},
		{inlineRule(`naming: keba`), `3:21: tags[0].naming: "keba" is neither a style nor a pattern: did you mean "kebab"?`},
		{inlineRule(`naming: '['`), ``},
		{"version: 1\nbuiltin: [tags/limit]\n", `2:11: builtin[0]: "tags/limit" is no built-in rule: did you mean "tags/limits"?`},
		{"version: 1\nbuiltin: [tags/limits, tags/limits]\n", `2:24: builtin[1]: "tags/limits" is also turned on at policy.yaml:2: keep one`},
		{"version: 1\nbuiltin: {tags/limits: {headroom: -1}}\n", `2:35: builtin.tags/limits.headroom: -1: write how many more tags an asset must have room for, such as 5`},
		{"version: 1\nbuiltin: {tags/whitespace: {headroom: 1}}\n", `2:39: builtin.tags/whitespace.headroom: means nothing for tags/whitespace: only tags/limits has it`},
		{"version: 1\nbuiltin: {tags/limits: {sverity: low}}\n", `2:25: builtin.tags/limits.sverity: unknown key: did you mean "severity"?`},
		{"version: 1\ntags:\n  - {id: limits, keys: [b], required: true}\n", `3:10: tags[0].id: tags/limits is the id of a built-in rule: use another`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, err := ParsePolicy("policy.yaml", []byte(tt.text), policyEnv())
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); tt.problem != "" && got != "policy.yaml:"+tt.problem {
				t.Errorf("\n got %s\nwant policy.yaml:%s", got, tt.problem)
			} else if tt.problem == "" && (strings.Contains(got, "\n") || !strings.HasPrefix(got, "policy.yaml:3:")) {
				t.Errorf("not one problem with its place: %s", got)
			}
		})
	}
}

func TestValuesFromFiles(t *testing.T) {
	texts := map[string]string{
		"teams.csv": "\ufeffid, team ,mail\n1,payments,a\n2, search ,b\n3,payments,c\n4,,d\n", "teams.txt": "# ours\n\npayments\n  search \n", "empty.txt": "# none\n",
		"short.csv": "id,team\n1\n", "broken.csv": "id,team\n1,\"pay\"ments\n", "none.csv": "", "huge.txt": strings.Repeat("x\n", maxInput/2+10),
		"many.txt": func() string {
			var b strings.Builder
			for i := range maxValues + 1 {
				fmt.Fprintf(&b, "v%d\n", i)
			}
			return b.String()
		}(),
	}
	tests := []struct {
		from    string
		want    []string
		problem string
	}{
		{`{file: teams.csv, column: team}`, []string{"a", "payments", "search"}, ""},
		{`{file: teams.txt}`, []string{"a", "payments", "search"}, ""},
		{`{file: teams.csv, column: teem}`, nil, `teams.csv:1: no column "teem": did you mean "team"?`},
		{`{file: teams.csv, colum: team}`, nil, `policy.yaml:3:68: tags[0].values_from.colum: unknown key: did you mean "column"?`},
		{`{file: gone.csv}`, nil, `policy.yaml:3:57: tags[0].values_from.file: open gone.csv: file does not exist: the path is relative to the config file`},
		{`{column: team}`, nil, `policy.yaml:3:50: tags[0].values_from.file: missing: the file with the values, such as teams.csv`},
		{`{file: empty.txt}`, nil, `policy.yaml:3:57: tags[0].values_from.file: empty.txt holds no value: then none would be allowed`},
		{`{file: short.csv, column: team}`, nil, `short.csv:2: the row has 1 of 2 fields and ends before the column "team": add what is missing`},
		{`{file: broken.csv, column: team}`, nil, `broken.csv:2: not valid CSV: extraneous or missing " in quoted-field`},
		{`{file: none.csv, column: team}`, nil, `none.csv:1: the file is empty: its first line names the columns`},
		{`{file: huge.txt}`, nil, `policy.yaml:3:57: tags[0].values_from.file: huge.txt holds more than 16 MiB: name a file of its values alone`},
		{`{file: many.txt}`, nil, `many.txt:100001: more than 100000 different values: a list that long is no vocabulary`},
	}
	for _, tt := range tests {
		t.Run(tt.from, func(t *testing.T) {
			env := policyEnv()
			env.Open = files(texts)
			p, err := ParsePolicy("policy.yaml", []byte(inlineRule("keys: [b], values: [a], values_from: "+tt.from)), env)
			if tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Fatalf("\n got %v\nwant %s", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, p.Tags[0].Values); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDigestKnowsWhatIsNamed(t *testing.T) {
	digest := func(text string) string {
		env := policyEnv()
		env.Open = files(map[string]string{"t.txt": text})
		p, err := ParsePolicy("policy.yaml", []byte(inlineRule("keys: [b], values_from: {file: t.txt}")), env)
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest()
	}
	if digest("a\n") == digest("b\n") {
		t.Error("another file, the same digest")
	}
	if first, again := digest("a\n"), digest("a\n"); first != again {
		t.Error("the same file, another digest")
	}
}

func TestAFileThatBreaksOffIsNoVocabulary(t *testing.T) {
	env := policyEnv()
	env.Open = func(string) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("a\nb"), goneDisk{})), nil
	}
	_, err := ParsePolicy("policy.yaml", []byte(inlineRule("keys: [b], values_from: {file: t.txt}")), env)
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("got %v", err)
	}
}

type goneDisk struct{}

func (goneDisk) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestStyles(t *testing.T) {
	for _, tt := range []struct{ text, lower, upper, title, kebab, snake, camel, pascal string }{
		{"cost center", "cost center", "COST CENTER", "Cost Center", "cost-center", "cost_center", "costCenter", "CostCenter"},
		{"HTTPServer_port", "httpserver_port", "HTTPSERVER_PORT", "HTTPServer_port", "http-server-port", "http_server_port", "httpServerPort", "HttpServerPort"},
		{"1st", "1st", "1ST", "1st", "1st", "1st", "", ""},
		{"größe", "größe", "", "Größe", "größe", "größe", "größe", "Größe"},
		{"--", "--", "--", "--", "", "", "", ""},
	} {
		want := map[Style]string{
			StyleLower: tt.lower, StyleUpper: tt.upper, StyleTitle: tt.title, StyleKebab: tt.kebab, StyleSnake: tt.snake, StyleCamel: tt.camel, StylePascal: tt.pascal,
		}
		for _, s := range Styles() {
			if got := s.Apply(tt.text); got != want[s] && !(s == StyleUpper && want[s] == "") {
				t.Errorf("%s of %q is %q, want %q", s, tt.text, got, want[s])
			}
		}
	}
}

func FuzzStyle(f *testing.F) {
	for _, s := range []string{"", "CostCenter", "größe ß", "\xff_a", "ǅ", "aB1c D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range Styles() {
			if out := s.Apply(text); out != "" && !s.Matches(out) {
				t.Errorf("%s of %q is %q, which is not of the style", s, text, out)
			}
		}
	})
}

func TestValueTypes(t *testing.T) {
	for _, tt := range []struct {
		kind          ValueType
		good, bad     []string
		wrong, likely string
	}{
		{TypeDate, []string{"2027-01-31"}, []string{"2027-02-30", "31.01.2027", "", "2027-1-1"}, "2027/01/31", "2027-01-31"},
		{TypeDatetime, []string{"2027-01-31T18:00:00Z", "2027-01-31T18:00:00.5+02:00"}, []string{"2027-01-31"}, "x", ""},
		{TypeEmail, []string{"a@example.com"}, []string{"a@example", "A <a@example.com>", "a@[10.0.0.1]", "a b@example.com"}, "A <a@example.com>", "a@example.com"},
		{TypeURL, []string{"https://example.com"}, []string{"example.com", "mailto:a@example.com"}, "x", ""},
		{TypeARN, []string{"arn:aws:s3:::bucket"}, []string{"arn:aws", "x arn:aws:s3:::b"}, "x", ""},
		{TypeCIDR, []string{"10.0.0.0/8", "2001:db8::/32"}, []string{"10.0.0.1/8", "10.0.0.0"}, "10.1.0.0/8", "10.0.0.0/8"},
		{TypeIP, []string{"10.0.0.1", "::1"}, []string{"10.0.0.01", "fe80::1%eth0"}, "x", ""},
		{TypeInteger, []string{"0", "-5", strings.Repeat("9", 64)}, []string{"1.0", "1e9", strings.Repeat("9", 65), "+1"}, " 5", "5"},
		{TypeNumber, []string{"0.5", "-5"}, []string{"1e9", ".5", "NaN"}, "5 ", "5"},
		{TypeBoolean, []string{"true", "false"}, []string{"yes", "True"}, "TRUE", "true"},
		{TypeUUID, []string{"123e4567-E89B-12d3-a456-426614174000"}, []string{"123e4567e89b12d3a456426614174000"}, "{123e4567-e89b-12d3-a456-426614174000}", "123e4567-e89b-12d3-a456-426614174000"},
	} {
		for _, s := range tt.good {
			if _, ok := tt.kind.Parse(s); !ok {
				t.Errorf("%q is no %s", s, tt.kind)
			}
		}
		for _, s := range tt.bad {
			if _, ok := tt.kind.Parse(s); ok {
				t.Errorf("%q is a %s", s, tt.kind)
			}
		}
		if got := tt.kind.Nearest(tt.wrong); got != tt.likely {
			t.Errorf("nearest %s of %q is %q, want %q", tt.kind, tt.wrong, got, tt.likely)
		}
	}
	if near := TypeDate.Nearest("03/04/2027"); near != "" {
		t.Errorf("day and month may be swapped, and %q is guessed", near)
	}
}

// kindSeeds are policies of every kind of tag rule, for the fuzz test of the parser.
func kindSeeds() []string {
	return []string{
		inlineRule(`any_of: [b, c], placeholders: [x], globs: ["a*"]`), inlineRule(`all_of: [b], type: date, min: 2026-01-01, not_past: true`), inlineRule(`secrets: true`),
		inlineRule(`keys: [b, c], spelling: canonical, case: kebab, length: {max: 3}`), inlineRule(`keys: [b], equals: asset.name, check: 'value != ""'`),
		inlineRule(`closed: true, allowed_keys: [x]`), inlineRule(`naming: snake`), inlineRule(`keys: [b], values_from: {file: x}`),
		"version: 1\nbuiltin: {tags/limits: {headroom: 5, when: 'true'}}\n", "version: 1\nbuiltin: [tags/portable]\n",
	}
}
