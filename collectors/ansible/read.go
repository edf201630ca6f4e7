package ansible

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/muster-audit/muster/collectors/hosts"
)

// form is how an inventory is written.
type form int

const (
	formINI form = iota
	formYAML
	formJSON
)

// read reads an inventory, whatever its form.
func (b *book) read(ctx context.Context, r *bufio.Reader) error {
	head, err := r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	f, err := detect(head)
	if err != nil {
		return err
	}
	switch f {
	case formJSON:
		return b.readJSON(ctx, r)
	case formYAML:
		return b.readYAML(r)
	}
	return b.readINI(ctx, r)
}

// headSize is how much of a file is looked at to find out its form.
const headSize = 64 << 10

// yamlKey begins a mapping of YAML: "all:", "  web: # front", "'db 1': {}". A port has no space behind its colon.
var yamlKey = regexp.MustCompile(`^(\?\s|("[^"]*"|'[^']*'|[^\s:'"=]+)\s*:(\s|$))`)

// detect finds out the form by the first line that says something.
func detect(head []byte) (form, error) {
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return 0, errors.New("it is a program: save what it prints with --list, or ansible-inventory --list, to a file and name that")
	case bytes.HasPrefix(head, []byte("$ANSIBLE_VAULT;")):
		return 0, errors.New("it is encrypted by ansible-vault: save the output of ansible-inventory --list to a file and name that")
	}
	for line := range bytes.Lines(head) {
		switch text := strings.TrimSpace(string(line)); {
		case text == "" || text[0] == '#' || text[0] == ';':
			continue
		case text[0] == '{':
			return formJSON, nil
		case text == "---" || strings.HasPrefix(text, "--- ") || strings.HasPrefix(text, "%YAML") || text == "-" || strings.HasPrefix(text, "- "):
			return formYAML, nil
		case yamlKey.MatchString(text):
			return formYAML, nil
		}
		return formINI, nil
	}
	return formINI, nil
}

// readable replaces what nobody can read here by hosts.Unread: what is encrypted, and templates, which Ansible fills in later.
func readable(x any) any {
	switch x := x.(type) {
	case string:
		if strings.Contains(x, "{{") || strings.Contains(x, "{%") || strings.HasPrefix(x, "$ANSIBLE_VAULT;") {
			return hosts.Unread{}
		}
	case map[string]any:
		if _, vault := x["__ansible_vault"]; vault {
			return hosts.Unread{}
		}
		if text, unsafe := x["__ansible_unsafe"]; unsafe {
			return text
		}
		for k, v := range x {
			if x[k] = readable(v); isUnread(x[k]) {
				return hosts.Unread{}
			}
		}
	case []any:
		for i, v := range x {
			if x[i] = readable(v); isUnread(x[i]) {
				return hosts.Unread{}
			}
		}
	}
	return x
}

func isUnread(x any) bool {
	_, ok := x.(hosts.Unread)
	return ok
}

// noInventory is the error of a file that is something else.
func noInventory(format string, args ...any) error {
	return fmt.Errorf("it is no inventory: %s; what Ansible makes of an inventory is saved with ansible-inventory --list > inventory.json", fmt.Sprintf(format, args...))
}
