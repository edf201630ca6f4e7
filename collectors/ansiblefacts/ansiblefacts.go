// Package ansiblefacts reads what Ansible gathered of its hosts: the cache of facts, a folder with one JSON file per host, and
// the saved output of the setup module.
//
// A host's last check-in is when its facts were gathered: by the host's own clock if that is not ahead of the file, else by the
// file's modification time, which is what Ansible itself goes by.
package ansiblefacts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return agents.Kind{
		Name:    "ansible-facts",
		Summary: "Ansible's cache of facts, and the output of its setup module",
		Reads:   "Reads the folder that fact_caching_connection names, or the saved output of ansible -m setup.",
		AnyName: true,
		FileID:  hostOf,
		Reader:  func() agents.Reader { return reader{} },
	}.Spec()
}

// hostOf returns the host of a file of the cache, which newer versions of Ansible prefix with the version of its form.
func hostOf(base string) string {
	return strings.TrimSuffix(strings.TrimPrefix(base, "s1_"), ".json")
}

type reader struct{}

// End does nothing: each file was complete.
func (reader) End(context.Context, *agents.Out) error { return nil }

// Read reads a file of the cache, which is JSON, or what ansible prints: "web-1 | SUCCESS => {" and JSON.
func (reader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	first, err := firstByte(f.Reader)
	if err != nil {
		return err
	}
	if first != '{' && first != '[' {
		return readOutput(ctx, f, out)
	}
	n := 0
	return f.Records(ctx, "", func(r agents.Record) error {
		id := hostOf(f.Base())
		if n++; n > 1 {
			out.Skip("", r.Offset, "the file holds the facts of more than one host and does not name them", "save the output of each host in a file of its name")
			return nil
		}
		return host(ctx, id, f, r.Object(), r.Offset, out)
	}, nil)
}

// firstByte is the first byte that is no white space.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		c, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, errors.New("there is nothing but white space: check whether the facts were gathered")
		case err != nil:
			return 0, err
		case !strings.ContainsRune(" \t\r\n", rune(c)):
			return c, r.UnreadByte()
		}
	}
}

// host hands over the host of one set of facts, in whatever they are wrapped.
func host(ctx context.Context, id string, f *agents.File, body map[string]any, offset int64, out *agents.Out) error {
	facts, why := unwrap(body)
	if why != "" {
		out.Skip(id, offset, why, "gather the facts of this host again; what was known of it stays")
		return nil
	}
	h := newHost(id, facts, f.ModTime)
	return out.Host(ctx, &h)
}

// unwrap returns the facts, or why there are none.
func unwrap(body map[string]any) (agents.Facts, string) {
	if text, ok := body["__payload__"].(string); ok {
		x, err := agents.Decode([]byte(text))
		if err != nil {
			return nil, "its payload is not JSON"
		}
		body, _ = plain(x).(map[string]any)
	}
	if unreachable, _ := body["unreachable"].(bool); unreachable {
		return nil, "the host could not be reached"
	}
	if inner, ok := body["ansible_facts"].(map[string]any); ok {
		body = inner
	} else if failed, _ := body["failed"].(bool); failed {
		return nil, "its facts could not be gathered"
	}
	for name := range body {
		if strings.HasPrefix(name, "ansible_") {
			return body, ""
		}
	}
	return nil, "it holds no facts"
}

// plain takes values out of what newer versions of Ansible wrap them in to remember where they came from.
func plain(x any) any {
	switch x := x.(type) {
	case map[string]any:
		if _, ok := x["__ansible_type"]; ok {
			return plain(x["value"])
		}
		for k, v := range x {
			x[k] = plain(v)
		}
	case []any:
		for i, v := range x {
			x[i] = plain(v)
		}
	}
	return x
}

// outcome is how ansible begins what it prints of a host.
var outcome = regexp.MustCompile(`^(\S+) \| ([A-Z]+!?)(?: \| rc=-?\d+)? =>\s*(.*)$`)

// readOutput reads what ansible -m setup prints. JSON ends with the line that is "}" alone, or with its own line.
func readOutput(ctx context.Context, f *agents.File, out *agents.Out) error {
	l := &lines{r: f.Reader}
	for {
		line, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		m := outcome.FindSubmatch(bytes.TrimRight(line, "\r\n"))
		if m == nil {
			return f.Untrusted("line %d is neither JSON nor the beginning of a host, as \"web-1 | SUCCESS => {\": save the output of ansible -m setup alone", l.number)
		}
		id, at := string(m[1]), l.start
		body, err := l.body(m[3])
		if err != nil {
			return f.Untrusted("the facts of %s, from line %d on, are cut off or damaged: %v: export them again", id, l.number, err)
		}
		if err := host(ctx, id, f, body, at, out); err != nil {
			return err
		}
	}
}

// lines reads lines and knows where they are.
type lines struct {
	r          *bufio.Reader
	number     int
	start, end int64
}

func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadBytes('\n')
	l.number, l.start = l.number+1, l.end
	l.end += int64(len(line))
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return line, err
}

// body reads the JSON object that begins with the rest of a line, and ends there or with a line that is "}".
func (l *lines) body(rest []byte) (map[string]any, error) {
	text := bytes.Clone(rest)
	x, err := agents.Decode(text)
	if err != nil && bytes.HasPrefix(text, []byte("{")) {
		if text, err = l.more(text); err == nil {
			x, err = agents.Decode(text)
		}
	}
	m, ok := x.(map[string]any)
	if err == nil && !ok {
		err = errors.New("they are no JSON object")
	}
	return m, err
}

// more returns a text with the lines up to one that is "}".
func (l *lines) more(text []byte) ([]byte, error) {
	for {
		line, err := l.next()
		if err != nil {
			return nil, fmt.Errorf("the file ends in the middle: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if text = append(append(text, '\n'), line...); len(text) > agents.MaxRecord {
			return nil, fmt.Errorf("they are longer than %d MiB", agents.MaxRecord>>20)
		}
		if string(line) == "}" {
			return text, nil
		}
	}
}

// gathered is when the facts were gathered.
func gathered(f agents.Facts, written time.Time) agents.CheckIn {
	const skew = 10 * time.Minute
	if t := f.Time("ansible_date_time.iso8601"); !t.IsZero() && t.Before(written.Add(skew)) {
		return agents.CheckIn{At: t}
	}
	return agents.CheckIn{At: written}
}
