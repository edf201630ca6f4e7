package cmdb

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// pages is what a document says of how much there is besides its own.
type pages struct {
	total int64
	next  bool
	named string
}

// note takes a member of the document that may say so.
func (p *pages) note(name string, v jsontext.Value) {
	switch name {
	case "count", "total", "total_count", "totalCount", "recordsTotal":
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && n > p.total {
			p.total, p.named = n, name
		}
	case "next", "nextLink", "@odata.nextLink", "nextPageToken", "NextToken", "next_page":
		p.next = v.Kind() == '"' && len(v) > len(`""`) || v.Kind() == '0' && string(v) != "0" || v.Kind() == '{'
	case "links":
		p.next = bytes.Contains(v, []byte(`"next"`)) && !nullNext(v)
	}
}

// nullNext reports whether the links of a page lead to no next one.
func nullNext(v jsontext.Value) bool {
	v = v.Clone()
	if v.Compact() != nil {
		return false
	}
	return bytes.Contains(v, []byte(`"next":null`)) || bytes.Contains(v, []byte(`"next":""`))
}

// partial says how a document says that it is not all; empty if it does not.
func (p *pages) partial(records int) string {
	switch {
	case p.next:
		return fmt.Sprintf("it is a page of %d assets, and names a next one", records)
	case p.total > int64(records):
		return fmt.Sprintf("it holds %d of %d assets (%q)", records, p.total, p.named)
	}
	return ""
}
