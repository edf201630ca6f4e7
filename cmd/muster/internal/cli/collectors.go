package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
)

func newCollectors(g *globals) *cobra.Command {
	var format, iam string
	var schema bool
	cmd := &cobra.Command{
		Use: "collectors [NAME]", Short: "Show what each collector reads and what it needs",
		Example: "  muster collectors\n  muster collectors cmdb\n  muster collectors --iam aws > policy.json   # least policy that reading takes\n  muster collectors --schema > muster.schema.json   # JSON Schema of muster.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case iam != "":
				return printPermissions(g, iam)
			case schema:
				return printSchema(g)
			case len(args) == 1:
				return describeCollector(g, args[0])
			}
			return listCollectors(g, present.Format(format))
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&iam, "iam", "", "print the least permissions that reading with this collector takes, in the provider's own form")
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of the config file, with every collector's options")
	return cmd
}

func printSchema(g *globals) error {
	registry, err := wire.Registry()
	if err != nil {
		return err
	}
	text, err := config.Schema(registry, wire.Formats())
	if err != nil {
		return err
	}
	_, err = g.sys.Stdout().Write(text)
	return err
}

type collectorRow struct {
	Name    string   `json:"name"`
	Books   []string `json:"books"`
	Summary string   `json:"summary"`
}

func listCollectors(g *globals, f present.Format) error {
	registry, err := wire.Registry()
	if err != nil {
		return err
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "collectors", []string{"name", "books", "reads"})
	if err != nil {
		return err
	}
	for _, s := range registry.Specs() {
		row := collectorRow{Name: s.Name, Summary: s.Summary}
		for _, b := range s.Books {
			row.Books = append(row.Books, string(b))
		}
		if err := out.Row([]string{s.Name, strings.Join(row.Books, ", "), s.Summary}, row); err != nil {
			return err
		}
	}
	return out.Close()
}

func printPermissions(g *globals, name string) error {
	registry, err := wire.Registry()
	if err != nil {
		return err
	}
	var known []string
	for _, spec := range registry.Specs() {
		if spec.Permissions == nil {
			continue
		}
		if known = append(known, spec.Name); spec.Name != name {
			continue
		}
		text, err := spec.Permissions()
		if err != nil {
			return err
		}
		_, err = g.sys.Stdout().Write(text)
		return err
	}
	return fmt.Errorf("no permissions can be printed for %q%s", name, inventory.Suggest(name, known))
}

func describeCollector(g *globals, name string) error {
	registry, err := wire.Registry()
	if err != nil {
		return err
	}
	spec, ok := registry.Get(name)
	if !ok {
		return fmt.Errorf("no collector is called %q: \"muster collectors\" lists them", name)
	}
	fmt.Fprintf(g.sys.Stdout(), "%s: %s\n\n%s\n\nOptions of a source:\n", spec.Name, spec.Summary, strings.TrimSpace(spec.Reads))
	for _, o := range config.Options(spec) {
		fmt.Fprintf(g.sys.Stdout(), "  %-14s %s\n", o.Name, o.Description)
	}
	return nil
}
