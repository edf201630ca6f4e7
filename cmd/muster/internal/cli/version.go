package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/inventory/sqlite"
)

// release is set by the linker when a release is built.
var release = "" //nolint:gochecknoglobals // the linker has no other place to write to

// version returns the release, else what the Go tool knows of the build.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

func newVersion(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of muster, Go, SQLite and the store's schema",
		Example: "  muster version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(g.sys.Stdout(), "muster %s\ncommit %s\n%s %s/%s\nsqlite %s\nschema %d\n", version(), commit(), runtime.Version(),
				runtime.GOOS, runtime.GOARCH, sqlite.LibraryVersion(), sqlite.SchemaVersion)
			return err
		},
	}
}

func commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
