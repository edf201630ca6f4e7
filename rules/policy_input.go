package rules

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/muster-audit/muster/rules/strictyaml"
)

// input reads another file that a policy names, up to a number of bytes, and adds it to what the policy rests on. read returns what is wrong
// in the file. The byte order mark is not part of what it gets.
func (p *policyParser) input(path, name string, most int64, read func(*bufio.Reader) *strictyaml.Problem) {
	if p.env.Open == nil {
		p.fail(path, "%s: files cannot be read here", name)
		return
	}
	f, err := p.env.Open(name)
	if err != nil {
		p.fail(path, "open %s: %v: the path is relative to the config file", name, err)
		return
	}
	defer f.Close() //nolint:errcheck // it was only read
	hash := sha256.New()
	bounded := &io.LimitedReader{R: f, N: most + 1}
	r := bufio.NewReader(io.TeeReader(bounded, hash))
	skipMark(r)
	problem := read(r)
	switch {
	case bounded.N == 0:
		p.fail(path, "%s holds more than %d MiB: name a smaller file", name, most>>20)
	case problem != nil:
		p.problems = append(p.problems, *problem)
	}
	p.policy.Inputs = append(p.policy.Inputs, PolicyInput{Name: name, Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil))})
}

// skipMark passes over a byte order mark.
func skipMark(r *bufio.Reader) {
	const mark = "\ufeff"
	if b, err := r.Peek(len(mark)); err == nil && string(b) == mark {
		_, _ = r.Discard(len(mark)) // cannot fail: it was peeked
	}
}

// readText reads all that is left.
func readText(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return text, nil
}

func placeAt(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
