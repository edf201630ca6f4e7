package cli

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func newAssets(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "assets", Short: "List assets, show one from all books, or its history",
		Example: "  muster assets list --book observed --tag '!owner'\n  muster assets show i-0abc12345678\n  muster assets history web-1",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAssetsList(g), newAssetsShow(g), newAssetsHistory(g))
	return cmd
}

type listOptions struct {
	books, types, accounts, regions, sources, tags []string
	search, asOf, format                           string
	limit                                          int
}

func newAssetsList(g *globals) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use: "list", Short: "List assets",
		Long: `List assets of all books, or those that the filters let through. Values of one filter are
alternatives, filters add up. In --type, --account and --region, * stands for any
characters. --tag takes key=value, key (there, whatever its value) and !key (known to be
absent).`,
		Example: `  muster assets list --type 'AWS::EC2::*' --tag '!owner'
  muster assets list --book observed --format ndjson > observed.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, _ *wire.App, s *sqlite.Store) error {
				return runAssetsList(ctx, g, s, o)
			})
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.books, "book", nil, "observed, recorded or declared")
	f.StringSliceVar(&o.types, "type", nil, "types, or patterns of them")
	f.StringSliceVar(&o.accounts, "account", nil, "accounts, or patterns of them")
	f.StringSliceVar(&o.regions, "region", nil, "regions, or patterns of them")
	f.StringSliceVar(&o.sources, "source", nil, "names of sources")
	f.StringSliceVar(&o.tags, "tag", nil, "key=value, key or !key; all must hold")
	f.StringVar(&o.search, "search", "", "text in key or name, case ignored")
	f.StringVar(&o.asOf, "as-of", "", "scan number, or time such as 2026-01-31 or 2026-01-31T02:00:00Z")
	f.IntVar(&o.limit, "limit", 0, "at most so many (default: all)")
	listFormat(cmd, &o.format)
	return cmd
}

func runAssetsList(ctx context.Context, g *globals, s *sqlite.Store, o listOptions) error {
	if o.limit < 0 {
		return fmt.Errorf("--limit %d: use 1 or more, or leave it out for all", o.limit)
	}
	at, err := scanNamed(ctx, s, o.asOf)
	if err != nil {
		return err
	}
	q := inventory.AssetQuery{
		At: at, Types: o.types, Accounts: o.accounts, Regions: o.regions, Sources: o.sources, Tags: o.tags, Search: o.search, Limit: o.limit,
	}
	for _, b := range o.books {
		if !inventory.Book(b).Valid() {
			return fmt.Errorf("--book %q: use observed, recorded or declared", b)
		}
		q.Books = append(q.Books, inventory.Book(b))
	}
	return printAssets(g, present.Format(o.format), s.Assets(ctx, q))
}

func printAssets(g *globals, f present.Format, assets iter.Seq2[*inventory.Entry, error]) error {
	out, err := present.NewWriter(g.sys.Stdout(), f, "assets", []string{"book", "source", "type", "name", "account", "region", "tags", "key"})
	if err != nil {
		return err
	}
	for e, err := range assets {
		if err != nil {
			return err
		}
		row := []string{string(e.Book), e.Source, string(e.Type), e.Name, e.Account, e.Region, tagText(e.CurrentTags()), e.Key}
		if err := out.Row(row, e); err != nil {
			return err
		}
	}
	return out.Close()
}

// tagText prints tags for people: what is not known is never an empty list.
func tagText(t inventory.Tags) string {
	switch t.State() {
	case inventory.Unknown:
		return "(unknown)"
	case inventory.NotApplicable:
		return "(not taggable)"
	}
	parts := make([]string, 0, t.Len())
	for tag := range t.All() {
		value := tag.Value
		if tag.ValueUnknown {
			value = "(unknown)"
		}
		parts = append(parts, tag.Key+"="+value)
	}
	return strings.Join(parts, "; ")
}

// scanNamed returns the scan that --as-of names: a number, a day (its end) or a time; the last one for nothing.
func scanNamed(ctx context.Context, s inventory.AssetStore, name string) (inventory.ScanID, error) {
	if name == "" {
		scan, err := wire.LastScan(ctx, s, 0)
		return scan.ID, err
	}
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		if _, err := s.Scan(ctx, inventory.ScanID(n)); err != nil {
			return 0, fmt.Errorf("%w: %s", err, scansThereAre(ctx, s))
		}
		return inventory.ScanID(n), nil
	}
	t, err := moment(name)
	if err != nil {
		return 0, err
	}
	scan, err := s.ScanAt(ctx, t)
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, scansThereAre(ctx, s))
	}
	return scan.ID, nil
}

// scansThereAre says which scans the store holds, for somebody who named another.
func scansThereAre(ctx context.Context, s inventory.AssetStore) string {
	scans, err := s.Scans(ctx)
	if err != nil || len(scans) == 0 {
		return "the store holds none yet: run \"muster scan\" first"
	}
	first, last := scans[len(scans)-1], scans[0]
	return fmt.Sprintf("the store holds scans %d (%s) to %d (%s)", first.ID, stamp(first.Started), last.ID, stamp(last.Started))
}

func newAssetsHistory(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "history KEY", Short: "Show when an asset came, changed and went",
		Example: "  muster assets history arn:aws:s3:::acme-logs",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, _ *wire.App, s *sqlite.Store) error {
				return runHistory(ctx, g, s, present.Format(format), args[0])
			})
		},
	}
	listFormat(cmd, &format)
	return cmd
}

type historyRow struct {
	From    string           `json:"from"`
	To      string           `json:"to,omitempty"`
	EndedBy string           `json:"ended_by,omitempty"`
	Changes []string         `json:"changes"`
	Asset   *inventory.Entry `json:"asset"`
}

func runHistory(ctx context.Context, g *globals, s *sqlite.Store, f present.Format, key string) error {
	versions, err := s.History(ctx, key)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		if versions, err = historyByRef(ctx, s, key); err != nil {
			return err
		}
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "versions", []string{"book", "source", "from", "to", "ended by", "what changed"})
	if err != nil {
		return err
	}
	var before *inventory.Entry
	for _, v := range versions {
		row := historyRow{From: stamp(v.FromTime), To: stamp(v.ToTime), EndedBy: string(v.EndedBy), Asset: v.Entry}
		row.Changes = changed(before, v.Entry)
		before = v.Entry
		cells := []string{string(v.Entry.Book), v.Entry.Source, row.From, row.To, row.EndedBy, strings.Join(row.Changes, ", ")}
		if err := out.Row(cells, row); err != nil {
			return err
		}
	}
	return out.Close()
}

// historyByRef finds the history of assets that are named by something else than their key.
func historyByRef(ctx context.Context, s *sqlite.Store, ref string) ([]inventory.Version, error) {
	entries, err := s.Find(ctx, 0, ref)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("no asset with the key, name, identifier or address %q: see muster assets list --search", ref)
	}
	var all []inventory.Version
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.Key] {
			continue
		}
		seen[e.Key] = true
		versions, err := s.History(ctx, e.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, versions...)
	}
	return all, nil
}
