package terraform

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxValue bounds, in bytes, how long one value of a state may be that the decoder must hold as a whole: a string, or
// the attributes of an instance. No provider writes such a value; a damaged file may.
const maxValue = 32 << 20

// bounded is a reader that ends with an error once its decoder holds more than maxValue bytes that it cannot take.
type bounded struct {
	r    io.Reader
	d    *jsontext.Decoder
	read int64
}

// newBounded returns a decoder of a state whose memory is bounded, whatever the file holds.
func newBounded(r io.Reader) *jsontext.Decoder {
	b := &bounded{r: r}
	b.d = jsontext.NewDecoder(b, jsontext.AllowDuplicateNames(true))
	return b.d
}

func (b *bounded) Read(p []byte) (int, error) {
	taken := b.d.InputOffset()
	room := maxValue - (b.read - taken)
	if room <= 0 {
		return 0, fmt.Errorf("the value behind byte %d is longer than %d MiB: look at what stands there, or fetch the state again", taken, maxValue>>20)
	}
	n, err := b.r.Read(p[:min(room, int64(len(p)))])
	b.read += int64(n)
	return n, err
}
