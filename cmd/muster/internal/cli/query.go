package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	if strings.TrimSpace(sql) == "" {
		return errors.New("the query is empty: write it as one argument, in quotes")
	}
	if !slices.Contains(present.Formats(), string(f)) {
		return f.Unknown()
	}
	var out present.Writer
	err := s.Query(ctx, sql, func(columns []string, row []any) (err error) {
		if out == nil {
			if out, err = present.NewWriter(g.sys.Stdout(), f, "rows", columns); err != nil {
				return err
			}
		}
		cells := make([]string, len(columns))
		for i, v := range row {
			cells[i] = cell(v)
		}
		return out.Row(cells, record{columns, row})
	})
	if err != nil {
		return err
	}
	if out == nil { // without a row the names of the columns are not known
		if out, err = present.NewWriter(g.sys.Stdout(), f, "rows", nil); err != nil {
			return err
		}
	}
	return out.Close()
}

// record is a row of a query; as JSON an object whose members stand in the order of the columns.
type record struct {
	columns []string
	row     []any
}

// MarshalJSON gives a second column of one name a number, so that no value hides another.
func (r record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	names := map[string]int{}
	for i, name := range r.columns {
		if names[name]++; names[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, names[name])
		}
		key, keyErr := json.Marshal(name)
		value, err := json.Marshal(plain(r.row[i]))
		if err := errors.Join(keyErr, err); err != nil {
			return nil, fmt.Errorf("encode column %s: %w", name, err)
		}
		fmt.Fprintf(&b, ",%s:%s", key, value)
	}
	return append(append([]byte{'{'}, bytes.TrimPrefix(b.Bytes(), []byte{','})...), '}'), nil
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
