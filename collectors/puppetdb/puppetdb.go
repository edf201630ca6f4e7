// Package puppetdb reads what PuppetDB answers: its nodes, its inventory and its facts, each saved to a file. All files of a source
// speak of the same nodes, so that they are one scope, and what they say of a node is put together by its certname.
//
// A node's last check-in is the latest of its timestamps, of report, catalog and facts, by the clock of PuppetDB. A node that is
// deactivated or expired has left the estate: it is not emitted, whatever else is said of it.
package puppetdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/hosts"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return agents.Kind{
		Name:    "puppetdb",
		Summary: "nodes and facts of PuppetDB",
		Reads:   "Reads saved answers of /pdb/query/v4/nodes, /inventory and /facts; one source per PuppetDB.",
		Joined:  true,
		Reader:  func() agents.Reader { return &reader{nodes: map[string]*node{}} },
	}.Spec()
}

// mostNodes bounds how many nodes are put together in memory.
const mostNodes = 100_000

// reader puts nodes together. Only what is made into assets is kept of one; paths that the options name need its record.
type reader struct {
	nodes map[string]*node
}

// node is what was read of one node so far.
type node struct {
	facts   agents.Facts // what is wanted of them, by their path
	macs    []string     // of all its cards
	file    string
	seen    time.Time
	listed  bool // its timestamps were read, null ones too
	whole   bool // all of its facts were read
	retired bool
}

// Read reads one file.
func (r *reader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	wanted := append(wantedFacts(), out.Paths()...)
	return f.Records(ctx, "", func(rec agents.Record) error {
		row := agents.Facts(rec.Object())
		name := row.Text("certname")
		if name == "" {
			out.Skip("", rec.Offset, "it has no certname", "save the answer of /pdb/query/v4/nodes, /inventory or /facts")
			return nil
		}
		n, ok := r.nodes[name]
		if !ok {
			if len(r.nodes) >= mostNodes {
				return f.Untrusted("there are more than %d nodes: make several sources of them", mostNodes)
			}
			n = &node{facts: agents.Facts{}, file: f.ID}
			r.nodes[name] = n
		}
		n.add(row, wanted)
		return nil
	}, nil)
}

// add adds a row of any of the three answers.
func (n *node) add(row agents.Facts, wanted []string) {
	switch {
	case row.Has("name") && row.Has("value"): // one fact
		n.keep(agents.Facts{"facts": map[string]any{row.Text("name"): row["value"]}}, wanted)
	case row.Has("facts") || row.Has("trusted"):
		n.see(row.Time("timestamp"))
		n.whole = true
		n.keep(row, wanted)
	default:
		n.listed = n.listed || row.Has("report_timestamp") || row.Has("facts_timestamp") || row.Has("catalog_timestamp")
		for _, name := range []string{"report_timestamp", "facts_timestamp", "catalog_timestamp"} {
			n.see(row.Time(name))
		}
		n.retired = n.retired || row.Text("deactivated") != "" || row.Text("expired") != ""
	}
}

func (n *node) see(t time.Time) {
	if t.After(n.seen) {
		n.seen = t
	}
}

// keep keeps what is wanted of facts and of what the node's certificate says.
func (n *node) keep(row agents.Facts, wanted []string) {
	for _, path := range wanted {
		root := "facts." + path
		if strings.HasPrefix(path, "trusted.") {
			root = path
		}
		if x, ok := hosts.At(map[string]any(row), root); ok {
			n.facts[path] = x
		}
	}
	for _, card := range row.Objects("facts.networking.interfaces") { // they can be many, and say much that nobody asks for
		if mac := card.Text("mac"); mac != "" {
			n.macs = append(n.macs, mac)
		}
	}
}

// wantedFacts are the facts that newHost reads, those of old agents among them.
func wantedFacts() []string {
	return []string{
		"networking.fqdn", "fqdn", "networking.hostname", "hostname", "networking.ip", "networking.ip6", "ipaddress", "networking.mac",
		"macaddress", "dmi.product.serial_number", "serialnumber", "dmi.product.uuid", "uuid",
		"dmi.chassis.asset_tag", "dmi.board.asset_tag", "dmi.manufacturer", "manufacturer", "dmi.product.name", "productname",
		"os.name", "os.release.full", "operatingsystem", "operatingsystemrelease", "kernelrelease", "processors.count", "processorcount",
		"memory.system.total_bytes", "memorysize_mb", "aio_agent_version", "puppetversion", "is_virtual", "virtual",
		"ec2_metadata.instance-id", "ec2_metadata.placement.region", "ec2_metadata.placement.availability-zone", "gce.instance.id",
		"trusted.extensions.pp_role", "trusted.extensions.pp_environment", "trusted.extensions.pp_instance_id",
	}
}

// complete reports whether all was read that the files say of a node. Where something could not be read, that is one which has its facts
// and, if there are several files, its timestamps; or one of a list without facts.
func (n *node) complete(broken bool, files int) bool {
	switch {
	case !broken:
		return true
	case files > 1:
		return n.whole && n.listed
	}
	return n.whole || n.listed && len(n.facts) == 0
}

// End hands over the nodes, sorted by certname. What is not known whole is left as it stands.
func (r *reader) End(ctx context.Context, out *agents.Out) error {
	broken, files := out.Broken()
	names := make([]string, 0, len(r.nodes))
	for name, n := range r.nodes {
		if !n.retired && n.complete(broken, files) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		h := newHost(name, r.nodes[name])
		if err := out.Host(ctx, &h); err != nil {
			return fmt.Errorf("hand over node %s: %w", name, err)
		}
	}
	return nil
}
