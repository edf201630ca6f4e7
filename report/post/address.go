package post

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// Address is where messages go. It prints as nothing.
type Address struct{ url *url.URL }

// String tells nothing of it.
func (Address) String() string { return "(address)" }

// GoString tells nothing of it.
func (Address) GoString() string { return "(address)" }

// Host is the name of the server, for people. It must not be shown where the address is a secret.
func (a Address) Host() string { return a.url.Host }

// HasPassword reports whether the address itself holds a name or password.
func (a Address) HasPassword() bool { return a.url.User != nil }

// ParseAddress reads an address. Its errors quote nothing of it.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return Address{}, errors.New("the address is no URL")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.Opaque != "":
		return Address{}, errors.New("the address must begin with https:// and name a server")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return Address{}, errors.New("the address must begin with https://: what is sent tells of weaknesses (http:// is for servers on this machine)")
	case u.Fragment != "":
		return Address{}, errors.New("the address has a part after #, which no server sees: take it away")
	}
	return Address{u}, nil
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }
