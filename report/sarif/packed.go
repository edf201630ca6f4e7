package sarifreport

import "compress/gzip"

// packed counts how big what is written to it is when it is packed, as uploads are. The count lags behind by what the packer
// has not given out yet, at most some 100 kB.
type packed struct {
	gzip *gzip.Writer
	n    counter
}

// counter counts bytes.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func newPacked() *packed {
	p := &packed{}
	p.gzip = gzip.NewWriter(&p.n)
	return p
}

func (p *packed) Write(text []byte) (int, error) { return p.gzip.Write(text) }

func (p *packed) bytes() int { return int(p.n) }
