package cmdb

import (
	"fmt"
	"slices"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// defaultRowLimit is after how many rows ServiceNow ends an export, whatever its format, unless somebody raised its limit.
const defaultRowLimit = 10_000

// sheetLimit is after how many rows ServiceNow begins another sheet of an .xls, which may be an .xlsx by now.
const sheetLimit = 32_000

// end tells what the last row was, if no asset, and is an error if the file is only a part of the register.
func (f *file) end(t table, r *files.Raw, out collectors.Sink) error {
	e := t.ending()
	if e.footers > 0 {
		out.Note(collectors.Facts{DataTime: r.ModTime, Detail: f.detail + ", last row a sum"})
	}
	rows := f.rows
	switch {
	case rows == 0 && e.footers == 0 && !f.headed(t.head()):
		return f.failed(fmt.Errorf("there is nothing below the only line, %s, which may be a header or a message: check whether the export ran to its end",
			quoteAll(t.head())))
	case e.stopped:
		return f.untrusted("%q ends with a row that says it is not all: export it in parts, or in a format without a limit, as CSV", f.id)
	case e.partial != "":
		return f.untrusted("%q is not all of the register, %s: export all pages, without an error, into one file", f.id, e.partial)
	case f.options.RowLimit == 0:
		return nil
	case e.full > 0 && rows == e.full:
		return f.untrusted("%q has exactly %d rows, after which an export goes on in another sheet: export CSV, or set row_limit: 0 if these are all",
			f.id, rows)
	case rows == f.options.RowLimit && fromServiceNow(t.head(), e.classed):
		return f.untrusted("%q has exactly %d rows, at which ServiceNow ends an export: export it in parts or raise the export limit there, "+
			"or set row_limit: 0 if these are all", f.id, rows)
	}
	return nil
}

// headed reports whether a header without rows is one beyond doubt, and no message of what should have exported.
func (f *file) headed(header []string) bool {
	return sure(headRow{cells: header}, f.options)
}

func (f *file) untrusted(format string, args ...any) error {
	return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf(format, args...)}
}

// fromServiceNow reports whether a header looks like that of an export of ServiceNow, by the names of its fields or their labels.
func fromServiceNow(header []string, classed bool) bool {
	return slices.ContainsFunc(header, func(name string) bool {
		switch name {
		case classColumn:
			return !classed
		case "sys_id", "sys_id.value", "sys_class_name.value", "Sys ID", "Class":
			return true
		}
		return false
	})
}
