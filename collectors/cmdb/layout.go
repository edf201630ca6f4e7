package cmdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// layout says which column of a file means what.
type layout struct {
	width  int
	fields [fieldCount]int // column, or -1
	tags   []binding       // sorted by name
	// tagged says that at least one column is a tag, so that the tags of every row are known.
	tagged bool
	attrs  []binding // sorted by name
	mapped []int     // every column that means something, ascending
}

// binding gives a column a name.
type binding struct {
	name   string
	column int
}

// newLayout finds the configured columns, or the usual ones, in a header.
func newLayout(header []string, o *Options) (*layout, error) {
	l := &layout{width: len(header)}
	h := &headers{names: header}
	if o.Columns == (Columns{}) {
		l.fields = h.recognise()
	} else {
		l.fields = h.configured(&o.Columns)
	}
	l.tags = h.bind("tags", o.Tags)
	l.attrs = h.bind("attributes", o.Attributes)
	if h.err != nil {
		return nil, h.err
	}
	if !slices.ContainsFunc(l.keyFields(), func(c int) bool { return c >= 0 }) {
		return nil, fmt.Errorf("no column tells the assets apart; the columns are %s: say with columns which is the name or the serial",
			quoteAll(header))
	}
	l.addOwnerTag(o)
	l.addPlainAttributes()
	l.tagged = len(l.tags) > 0
	l.mapped = l.columns()
	return l, nil
}

// addOwnerTag makes a tag of a configured owner column. One that was merely recognised stays an attribute: nobody said
// that the register has tags.
func (l *layout) addOwnerTag(o *Options) {
	if o.Columns.Owner == "" {
		return
	}
	if _, ok := o.Tags["owner"]; !ok {
		l.tags = insert(l.tags, binding{"owner", l.fields[fieldOwner]})
	}
}

// addPlainAttributes keeps the raw text of columns that are turned into something else.
func (l *layout) addPlainAttributes() {
	for _, f := range []field{fieldOwner, fieldStatus, fieldType} {
		if l.fields[f] >= 0 {
			l.attrs = insert(l.attrs, binding{fieldNames()[f], l.fields[f]})
		}
	}
}

// keyFields lists the columns that can make a key, or -1, the surest first.
func (l *layout) keyFields() []int {
	var list []int
	for _, f := range keyOrder() {
		list = append(list, l.fields[f])
	}
	return list
}

// insert adds a binding to a sorted list unless its name is there.
func insert(list []binding, b binding) []binding {
	i, found := slices.BinarySearchFunc(list, b.name, func(b binding, name string) int { return strings.Compare(b.name, name) })
	if found {
		return list
	}
	return slices.Insert(list, i, b)
}

