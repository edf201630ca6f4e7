package terraform

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// stateVersion is the version of the format that Terraform has written since 0.12, and OpenTofu always.
const stateVersion = 4

// stateFile is the file of one scope.
type stateFile struct {
	dir   string
	scope inventory.Scope
}

// reopen opens the file once more, and refuses another file of the same name: what the first walk learned, the secrets
// above all, would not be true of it.
func (f *stateFile) reopen(first *files.Reader) (*files.Reader, error) {
	r, err := files.Open(f.dir, f.scope)
	if err != nil {
		return nil, err
	}
	if !r.ModTime.Equal(first.ModTime) || r.Size != first.Size {
		r.Close()
		return nil, &collectors.Error{
			Reason: inventory.ReasonError, Retry: true,
			Err: fmt.Errorf("%q was written while it was read: scan again when terraform is done", f.scope.ID),
		}
	}
	return r, nil
}

// judge returns why a document is no state that can be read, nil if it is one. readErr is what ended the first walk.
func (f *stateFile) judge(doc surveyed, readErr error) error {
	id := f.scope.ID
	var c *collectors.Error
	switch {
	case errors.As(readErr, &c):
		return readErr
	case errors.Is(readErr, resource.ErrTooManySecrets):
		return failure("read state %q: %w: it cannot be made sure that none of them is stored", id, readErr)
	case doc.encrypted:
		return failure("%q is a state that OpenTofu encrypted: write it out with tofu state pull, and name that file", id)
	case doc.plan:
		return failure("%q is a plan in JSON, not a state: write the state with terraform state pull, and name that file", id)
	case doc.show:
		return failure("%q is the output of terraform show, not a state: write the state with terraform state pull, and name that file", id)
	case doc.backend && doc.resources == 0 && doc.version < stateVersion:
		return failure("%q only points to a state that is kept elsewhere: write that with terraform state pull, and name that file", id)
	case doc.notObject:
		return failure("%q holds no JSON object: name a state file, or write one with terraform state pull", id)
	case doc.version == 0 && readErr != nil:
		return f.damage(readErr)
	case doc.version == 0:
		return failure("%q is JSON but no Terraform state: it has no version; name a state file, or write one with terraform state pull", id)
	case doc.version < stateVersion:
		return failure("state %q has version %d: run terraform 0.12 or later on it (terraform apply -refresh-only) to upgrade it to version %d",
			id, doc.version, stateVersion)
	case !doc.listed && readErr == nil:
		return failure("state %q has no list of resources, not even an empty one: fetch it again, as with terraform state pull", id)
	case doc.version > stateVersion:
		return failure("state %q has version %d, this muster knows version %d: use a newer muster", id, doc.version, stateVersion)
	}
	return nil
}

// damage says where and how a file is broken. It tells no more of the text there than that: it may be a secret.
func (f *stateFile) damage(err error) error {
	var c *collectors.Error
	if errors.As(err, &c) {
		return err
	}
	what := "is damaged"
	var syntax *jsontext.SyntacticError
	offset := int64(-1)
	if errors.As(err, &syntax) {
		offset = syntax.ByteOffset
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		what = "ends in the middle"
	case offset < 0 && !errors.Is(err, errDamaged):
		return failure("read state %q: %w", f.scope.ID, err)
	case errors.Is(err, errDamaged):
		what = "goes on after its end"
	}
	where := ""
	if offset >= 0 {
		where = fmt.Sprintf(" at line %d (byte %d)", f.line(offset), offset)
	}
	return &collectors.Error{
		Reason: inventory.ReasonUntrusted,
		Err:    fmt.Errorf("state %q %s%s: fetch it again, as with terraform state pull", f.scope.ID, what, where),
	}
}

// line returns the line of a byte of the file, from 1; 0 if it can no longer be read. It reads the file to there, which
// only broken files cost.
func (f *stateFile) line(offset int64) int {
	r, err := files.Open(f.dir, f.scope)
	if err != nil {
		return 0
	}
	defer r.Close()
	line, in := 1, bufio.NewReader(io.LimitReader(r, offset))
	for {
		b, err := in.ReadByte()
		if err != nil {
			return line
		}
		if b == '\n' {
			line++
		}
	}
}
