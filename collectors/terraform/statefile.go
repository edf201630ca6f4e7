package terraform

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// stateVersion is the version of the format that Terraform has written since 0.12, and OpenTofu always.
const stateVersion = 4

// stateFile is the file of one scope.
type stateFile struct {
	*input
	scope inventory.Scope
	// what the file is and how to get it anew, where that is known; a state if empty.
	what, remedy string
}

// name says what the file is, and remedy how to get it anew.
func (f *stateFile) name() string { return cmp.Or(f.what, "state") }

func (f *stateFile) again() string {
	return cmp.Or(f.remedy, "fetch it again, as with terraform state pull")
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
	case doc.backend && doc.resources == 0 && doc.version < stateVersion:
		return failure("%q only points to a state that is kept elsewhere: write that with terraform state pull, and name that file", id)
	case doc.notObject:
		return failure("%q holds no JSON object: name a state file, or write one with terraform state pull", id)
	case doc.version == 0 && readErr != nil:
		return f.damage(readErr)
	case doc.version == 0:
		return failure("%q is JSON but no Terraform state: it has no version; name a state file, or write one with terraform state pull", id)
	case doc.version == legacyVersion && doc.modules:
		return nil
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
	case offset < 0 && !errors.Is(err, resource.ErrTrailing):
		return failure("read %s %q: %w", f.name(), f.scope.ID, err)
	case errors.Is(err, resource.ErrTrailing):
		what = "goes on after its end"
	}
	where := ""
	if offset >= 0 {
		where = fmt.Sprintf(" at byte %d", offset)
		if line := f.line(offset); line > 0 {
			where = fmt.Sprintf(" at line %d (byte %d)", line, offset)
		}
	}
	return &collectors.Error{
		Reason: inventory.ReasonUntrusted,
		Err:    fmt.Errorf("%s %q %s%s: %s", f.name(), f.scope.ID, what, where, f.again()),
	}
}

// line returns the line of a byte of the file, from 1; 0 if it can no longer be read. It reads the file to there, which
// only broken files cost.
func (f *stateFile) line(offset int64) int {
	if f.away != nil { // to fetch it once more costs more than the line tells
		return 0
	}
	r, err := f.open(context.Background())
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
