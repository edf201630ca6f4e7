package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/rules/vocabulary"
)

func newTagsKeys(g *globals) *cobra.Command {
	var format, asOf string
	cmd := &cobra.Command{
		Use: "keys", Short: "List the tag keys that are used, by provider",
		Long: `List the tag keys that are used, with the assets and the distinct values of each provider.
Those that a provider keeps for itself, as aws:…, are left out.`,
		Example: "  muster tags keys\n  muster tags keys --format csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.surveyed(cmd.Context(), asOf, func(ctx context.Context, a *wire.App, s *sqlite.Store, at inventory.ScanID) error {
				keys, leftOut, err := a.TagKeys(ctx, s, at)
				if err != nil {
					return err
				}
				if leftOut != "" {
					g.note("left out: %s", leftOut)
				}
				return printKeys(g, present.Format(format), keys)
			})
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func printKeys(g *globals, f present.Format, keys []vocabulary.KeyUse) error {
	out, err := present.NewWriter(g.sys.Stdout(), f, "keys", []string{"key", "provider", "assets", "unconfirmed", "values"})
	if err != nil {
		return err
	}
	for _, k := range keys {
		values := fmt.Sprint(k.Values)
		if k.Values < 0 {
			values = "many"
		}
		if err := out.Row([]string{k.Key, k.Provider, fmt.Sprint(k.Assets), fmt.Sprint(k.Unconfirmed), values}, k); err != nil {
			return err
		}
	}
	return out.Close()
}

// nearMissRow is a row of "muster tags near-misses".
type nearMissRow struct {
	Tag       string `json:"tag"` // empty for a key
	Write     string `json:"write"`
	InsteadOf string `json:"instead_of"`
	Assets    int    `json:"assets"` // that bear what is to be replaced
	Canonical string `json:"canonical"`
	Uses      int    `json:"uses"` // of the canonical word
	ByPolicy  bool   `json:"by_policy"`
	Provider  string `json:"provider"` // that needs a word of its own; empty for all
	Confirmed bool   `json:"confirmed"`
}

func newTagsNearMisses(g *globals) *cobra.Command {
	var format, asOf string
	cmd := &cobra.Command{
		Use: "near-misses", Short: "List tag keys and values that were meant to be one",
		Long: `List tag keys, and values of one key, that differ in case, in separators, by an abbreviation
or by a mistake, over the whole estate, with what to write instead. The policy need not ask
for them. Keys of which nearly every asset has a value of its own are left out, and named.`,
		Example: "  muster tags near-misses\n  muster tags near-misses --format json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.surveyed(cmd.Context(), asOf, func(ctx context.Context, a *wire.App, s *sqlite.Store, at inventory.ScanID) error {
				survey, err := a.NearMisses(ctx, s, at)
				if err != nil {
					return err
				}
				switch {
				case survey.Overflow != "":
					g.note("nothing is compared: %s", survey.Overflow)
				case len(survey.LeftOut) > 0:
					g.note("values not compared: %s", strings.Join(survey.LeftOut, ", "))
				}
				return printNearMisses(g, present.Format(format), survey.NearMisses)
			})
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func printNearMisses(g *globals, f present.Format, list []vocabulary.NearMiss) error {
	out, err := present.NewWriter(g.sys.Stdout(), f, "near_misses", []string{"of", "write", "on", "instead of", "on", "why"})
	if err != nil {
		return err
	}
	for _, m := range list {
		for _, s := range m.Swaps {
			r := nearMissRow{m.Tag, s.To, s.From, s.Uses, m.Canonical, m.Uses, m.ByPolicy, s.Provider, m.Sure}
			if err := out.Row(r.cells(), r); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

func (r *nearMissRow) cells() []string {
	of, why := "keys", "most used"
	if r.Tag != "" {
		of = "values of " + r.Tag
	}
	switch {
	case r.Provider != "":
		why = r.Provider + " does not take " + r.Canonical
	case r.ByPolicy:
		why = "the policy names it"
	}
	if !r.Confirmed {
		why += ", not confirmed by this scan"
	}
	uses := ""
	if r.Write == r.Canonical {
		uses = count(r.Uses, "asset")
	}
	return []string{of, r.Write, uses, r.InsteadOf, count(r.Assets, "asset"), why}
}

// surveyed runs something on a scan of the store.
func (g *globals) surveyed(ctx context.Context, asOf string, run func(context.Context, *wire.App, *sqlite.Store, inventory.ScanID) error) error {
	return g.read(ctx, func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
		at, err := scanNamed(ctx, s, asOf)
		if err != nil {
			return err
		}
		return run(ctx, a, s, at)
	})
}
