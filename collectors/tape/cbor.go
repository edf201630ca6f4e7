package tape

import "encoding/binary"

// cborParser notes where the values of a CBOR item stand (RFC 8949). The SDK has a codec of its own, which it says is not for
// others; it writes maps in any order and passes over what follows the item.
type cborParser struct {
	builder
	body []byte
	at   int
}

// The major types of CBOR, the argument that says "until a break", and the break.
const (
	cborUint       = 0
	cborNegative   = 1
	cborBytes      = 2
	cborText       = 3
	cborList       = 4
	cborMap        = 5
	cborTag        = 6
	cborIndefinite = 31
	cborBreak      = 0xff
)

func parseCBOR(body []byte) (*document, error) {
	p := &cborParser{body: body}
	root, err := p.value("", 0)
	if err != nil {
		return nil, err
	}
	if p.at != len(body) {
		return nil, errUnsearchable
	}
	return &document{format: cborBody, body: body, root: root}, nil
}

// head is the beginning of an item.
type head struct {
	major      byte
	arg        uint64
	indefinite bool
}

func (p *cborParser) head() (head, error) {
	if p.at >= len(p.body) {
		return head{}, errUnsearchable
	}
	h := head{major: p.body[p.at] >> 5}
	minor := p.body[p.at] & 0x1f
	p.at++
	switch {
	case minor < 24:
		h.arg = uint64(minor)
	case minor < 28:
		size := 1 << (minor - 24)
		if len(p.body)-p.at < size {
			return head{}, errUnsearchable
		}
		var wide [8]byte
		copy(wide[8-size:], p.body[p.at:])
		h.arg = binary.BigEndian.Uint64(wide[:])
		p.at += size
	case minor == cborIndefinite && h.major >= cborBytes && h.major <= cborMap:
		h.indefinite = true
	default:
		return head{}, errUnsearchable
	}
	return h, nil
}

func (p *cborParser) value(name string, depth int) (node, error) {
	n, err := p.node(other, name)
	if err != nil || depth > deepest {
		return n, orUnsearchable(err)
	}
	n.start = p.at
	h, err := p.head()
	if err != nil {
		return n, err
	}
	switch h.major {
	case cborUint, cborNegative:
		n.kind, n.text = number, string(p.body[n.start:p.at])
	case cborBytes, cborText:
		n.kind = text
		if h.major == cborBytes {
			n.form = bytewise
		}
		n.text, err = p.text(h)
	case cborList:
		n.kind = list
		err = p.items(&n, h, depth)
	case cborMap:
		n.kind = object
		err = p.members(&n, h, depth)
	case cborTag:
		return p.tagged(n, depth)
	default:
		n.text = string(p.body[n.start:p.at])
		if p.at-n.start > 2 {
			n.kind = number // a float
		}
	}
	n.end = p.at
	return n, err
}

func orUnsearchable(err error) error {
	if err == nil {
		return errUnsearchable
	}
	return err
}

// tagged reads the item of a tag. A tagged number is a time or the like and hides nothing.
func (p *cborParser) tagged(n node, depth int) (node, error) {
	inner, err := p.value(n.name, depth+1)
	if err == nil && inner.kind == number {
		inner.kind = other
		inner.text = string(p.body[n.start:p.at])
	}
	return inner, err
}

// text reads the rest of a text or of bytes, which may come in pieces.
func (p *cborParser) text(h head) (string, error) {
	if !h.indefinite {
		return p.take(h.arg)
	}
	var all []byte
	for !p.ends() {
		piece, err := p.head()
		if err != nil || piece.major != h.major || piece.indefinite {
			return "", errUnsearchable
		}
		s, err := p.take(piece.arg)
		if err != nil {
			return "", err
		}
		all = append(all, s...)
	}
	return string(all), nil
}

func (p *cborParser) take(size uint64) (string, error) {
	if size > uint64(len(p.body)-p.at) {
		return "", errUnsearchable
	}
	s := string(p.body[p.at : p.at+int(size)])
	p.at += int(size)
	return s, nil
}

// ends passes over a break.
func (p *cborParser) ends() bool {
	if p.at < len(p.body) && p.body[p.at] == cborBreak {
		p.at++
		return true
	}
	return false
}

// more reports whether a compound goes on after i items.
func (p *cborParser) more(h head, i uint64) bool {
	if h.indefinite {
		return !p.ends()
	}
	return i < h.arg
}

func (p *cborParser) items(n *node, h head, depth int) error {
	for i := uint64(0); p.more(h, i); i++ {
		kid, err := p.value(n.name, depth+1)
		if err != nil {
			return err
		}
		kid.listed = true
		n.kids = append(n.kids, kid)
	}
	return nil
}

func (p *cborParser) members(n *node, h head, depth int) error {
	for i := uint64(0); p.more(h, i); i++ {
		key, err := p.head()
		if err != nil || key.major != cborText {
			return errUnsearchable
		}
		name, err := p.text(key)
		if err != nil {
			return err
		}
		kid, err := p.value(name, depth+1)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
	return nil
}

// cborString writes a text or bytes.
func cborString(s string, f form) []byte {
	major := byte(cborText)
	if f == bytewise {
		major = cborBytes
	}
	switch size := uint64(len(s)); {
	case size < 24:
		return append([]byte{major<<5 | byte(size)}, s...)
	case size < 1<<8:
		return append([]byte{major<<5 | 24, byte(size)}, s...)
	case size < 1<<16:
		return append(binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(size)), s...)
	default:
		return append(binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(size)), s...)
	}
}