func (l *layout) columns() []int {
	var list []int
	for _, c := range l.fields {
		if c >= 0 {
			list = append(list, c)
		}
	}
	for _, b := range slices.Concat(l.tags, l.attrs) {
		list = append(list, b.column)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// headers looks columns up and keeps the first error.
type headers struct {
	names []string
	err   error
}

// find returns the column that an option names. Of several with one header the second is also called "Header (2)".
func (h *headers) find(option, name string) int {
	name = strings.TrimFunc(name, isBlank)
	first := slices.Index(h.names, name)
	if first < 0 {
		first = h.numbered(name)
	}
	switch {
	case h.err != nil:
	case first < 0:
		h.err = fmt.Errorf("%s: there is no column %q%s; the columns are %s", option, name, nearest(name, h.names), quoteAll(h.distinct()))
	case h.names[first] == name && slices.Contains(h.names[first+1:], name):
		h.err = fmt.Errorf("%s: there are two columns %q: say %q or %q, or rename one in the export", option, name, name+" (1)", name+" (2)")
	}
	return first
}

// numbered returns the column that is the n-th with its header, of a name such as "Header (2)", or -1.
func (h *headers) numbered(name string) int {
	at := strings.LastIndex(name, " (")
	if at < 0 {
		return -1
	}
	base := name[:at]
	n, err := strconv.Atoi(strings.TrimSuffix(name[at+len(" ("):], ")"))
	if err != nil || name != fmt.Sprintf("%s (%d)", base, n) {
		return -1
	}
	var same []int
	for i, other := range h.names {
		if other == base {
			same = append(same, i)
		}
	}
	if len(same) < 2 || n < 1 || n > len(same) {
		return -1
	}
	return same[n-1]
}

// distinct lists the headers, with numbers behind those that were there before.
func (h *headers) distinct() []string {
	seen := map[string]int{}
	list := make([]string, len(h.names))
	for i, name := range h.names {
		list[i] = name
		if seen[name]++; seen[name] > 1 && name != "" {
			list[i] = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
	return list
}

func nearest(name string, names []string) string {
	if n := inventory.Nearest(name, names); n != "" {
		return fmt.Sprintf(", did you mean %q?", n)
	}
	return ""
}

func quoteAll[T ~string](names []T) string {
	const most = 40
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q", n))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

func (h *headers) configured(c *Columns) [fieldCount]int {
	var columns [fieldCount]int
	for f, name := range c.named() {
		columns[f] = -1
		if name != "" {
			columns[f] = h.find("columns."+fieldNames()[f], name)
		}
	}
	return columns
}

// bind finds the columns of a map from name to column.
func (h *headers) bind(option string, m map[string]string) []binding {
	var list []binding
	for _, name := range sortedKeys(m) {
		list = append(list, binding{name, h.find(option+"."+name, m[name])})
	}
	return list
}

// recognise finds the columns with usual headers. Of several for one field the one whose header is listed first counts,
// and of equal headers the first column.
func (h *headers) recognise() [fieldCount]int {
	plain := make([]string, len(h.names))
	for i, n := range h.names {
		plain[i] = plainHeader(n)
	}
	var columns [fieldCount]int
	for f, known := range usualHeaders() {
		columns[f] = -1
		for _, k := range known {
			if i := slices.Index(plain, k); i >= 0 {
				columns[f] = i
				break
			}
		}
	}
	return columns
}

// plainHeader leaves the letters and digits of a header, in lower case, without a mark that it is optional.
func plainHeader(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), "(optional)")
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// usualHeaders lists, by field, plain headers that need no configuration, the surest first.
func usualHeaders() [fieldCount][]string {
	return [fieldCount][]string{
		fieldKey:        {"key", "sysid", "ciid", "id"},
		fieldName:       {"name", "ciname", "assetname", "itemname", "displayname", "machinename", "vmname", "devicename", "device"},
		fieldType:       {"type", "assettype", "devicetype", "ciclass", "sysclassname", "class", "category"},
		fieldSerial:     {"serial", "serialnumber", "serialno", "sn", "servicetag"},
		fieldAssetTag:   {"assettag", "assetno", "assetnumber", "inventorynumber", "assetid", "tagno", "barcode"},
		fieldUUID:       {"uuid", "biosuuid", "smbiosuuid", "vmuuid", "systemuuid", "smbiosid"},
		fieldInstanceID: {"instanceid", "cloudinstanceid", "vminstid"},
		fieldFQDN:       {"fqdn", "fullyqualifieddomainname", "dnsname"},
		fieldHostname:   {"hostname", "host", "computername", "servername"},
		fieldIP:         {"ip", "ipaddress", "ipaddresses", "primaryip", "primaryipaddress", "ipv4address", "managementip", "privateip"},
		fieldMAC:        {"mac", "macaddress", "macaddresses", "primarymacaddress"},
		fieldAccount:    {"account", "accountid", "awsaccountid", "projectid"},
		fieldRegion:     {"region", "awsregion"},
		fieldZone:       {"zone", "availabilityzone"},
		fieldStatus:     {"status", "assetstatus", "lifecyclestatus", "lifecycle", "operationalstatus", "state"},
		fieldOwner:      {"owner", "assetowner", "businessowner", "ownedby"},
		fieldCreated:    {"created", "createdon", "syscreatedon", "createdat", "createdate"},
	}
}
