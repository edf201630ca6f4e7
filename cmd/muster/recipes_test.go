package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// TestRecipes runs what the pages of docs/recipes tell people to copy, as far as it runs without the service.
func TestRecipes(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/recipes",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("PATH", filepath.Join(e.WorkDir, "bin")+string(os.PathListSeparator)+e.Getenv("PATH"))
			return standIns(e.WorkDir)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "recipe": recipe, "steps": steps,
		},
	})
}

// standIns writes programs that take the place of what a recipe fetches from the network, each of which keeps a log of its arguments: curl, which
// finds a release in the folder "release", apt-get, and aws, whose buckets are folders.
func standIns(work string) error {
	for name, body := range map[string]string{
		"curl": `file=; for a; do case $a in -*) ;; *) file=${a##*/} ;; esac; done
case "$*" in *-fsSLO*) exec cp "$WORK/release/$file" . ;; esac`,
		"apt-get": "",
		"aws": `case "$1 $2" in
"s3api head-object") [ -f "$WORK/bucket/muster.db" ] || { echo "An error occurred (404)" >&2; exit 254; } ;;
"s3 cp") case $3 in s3:*) cp "$WORK/bucket/${3##*/}" "$4" ;; *) mkdir -p "$WORK/bucket" && cp "$3" "$WORK/bucket/${4##*/}" ;; esac ;;
*) exit 1 ;;
esac`,
		"release": `mkdir -p "$WORK/release" && cd "$WORK/release"
printf '#!/bin/sh\nexec muster "$@"\n' > muster && chmod +x muster
tar -czf muster_1.0.0_linux_amd64.tar.gz muster && rm muster
sha256sum muster_1.0.0_linux_amd64.tar.gz > checksums.txt`,
	} {
		if err := os.MkdirAll(filepath.Join(work, "bin"), 0o755); err != nil {
			return err
		}
		script := "#!/bin/sh\nset -e\necho \"$*\" >> \"$WORK/" + name + ".log\"\n" + body + "\n"
		if err := os.WriteFile(filepath.Join(work, "bin", name), []byte(script), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// recipe writes a file that a page shows: recipe PAGE FILE TO.
func recipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: recipe PAGE FILE TO")
	}
	text, err := fenced(ts.ReadFile(filepath.Join(ts.Getenv("ROOT"), "docs", "recipes", args[0])), args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o755))
}

// fenced returns the block of a page that is marked as a file.
func fenced(page, file string) (string, error) {
	block := regexp.MustCompile("(?ms)^```[a-z]+ file=" + regexp.QuoteMeta(file) + "\n(.*?)^```$").FindStringSubmatch(page)
	if block == nil {
		return "", fmt.Errorf("no block is marked as file=%s", file)
	}
	return block[1], nil
}

// steps writes the shell commands of a pipeline in their order: steps KIND FILE TO. Steps that are the service's own are left out.
func steps(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: steps KIND FILE TO")
	}
	text := ts.ReadFile(args[1])
	var lines []string
	if args[0] == "jenkins" {
		lines = jenkinsSteps(text)
	} else {
		var file map[string]any
		ts.Check(yaml.Unmarshal([]byte(text), &file))
		lines = pipelineSteps(args[0], file)
	}
	if len(lines) == 0 {
		ts.Fatalf("%s has no step to run", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte("set -e\n"+strings.Join(lines, "\n")+"\n"), 0o755))
}

// jenkinsSteps are the commands of the steps "sh".
func jenkinsSteps(text string) []string {
	var lines []string
	for _, m := range regexp.MustCompile(`(?s)sh(?: '''(.*?)'''| '([^']*)'|\(returnStatus: true, script: '([^']*)'\))`).FindAllStringSubmatch(text, -1) {
		command := m[1] + m[2]
		if m[3] != "" {
			command = m[3] + " || CODE=$?"
		}
		lines = append(lines, command)
	}
	return lines
}

func pipelineSteps(kind string, file map[string]any) []string {
	var lists []any
	switch kind {
	case "action":
		lists = []any{dig(file, "runs", "steps")}
	case "gitlab":
		lists = []any{dig(file, "muster", "before_script"), dig(file, "muster", "script")}
	case "azure":
		for _, job := range items(dig(file, "jobs")) {
			lists = append(lists, dig(job, "steps"))
		}
	case "codebuild":
		for _, phase := range []string{"install", "pre_build", "build"} {
			lists = append(lists, dig(file, "phases", phase, "commands"))
		}
	}
	var lines []string
	for _, list := range lists {
		for _, step := range items(list) {
			lines = append(lines, commands(step)...)
		}
	}
	return lines
}

func commands(step any) []string {
	if text, ok := step.(string); ok {
		return []string{text}
	}
	var lines []string
	for _, at := range [][]string{{"run"}, {"bash"}, {"inputs", "inlineScript"}} {
		if text, ok := dig(step, at...).(string); ok {
			lines = append(lines, "(\n"+text+"\n)")
		}
	}
	return lines
}

func dig(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func items(v any) []any {
	list, _ := v.([]any)
	return list
}

// TestEveryRecipeIsRun: each file that a page shows is taken out of it by a script, and each page is in the list.
func TestEveryRecipeIsRun(t *testing.T) {
	scripts, err := filepath.Glob("testdata/recipes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var run strings.Builder
	for _, s := range scripts {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		run.Write(text)
	}
	pages, err := filepath.Glob("../../docs/recipes/*.md")
	if err != nil || len(pages) < 8 {
		t.Fatalf("%d recipes (%v)", len(pages), err)
	}
	list := read(t, "docs/recipes.md")
	for _, page := range pages {
		name := filepath.Base(page)
		if !strings.Contains(list, "recipes/"+name) {
			t.Errorf("docs/recipes.md does not lead to %s", name)
		}
		files := regexp.MustCompile("(?m)^```[a-z]+ file=(.*)$").FindAllStringSubmatch(read(t, "docs/recipes/"+name), -1)
		if len(files) == 0 {
			t.Errorf("%s shows no file", name)
		}
		for _, f := range files {
			if !strings.Contains(run.String(), "recipe "+name+" "+f[1]+" ") {
				t.Errorf("no script runs %s of %s", f[1], name)
			}
		}
	}
}

// TestManifests: what Kubernetes would refuse or a careful reader would object to.
func TestManifests(t *testing.T) {
	text, err := fenced(read(t, "docs/recipes/kubernetes.md"), "muster.k8s.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var object map[string]any
		if d.Decode(&object) != nil {
			break
		}
		kinds = append(kinds, fmt.Sprint(object["kind"]))
		if dig(object, "metadata", "name") != "muster" {
			t.Errorf("a %s has another name", object["kind"])
		}
		if object["kind"] != "CronJob" {
			continue
		}
		pod := dig(object, "spec", "jobTemplate", "spec", "template", "spec")
		container := items(dig(pod, "containers"))[0]
		for what, ok := range map[string]bool{
			"one run at a time":          dig(object, "spec", "concurrencyPolicy") == "Forbid",
			"no root":                    dig(pod, "securityContext", "runAsNonRoot") == true,
			"a file system to read only": dig(container, "securityContext", "readOnlyRootFilesystem") == true,
			"no second try":              dig(object, "spec", "jobTemplate", "spec", "backoffLimit") == 0,
			"the command audit":          items(dig(container, "args"))[0] == "audit",
		} {
			if !ok {
				t.Errorf("the CronJob does not ask for %s", what)
			}
		}
	}
	if want := []string{"ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "CronJob"}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
}
