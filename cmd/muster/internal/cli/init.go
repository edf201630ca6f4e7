package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"unicode"

	_ "embed"

	"github.com/spf13/cobra"
)

//go:embed init/muster.yaml.tmpl
var configTemplate string

//go:embed init/policy.yaml
var starterPolicy []byte

func newInit(g *globals) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "init", Short: "Look around and write a commented muster.yaml and policy.yaml",
		Long: `Look for Terraform states, register exports and asset lists in the current folder and those
below it, and for AWS credentials, and write a commented muster.yaml that reads them, with a policy to start from.
A file that is there already is left alone, unless --force is given.`,
		Example: "  muster init && muster doctor",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runInit(g, ".", force) },
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite muster.yaml and policy.yaml")
	return cmd
}

// found is what looking around came to: patterns relative to the folder.
type found struct {
	States, Exports, Assets []string
	AWS                     string // where credentials seem to be; empty if nowhere
}

func runInit(g *globals, dir string, force bool) error {
	f, err := lookAround(dir)
	if err != nil {
		return err
	}
	f.AWS = awsCredentials(g.sys.Getenv)
	var text strings.Builder
	if err := template.Must(template.New("config").Parse(configTemplate)).Execute(&text, f); err != nil {
		return fmt.Errorf("write config: %w", err)
	}
	for _, file := range []struct {
		name string
		text []byte
	}{{"muster.yaml", []byte(text.String())}, {"policy.yaml", starterPolicy}} {
		if err := writeNew(filepath.Join(dir, file.name), file.text, force); err != nil {
			return err
		}
	}
	out := g.sys.Stdout()
	if f.AWS != "" {
		fmt.Fprintf(out, "found %s\n", f.AWS)
	}
	fmt.Fprintf(out, "found %s, %s, %s\n", count(len(f.States), "Terraform state"), count(len(f.Exports), "register export"), count(len(f.Assets), "asset list"))
	next := "read them, then run \"muster doctor\" and \"muster audit\""
	if len(f.States)+len(f.Exports)+len(f.Assets) == 0 && f.AWS == "" {
		next = "name what to read under \"sources\" (the comments there show how), then run \"muster doctor\""
	}
	fmt.Fprintf(out, "wrote muster.yaml and policy.yaml: %s\n", next)
	return nil
}

func writeNew(path string, text []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o644) //nolint:gosec // a config without secrets, for a repository
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: keep it, or overwrite it with --force", filepath.Base(path))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// awsCredentials says where the default credential chain of AWS would find something, without asking anybody; "" if nowhere.
func awsCredentials(getenv func(string) string) string {
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		if getenv(name) != "" {
			return "AWS credentials in the environment (" + name + ")"
		}
	}
	for variable, name := range map[string]string{"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"} {
		file := getenv(variable)
		if file == "" && getenv("HOME") == "" {
			continue
		}
		if file == "" {
			file = filepath.Join(getenv("HOME"), ".aws", name)
		}
		if _, err := os.Stat(file); err == nil {
			return "AWS profiles in the shared config files"
		}
	}
	return ""
}

// maxDepth bounds how deep init looks below the folder.
const maxDepth = 6

func lookAround(dir string) (found, error) {
	var f found
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what cannot be listed is not offered
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return fmt.Errorf("look around: %w", err)
		}
		if d.IsDir() {
			if skipFolder(relative, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		f.add(path, filepath.ToSlash(relative))
		return nil
	})
	return f, err
}

func skipFolder(relative, name string) bool {
	if relative == "." {
		return false
	}
	return strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "vendor", "out", "muster-demo"}, name) ||
		strings.Count(filepath.ToSlash(relative), "/") >= maxDepth
}

func (f *found) add(path, relative string) {
	switch filepath.Ext(path) {
	case ".tfstate":
		f.States = append(f.States, relative)
	case ".ndjson":
		f.Assets = append(f.Assets, relative)
	case ".csv":
		if looksLikeRegister(path) {
			f.Exports = append(f.Exports, relative)
		}
	}
}

// registerWords are what the headers of registers are made of.
func registerWords() []string {
	return []string{
		"host", "hostname", "server", "device", "name", "serial", "asset", "fqdn", "owner", "ip", "mac", "uuid", "install_status", "location", "sys_id", "rack",
	}
}

// looksLikeRegister reports whether the first line of a CSV holds at least two words that headers of registers are made of.
func looksLikeRegister(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	header, err := bufio.NewReaderSize(file, 64<<10).ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(string(header)), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
	hits := 0
	for _, word := range registerWords() {
		if slices.Contains(words, word) {
			hits++
		}
	}
	return hits >= 2
}
