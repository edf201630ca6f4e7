// Command manual writes what a package of muster brings beside the binary: a man page for each verb, and the shell completions.
//
//	go run ./cmd/muster/internal/manual OUT
//
// makes OUT/man/*.1 and OUT/completions/muster.{bash,zsh,fish}. The pages carry the day of SOURCE_DATE_EPOCH, if it is set, so that two builds
// of one version are the same.
// It is a program of its own so that the binary links no formatter.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra/doc"

	"github.com/muster-audit/muster/cmd/muster/internal/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: manual OUT")
	}
	root := cli.Command()
	pages, completions := filepath.Join(args[0], "man"), filepath.Join(args[0], "completions")
	if err := errors.Join(os.MkdirAll(pages, 0o755), os.MkdirAll(completions, 0o755)); err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	return errors.Join(
		doc.GenManTree(root, &doc.GenManHeader{Title: "MUSTER", Section: "1", Source: "muster", Manual: "muster"}, pages),
		root.GenBashCompletionFileV2(filepath.Join(completions, "muster.bash"), true),
		root.GenZshCompletionFile(filepath.Join(completions, "muster.zsh")),
		root.GenFishCompletionFile(filepath.Join(completions, "muster.fish"), true),
	)
}
