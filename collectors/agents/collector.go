package agents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Kind is one kind of export.
type Kind struct {
	Name    string // as in the config's "collector"
	Summary string // one line for "muster collectors"
	Reads   string // what to run to get the export
	// AnyName says that every file of a folder counts; else those that end in .json, .ndjson or .jsonl.
	AnyName bool
	// FileID returns how a file of a folder calls the one machine that it is about, by its name without the folder; nil if the
	// name says nothing.
	FileID func(base string) string
	// Joined says that all files of a source speak of the same machines and are one scope, of the kind's name.
	Joined bool
	// Reader returns what reads one scope.
	Reader func() Reader
}

// Reader makes hosts of the files of a scope, one after the other. It belongs to one goroutine.
type Reader interface {
	// Read reads one file. It returns the errors of out and of the file.
	Read(ctx context.Context, f *File, out *Out) error
	// End comes after the last file.
	End(ctx context.Context, out *Out) error
}

// Spec describes the collector of a kind.
func (k Kind) Spec() collectors.Spec {
	return collectors.Spec{
		Name: k.Name, Summary: k.Summary, Books: []inventory.Book{inventory.Observed},
		Reads:      k.Reads + "\nIt needs the right to read the files, and nothing else.",
		NewOptions: func() any { return NewOptions() },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector %s: options are %T", k.Name, options)
			}
			return &collector{kind: k, env: env, options: *o}, nil
		},
	}
}

type collector struct {
	kind    Kind
	env     collectors.Env
	options Options
}

// Collect reads the files of one scope.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	list, err := c.unitsOf(ctx, s)
	if err != nil {
		return err
	}
	r, o := c.kind.Reader(), c.newOut(out)
	var written time.Time
	var broken error // the first file of several that could not be read whole
	for _, u := range list {
		modified, err := c.read(ctx, u, r, o)
		if !modified.IsZero() && (written.IsZero() || modified.After(written) != c.kind.Joined) {
			written = modified // the newest file of a folder; of files that are joined the oldest
			out.Note(collectors.Facts{DataTime: written})
		}
		switch {
		case err == nil:
		case ctx.Err() != nil || o.refused != nil:
			return cmp.Or(ctx.Err(), o.refused)
		case u.inFolder:
			o.unreadable(c.kind, u.scope.ID, err)
		default:
			broken = cmp.Or(broken, err)
		}
	}
	o.files, o.broken = len(list), broken != nil || o.skipped > 0 || o.unread
	if err := r.End(ctx, o); err != nil {
		return err
	}
	return cmp.Or(broken, c.checkAge(s.ID, written))
}

// read reads one file and returns when it was written.
func (c *collector) read(ctx context.Context, u unit, r Reader, o *Out) (time.Time, error) {
	in, err := files.Open(c.env.Dir, u.scope)
	if err != nil {
		return time.Time{}, err
	}
	defer in.Close()
	f := &File{ID: u.scope.ID, ModTime: in.ModTime, InFolder: u.inFolder, Reader: in.Reader, dir: c.env.Dir}
	o.file = f
	err = r.Read(ctx, f, o)
	if told := (*collectors.Error)(nil); err == nil || o.refused != nil || ctx.Err() != nil || errors.As(err, &told) {
		return in.ModTime, err
	}
	return in.ModTime, &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("read %q: %w", u.scope.ID, err)}
}

func (c *collector) newOut(sink collectors.Sink) *Out {
	return &Out{
		sink: sink,
		builder: &builder{
			kind: c.kind.Name, options: &c.options,
			mapping: hosts.NewMapping(c.options.Tags, c.options.Attributes, c.env.Secret),
			checkIn: checkIn{limit: c.options.MaxAge, now: c.env.Now()},
			secrets: catalog.NewConcealer(c.env.Secret),
		},
	}
}

// checkAge distrusts an old export.
func (c *collector) checkAge(id string, written time.Time) error {
	most := c.options.exportAge()
	if most == 0 || written.IsZero() {
		return nil
	}
	age := c.env.Now().Sub(written)
	if age <= most {
		return nil
	}
	name := "max_export_age"
	if c.options.MaxExportAge == 0 {
		name = "max_age"
	}
	return &collectors.Error{Reason: inventory.ReasonStale, Err: fmt.Errorf(
		"%q is %s old, %s is %s: check whether the export still runs", id, age.Round(time.Minute), name, most)}
}

// Out takes what a Reader reads.
type Out struct {
	sink    collectors.Sink
	builder *builder
	file    *File
	refused error // what the sink returned
	skipped int
	unread  bool // a file of a folder could not be read
	// At the end: how many files there were, and whether something of them could not be read.
	files  int
	broken bool
}

// Broken reports to the End of a Reader whether something of its files could not be read, and of how many files they were. What is put
// together of several is then known in part: a machine without the serial number that another file tells would pass for another one.
func (o *Out) Broken() (broken bool, files int) { return o.broken, o.files }

// Host hands a machine over, as read from the file at hand.
func (o *Out) Host(ctx context.Context, h *Host) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.refused = o.sink.Asset(o.builder.asset(h, cmp.Or(h.File, o.file.ID)))
	return o.refused
}

// Paths lists the paths that the options tags and attributes name.
func (o *Out) Paths() []string { return o.builder.mapping.Paths() }

// mostLines bounds for how many skipped records the line is looked up, which reads the file again.
const mostLines = 20

// Skip hands over a record that could not be read. id is how the server calls the machine, empty if that was not read either;
// offset is where the record is, in bytes.
func (o *Out) Skip(id string, offset int64, message, remedy string) {
	p := inventory.Problem{File: o.file.ID, Message: message, Remedy: remedy}
	if id != "" {
		p.Key = o.builder.key(id)
	}
	if o.skipped++; o.skipped <= mostLines {
		p.Line = o.file.line(offset)
	}
	o.sink.Skip(p)
}

// unreadable skips a whole file of a folder.
func (o *Out) unreadable(k Kind, file string, err error) {
	o.unread = true
	p := inventory.Problem{File: file, Message: err.Error(), Remedy: "export it again; the other files of the folder were read"}
	if k.FileID != nil {
		p.Key = o.builder.key(k.FileID(path.Base(file)))
	}
	o.sink.Skip(p)
}
