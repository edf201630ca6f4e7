package ansible

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/inventory"
)

// maxValue bounds, in bytes, one group or the variables of one host in JSON.
const maxValue = 64 << 20

// jsonReader reads what ansible-inventory --list and inventory scripts print: groups, and the variables of hosts under _meta.
type jsonReader struct {
	*book
	d     *json.Decoder
	lines *lineCounter
}

// lineCounter counts the line ends that were read, to say where a file is damaged.
type lineCounter struct {
	r     io.Reader
	lines int
}

func (c *lineCounter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.lines += bytes.Count(b[:n], []byte{'\n'})
	return n, err
}

func (b *book) readJSON(ctx context.Context, r io.Reader) error {
	c := &lineCounter{r: r}
	j := &jsonReader{book: b, d: json.NewDecoder(c), lines: c}
	j.d.UseNumber()
	err := j.object(ctx, func(name string) error {
		if name == "_meta" {
			b.merged = true
			return j.object(ctx, j.meta(ctx))
		}
		raw, err := j.raw()
		if err != nil {
			return err
		}
		return j.groupOf(name, raw)
	})
	if err != nil {
		return err
	}
	if _, err := j.d.Token(); !errors.Is(err, io.EOF) {
		return noInventory("more follows the end of the object")
	}
	return nil
}

// meta reads hostvars, and passes over what else is known of the inventory.
func (j *jsonReader) meta(ctx context.Context) func(string) error {
	return func(name string) error {
		if name != "hostvars" {
			_, err := j.raw()
			return err
		}
		return j.object(ctx, func(host string) error {
			raw, err := j.raw()
			if err != nil {
				return err
			}
			h, err := j.host(host, groupAll, 0)
			if err != nil {
				return err
			}
			return j.variables(h.vars, "host "+host, raw)
		})
	}
}

// object reads an object member by member, or null.
func (j *jsonReader) object(ctx context.Context, member func(name string) error) error {
	t, err := j.d.Token()
	switch {
	case err != nil:
		return j.damaged(err)
	case t == nil:
		return nil
	case t != json.Delim('{'):
		return noInventory("byte %d holds %T where an object belongs", j.d.InputOffset(), t)
	}
	for n := 0; j.d.More(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t, err := j.d.Token()
		if err != nil {
			return j.damaged(err)
		}
		name, _ := t.(string)
		if err := member(name); err != nil {
			return err
		}
	}
	if _, err := j.d.Token(); err != nil {
		return j.damaged(err)
	}
	return nil
}

func (j *jsonReader) raw() (json.RawMessage, error) {
	var raw json.RawMessage
	if err := j.d.Decode(&raw); err != nil {
		return nil, j.damaged(err)
	}
	if len(raw) > maxValue {
		return nil, fmt.Errorf("a value is longer than %d MiB", maxValue>>20)
	}
	return raw, nil
}

func (j *jsonReader) damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("line %d: the file ends in the middle: export it again", j.lines.lines+1)
	}
	return fmt.Errorf("byte %d: %w: the file is damaged, or YAML that begins with a brace: save the output of ansible-inventory --list", j.d.InputOffset(), err)
}

// groupJSON is a group. Its parts are lists in what --list prints, and objects in inventories that are written as JSON.
type groupJSON struct {
	Hosts    json.RawMessage `json:"hosts"`
	Children json.RawMessage `json:"children"`
	Vars     json.RawMessage `json:"vars"`
}

// groupOf reads a group, which old scripts give as a plain list of hosts.
func (b *book) groupOf(name string, raw json.RawMessage) error {
	b.group(name)
	if raw[0] == '[' {
		return b.hostsOf(name, raw)
	}
	var g groupJSON
	if raw[0] != '{' && string(raw) != "null" || json.Unmarshal(raw, &g) != nil {
		return noInventory("%q is no group: want an object with hosts, children and vars, or a list of hosts", name)
	}
	if err := b.hostsOf(name, g.Hosts); err != nil {
		return err
	}
	if err := b.childrenOf(name, g.Children); err != nil {
		return err
	}
	return b.variables(b.group(name).vars, "group "+name, g.Vars)
}

// hostsOf reads the hosts of a group. Those of an object carry their variables and may be patterns.
func (b *book) hostsOf(group string, raw json.RawMessage) error {
	if isNull(raw) {
		return nil
	}
	var names []string
	if raw[0] == '[' && json.Unmarshal(raw, &names) == nil {
		for _, n := range names {
			if _, err := b.host(n, group, 0); err != nil {
				return err
			}
		}
		return nil
	}
	var with map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &with) != nil {
		return noInventory("hosts of group %q are neither a list of names nor an object", group)
	}
	for pattern, vars := range with {
		list, err := b.expand(pattern, group, 0)
		if err != nil {
			return err
		}
		for _, h := range list {
			if err := b.variables(h.vars, "host "+pattern, vars); err != nil {
				return err
			}
		}
	}
	return nil
}

// childrenOf reads the names of the groups in a group, or the groups themselves.
func (b *book) childrenOf(parent string, raw json.RawMessage) error {
	if isNull(raw) {
		return nil
	}
	var names []string
	if raw[0] == '[' && json.Unmarshal(raw, &names) == nil {
		for _, n := range names {
			b.child(parent, n)
		}
		return nil
	}
	var groups map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &groups) != nil {
		return noInventory("children of group %q are neither a list of names nor an object", parent)
	}
	for name, g := range groups {
		b.child(parent, name)
		if isNull(g) {
			continue
		}
		if err := b.groupOf(name, g); err != nil {
			return err
		}
	}
	return nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// variables keeps those that are wanted; the rest is not even decoded.
func (b *book) variables(vars map[string]any, of string, raw json.RawMessage) error {
	if isNull(raw) {
		return nil
	}
	var all map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &all) != nil {
		b.skip(inventory.Problem{Message: "the variables of " + of + " are no object", Remedy: "correct the script that prints the inventory"})
		return nil
	}
	for name, text := range all {
		if !b.wanted[name] {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var x any
		if d.Decode(&x) == nil {
			b.set(vars, name, x)
		}
	}
	return nil
}
