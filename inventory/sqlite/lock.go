package sqlite

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/muster-audit/muster/inventory"
)

// holder is what a lock file says of the process that holds it.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// acquire takes the store's lock: a lock of the operating system on a file beside the store, which ends with its
// process however that ends. The file stays; its content only tells others who holds it.
func (s *Store) acquire(command string) (*flock.Flock, error) {
	if s.writer == nil {
		return nil, fmt.Errorf("the store was opened for reading only")
	}
	path := s.path + ".lock"
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		return nil, s.lockedBy(path)
	}
	if err := s.sign(path, command); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, firstOf(err, l.Unlock()))
	}
	return l, nil
}

func (s *Store) sign(path, command string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	if command == "" {
		command = s.command
	}
	text, err := json.Marshal(holder{PID: os.Getpid(), Host: host, Command: command, Since: s.now().UTC()})
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// lockedBy names the holder. A file that tells nothing belongs to a process that took the lock this very moment.
func (s *Store) lockedBy(path string) error {
	e := &inventory.LockedError{Store: s.path, Host: "unknown host", Command: "unknown command"}
	text, err := os.ReadFile(path)
	if err != nil {
		return e
	}
	var h holder
	if json.Unmarshal(text, &h) == nil {
		e.PID, e.Host, e.Command, e.Since = h.PID, h.Host, h.Command, h.Since
	}
	return e
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// unlock empties the lock file and gives the lock back.
func (s *Store) unlock(l *flock.Flock) error {
	return firstOf(os.Truncate(l.Path(), 0), l.Unlock())
}
