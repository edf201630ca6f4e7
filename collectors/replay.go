package collectors

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// Replay opens a recording that a collector made, in a folder relative to Dir. The Env that it returns has the recording's clock and
// the key of its hashes, with which a replay comes to the same assets.
func (e Env) Replay(folder, collector string) (*tape.Player, Env, error) {
	p, err := tape.Open(filepath.Join(e.Dir, folder))
	if err != nil {
		return nil, e, err
	}
	h := p.Header()
	if h.Collector != collector {
		return nil, e, errors.Join(fmt.Errorf("replay %s: it was recorded from %q, not from %s", folder, h.Collector, collector), p.Close())
	}
	if !h.Complete && e.Log != nil {
		e.Log.Warn("the recording was broken off: what is not in it cannot be read", "replay", folder)
	}
	e.Secret = inventory.NewSecretHash(h.HashKey)
	e.Now = func() time.Time { return h.Recorded }
	return p, e, nil
}
