package activity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxRecord bounds one event, in bytes. CloudTrail's are at most 1 MiB, Google's 256 KiB.
const maxRecord = 4 << 20

// Problem says where a log could not be read further, and why. It quotes nothing of the log.
type Problem struct {
	Byte  int64 // offset in the log, unpacked
	Event int   // events before it
	Err   error
}

// Error implements error.
func (p *Problem) Error() string {
	return fmt.Sprintf("byte %d, after event %d: %v", p.Byte, p.Event, p.Err)
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// errNoLog is for JSON that holds no event.
var errNoLog = errors.New("it holds no event of CloudTrail or of a Google Cloud audit log: export it as docs/activity.md says")

// Read reads a log, unpacked: the files that CloudTrail writes, what "aws cloudtrail lookup-events" or "gcloud logging read --format json"
// prints, or one event in each line. The error is a *Problem, or that of ctx; what was read before it counts.
func (s *Search) Read(ctx context.Context, r io.Reader) error {
	p := &parser{ctx: ctx, search: s, words: newVocabulary()}
	b := &bounded{r: &marks{r: r}}
	b.d = jsontext.NewDecoder(b, tolerant()...)
	p.d = b.d
	err := p.log()
	if p.events > 0 {
		s.logs.Files++
	}
	if err == nil && p.events == 0 && !p.known {
		err = errNoLog
	}
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if b.failed != nil {
		err = b.failed
	}
	return &Problem{Byte: p.d.InputOffset(), Event: p.events, Err: plain(err)}
}

// plain says what is wrong without quoting what stands there.
func plain(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the log ends in the middle: export it again")
	case errors.As(err, &syntax):
		return errors.New("it is not JSON here: export it again")
	}
	return err
}

// parser reads one log.
type parser struct {
	ctx    context.Context //nolint:containedctx // it lives as long as Read
	search *Search
	words  *vocabulary
	d      *jsontext.Decoder
	events int
	known  bool // it is a log, even one without events
}

// log reads all values of a file.
func (p *parser) log() error {
	for {
		switch p.d.PeekKind() {
		case '[':
			if err := p.list(); err != nil {
				return err
			}
		case '{':
			if err := p.document(); err != nil {
				return err
			}
		default:
			_, err := p.d.ReadToken()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = errNoLog
			}
			return err
		}
	}
}

// list reads a list of events.
func (p *parser) list() error {
	if _, err := p.d.ReadToken(); err != nil {
		return err
	}
	p.known = p.known || p.d.PeekKind() == ']'
	for p.d.PeekKind() != ']' {
		v, err := p.d.ReadValue()
		if err != nil {
			return err
		}
		if err := p.event(v); err != nil {
			return err
		}
	}
	_, err := p.d.ReadToken()
	return err
}

// document reads an object: one event, or what holds a list of them. Until it is clear which, its members are kept.
func (p *parser) document() error {
	if _, err := p.d.ReadToken(); err != nil {
		return err
	}
	kept := bytes.NewBufferString("{")
	for p.d.PeekKind() == '"' {
		name, err := p.d.ReadValue()
		if err != nil {
			return err
		}
		key := string(name)
		if (key == `"Records"` || key == `"Events"`) && p.d.PeekKind() == '[' {
			p.known = true
			if err := p.list(); err != nil {
				return err
			}
			continue
		}
		v, err := p.d.ReadValue()
		if err != nil {
			return err
		}
		if kept.Len()+len(key)+len(v) > maxRecord {
			return fmt.Errorf("an event is longer than %d MiB: look at what stands there, or export it again", maxRecord>>20)
		}
		if kept.Len() > 1 {
			kept.WriteByte(',')
		}
		kept.WriteString(key + ":")
		kept.Write(v)
	}
	if _, err := p.d.ReadToken(); err != nil {
		return err
	}
	kept.WriteByte('}')
	return p.event(kept.Bytes())
}

// event reads one event, and hands it on. What is none, as a digest file of CloudTrail, is passed over.
func (p *parser) event(v jsontext.Value) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	var r record
	decode(v, &r)
	if r.CloudTrail != "" {
		inner := jsontext.Value(r.CloudTrail)
		r = record{}
		if inner.IsValid(tolerant()...) {
			decode(inner, &r)
		}
	}
	e, ok := event{}, false
	if len(r.ProtoPayload) > 0 {
		e, ok = p.auditEvent(&r)
	} else {
		e, ok = p.trailEvent(&r)
	}
	if !ok {
		p.known = p.known || isDigest(v)
		return nil
	}
	p.events++
	p.search.see(&e)
	return nil
}

// isDigest reports whether a document is one of the digests that CloudTrail writes beside its logs.
func isDigest(v jsontext.Value) bool {
	var d struct {
		Bucket loose `json:"digestS3Bucket"`
	}
	decode(v, &d)
	return d.Bucket != ""
}

// bounded is a reader that ends with an error once its decoder holds more than maxRecord bytes that it cannot take.
type bounded struct {
	r    io.Reader
	d    *jsontext.Decoder
	read int64

	failed error // what kept it from reading
}

// Read implements io.Reader.
func (b *bounded) Read(into []byte) (int, error) {
	room := maxRecord - (b.read - b.d.InputOffset())
	if room <= 0 {
		b.failed = fmt.Errorf("what follows is longer than %d MiB: look at what stands there, or export it again", maxRecord>>20)
		return 0, b.failed
	}
	n, err := b.r.Read(into[:min(room, int64(len(into)))])
	b.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// marks passes over a byte order mark, and tells UTF-16 apart, which PowerShell writes.
type marks struct {
	r     io.Reader
	begun bool
	rest  []byte
	err   error
}

// Read implements io.Reader.
func (m *marks) Read(into []byte) (int, error) {
	if !m.begun {
		m.begun = true
		head := make([]byte, 3)
		n, err := io.ReadFull(m.r, head)
		head = head[:n]
		switch {
		case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
			return 0, errors.New("it is UTF-16: write it as UTF-8")
		case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
			head = nil
		}
		if m.rest = head; err != nil {
			m.err = io.EOF
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				m.err = err
			}
		}
	}
	if len(m.rest) > 0 {
		n := copy(into, m.rest)
		m.rest = m.rest[n:]
		return n, nil
	}
	if m.err != nil {
		return 0, m.err
	}
	return m.r.Read(into)
}
