package codeowners

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, name, text string) *File {
	t.Helper()
	f, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGitHubPatterns follows the meanings that GitHub's documentation gives to its examples.
func TestGitHubPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		yes, not []string
	}{
		{"*", []string{"a", "a/b/c.go"}, nil},
		{"*.js", []string{"app.js", "web/src/app.js"}, []string{"app.jsx", "js"}},
		{"/build/logs/", []string{"build/logs/a.txt", "build/logs/deep/b.txt"}, []string{"sub/build/logs/a.txt", "build/logs"}},
		{"docs/*", []string{"docs/getting-started.md"}, []string{"docs/build-app/troubleshooting.md", "sub/docs/x.md"}},
		{"apps/", []string{"apps/a", "deep/apps/b/c"}, []string{"apps", "myapps/a"}},
		{"/docs/", []string{"docs/a.md", "docs/b/c.md"}, []string{"sub/docs/a.md"}},
		{"**/logs", []string{"build/logs/a", "scripts/logs/b", "deeply/nested/logs/c", "logs/d"}, []string{"logs2/a", "mylogs/a"}},
		{"/apps/github", []string{"apps/github/main.go", "apps/github"}, []string{"apps/github2/main.go", "x/apps/github"}},
		{"/infra/**/prod/*.tf", []string{"infra/prod/a.tf", "infra/eu/west/prod/a.tf"}, []string{"infra/a.tf", "infra/eu/prod/sub/a.txt"}},
		{"infra/**", []string{"infra/a", "infra/b/c"}, []string{"x/infra/a", "infra"}},
		{"main.t?", []string{"main.tf", "x/main.ts"}, []string{"main.t", "main.tfx"}},
		{`with\ space/`, []string{"with space/a"}, []string{"with/a", "space/a"}},
		{`\#odd`, []string{"#odd"}, []string{"odd"}},
		{"/", []string{"a", "b/c"}, nil},
	} {
		f := parse(t, ".github/CODEOWNERS", c.pattern+" @x")
		for _, file := range c.yes {
			if m := f.Owners(file); !slices.Equal(m.Owners, []string{"@x"}) {
				t.Errorf("%q does not match %q", c.pattern, file)
			}
		}
		for _, file := range c.not {
			if m := f.Owners(file); m.Line != 0 {
				t.Errorf("%q matches %q", c.pattern, file)
			}
		}
	}
}

func TestGitLabPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		yes, not []string
	}{
		{"README.md", []string{"README.md", "internal/README.md"}, []string{"README.md/x"}},
		{"internal/README.md", []string{"internal/README.md", "docs/internal/README.md"}, []string{"README.md"}},
		{"/README.md", []string{"README.md"}, []string{"internal/README.md"}},
		{"/docs/", []string{"docs/a", "docs/b/c"}, []string{"x/docs/a"}},
		{"docs/", []string{"docs/a", "x/docs/b/c"}, nil},
		{"/docs/*", []string{"docs/index.md"}, []string{"docs/projects/index.md"}},
		{"/docs/**/*.md", []string{"docs/a.md", "docs/x/y/a.md"}, []string{"docs/a.txt"}},
		{"/config", []string{"config"}, []string{"config/a"}},
	} {
		f := parse(t, ".gitlab/CODEOWNERS", c.pattern+" @x")
		if f.Dialect != GitLab {
			t.Fatal("not taken for GitLab's")
		}
		for _, file := range c.yes {
			if f.Owners(file).Line == 0 {
				t.Errorf("%q does not match %q", c.pattern, file)
			}
		}
		for _, file := range c.not {
			if f.Owners(file).Line != 0 {
				t.Errorf("%q matches %q", c.pattern, file)
			}
		}
	}
}

