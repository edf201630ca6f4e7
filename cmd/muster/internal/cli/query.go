package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func newQuery(g *globals) *cobra.Command {
	format := string(present.Table)
	cmd := &cobra.Command{
		Use: "query SQL", Short: "Run read-only SQL on the store",
		Long: `Run one SQL statement on the store. It can only read: a write or an ATTACH is refused.
The views that stay the same across releases are described in docs/store.md: assets_now,
tags_now, findings_now, tag_coverage_now, iac_coverage_now, scope_runs_now.`,
		Example: `  muster query "SELECT account, count(*) FROM assets_now GROUP BY account"
  muster query --format csv "SELECT * FROM findings_now WHERE severity = 'high'"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, _ *wire.App, s *sqlite.Store) error {
				return runQuery(ctx, g, s, present.Format(format), args[0])
			})
		},
	}
	listFormat(cmd, &format)
	return cmd
}

func listFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "format", "f", string(present.Table), "table, csv, json or ndjson")
}

func runQuery(ctx context.Context, g *globals, s *sqlite.Store, f present.Format, sql string) error {
	var out present.Writer
	err := s.Query(ctx, sql, func(columns []string, row []any) error {
		if out == nil {
			w, err := present.NewWriter(g.sys.Stdout(), f, "rows", columns)
			if err != nil {
				return err
			}
			out = w
		}
		object := make(map[string]any, len(columns))
		cells := make([]string, len(columns))
		for i, name := range columns {
			object[name] = plain(row[i])
			cells[i] = cell(row[i])
		}
		return out.Row(cells, object)
	})
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	return out.Close()
}

// plain returns a value of SQLite as JSON can hold it.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return fmt.Sprintf("%x", v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return v
}

func cell(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(plain(v))
}
