package exec

import (
	"errors"
	"io"
	"strings"
)

// tail is a writer that keeps the end of what it is given. It is read only after its writer is done.
type tail struct {
	most  int
	kept  []byte
	total int64
}

// Write keeps the end of p.
func (t *tail) Write(p []byte) (int, error) {
	t.total += int64(len(p))
	n := len(p)
	if len(p) > t.most {
		p = p[len(p)-t.most:]
	}
	if over := len(t.kept) + len(p) - t.most; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	t.kept = append(t.kept, p...)
	return n, nil
}

// lastLines returns the last lines that are not blank, at most n and bytes.
func (t *tail) lastLines(n, bytes int) string {
	var list []string
	for line := range strings.Lines(string(t.kept)) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	s := strings.Join(list[max(0, len(list)-n):], "\n")
	return strings.ToValidUTF8(s[max(0, len(s)-bytes):], "")
}

var errOutputLimit = errors.New("output limit")

// limitReader fails once more than left bytes were read.
type limitReader struct {
	r        io.Reader
	left     int64
	exceeded bool
}

// Read reads, and fails beyond the limit.
func (l *limitReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		l.exceeded = true
		return int(l.left), errOutputLimit
	}
	l.left -= int64(n)
	return n, err
}