func TestLastMatchWins(t *testing.T) {
	f := parse(t, "CODEOWNERS", `# who answers for what
*        @acme/platform   # the rest
/infra/  @acme/payments @bob
/infra/shared/

*.md docs@example.com
`)
	for file, want := range map[string]string{
		"go.mod":               "@acme/platform:2",
		"infra/main.tf":        "@acme/payments @bob:3",
		"infra/shared/main.tf": ":4",
		"infra/shared/a.md":    "docs@example.com:6",
	} {
		m := f.Owners(file)
		if got := fmt.Sprintf("%s:%d", strings.Join(m.Owners, " "), m.Line); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

func TestSections(t *testing.T) {
	f := parse(t, "CODEOWNERS", `^[Wording] @writers
*.md
*.tf @tf-writers

[Infra][2] @acme/platform
/infra/
/infra/payments/ @acme/payments
!/infra/payments/generated.tf
/infra/payments/generated.tf @acme/nobody

[infra]
/late/ @late

[Docs]
README.md @docs
`)
	for file, want := range map[string]string{
		"infra/a.tf":                   "@acme/platform Infra",
		"infra/payments/a.tf":          "@acme/payments Infra",
		"infra/payments/generated.tf":  "@tf-writers Wording", // excluded for good; what is optional is left
		"late/x":                       "@late Infra",         // a section goes on in whatever case
		"README.md":                    "@docs Docs",
		"guide.md":                     "@writers Wording",
		"infra/payments/README.md":     "@acme/payments Infra",
		"elsewhere/nobody/answers.txt": " ",
	} {
		m := f.Owners(file)
		if got := strings.Join(m.Owners, " ") + " " + m.Section; got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

func TestBadLines(t *testing.T) {
	for text, want := range map[string]string{
		"* @a\n/x bob":                        `line 2: "bob" is no owner: write @user, @org/team or an address; a space in a path is written as "\ "`,
		"!/x @a":                              `line 1: "!/x": GitHub knows no exceptions: write a line without an owner, "/x"`,
		"\n\n/[ab]/x @a":                      `line 3: "/[ab]/x": a list of characters, "[…]", means nothing here: write a line for each name`,
		"/x bob@":                             `line 1: "bob@" is no owner: write @user, @org/team or an address; a space in a path is written as "\ "`,
		strings.Repeat("/x @a\n", MaxRules+1): fmt.Sprintf("line %d: more than %d rules: let folders stand for what is in them", MaxRules+1, MaxRules),
	} {
		_, err := Parse(".github/CODEOWNERS", []byte(text))
		var wrong *Error
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("%.30q: %v\nwant %s", text, err, want)
		}
	}
}

func TestRootWithinTeam(t *testing.T) {
	for name, want := range map[string]string{
		"CODEOWNERS": ".", ".github/CODEOWNERS": ".", "docs/CODEOWNERS": ".", "../.gitlab/CODEOWNERS": "..", "sub/CODEOWNERS": "sub", "/repo/.github/CODEOWNERS": "/repo",
	} {
		if got := Root(name); got != want {
			t.Errorf("root of %s is %s, want %s", name, got, want)
		}
	}
	for _, c := range []struct {
		root, file, want string
		ok               bool
	}{
		{".", "a/b", "a/b", true},
		{".", "../a", "../a", false},
		{".", "/a", "/a", false},
		{"/repo", "/repo/a/b", "a/b", true},
		{"/repo", "/repo2/a", "", false},
		{"/", "/a", "a", true},
		{"sub", "sub/./a", "a", true},
		{"..", "a", "", false},
	} {
		if got, ok := Within(c.root, c.file); ok != c.ok || ok && got != c.want {
			t.Errorf("%s within %s: %q, %v", c.file, c.root, got, ok)
		}
	}
	for owner, want := range map[string]string{"@acme/payments": "payments", "@octocat": "octocat", "a@example.com": "a@example.com", "@g/sub/team": "team", "@@developer": "developer"} {
		if got := Team(owner); got != want {
			t.Errorf("team of %s is %s, want %s", owner, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("* @a\n/x/ @b # c\n", "x/y")
	f.Add("[S][2] @d\n!a/**/b\n**/*?\\ *x @e", "a/c/b")
	f.Add("*a*a*a*a*a*a*b @x", strings.Repeat("a", 200))
	f.Fuzz(func(t *testing.T, text, file string) {
		parsed, err := Parse("CODEOWNERS", []byte(text))
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Line < 1 || wrong.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("%v names no line", err)
			}
			return
		}
		m := parsed.Owners(file)
		if len(m.Owners) > 0 && m.Line == 0 {
			t.Fatal("owners without a line")
		}
		for _, o := range m.Owners {
			if !strings.Contains(o, "@") || strings.ContainsAny(o, " \t\n") && !strings.Contains(text, `\`) {
				t.Fatalf("%q is no owner", o)
			}
		}
	})
}
