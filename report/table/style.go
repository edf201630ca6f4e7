package tablereport

import "github.com/muster-audit/muster/rules"

// style paints words with ANSI sequences, or leaves them as they are. It must be given text that is clean already.
type style struct{ on bool }

func (s style) bad(t string) string    { return s.paint("1;31", t) }
func (s style) warn(t string) string   { return s.paint("1;33", t) }
func (s style) good(t string) string   { return s.paint("1;32", t) }
func (s style) strong(t string) string { return s.paint("1", t) }
func (s style) faint(t string) string  { return s.paint("2", t) }

func (s style) severity(v rules.Severity) string {
	switch v {
	case rules.Critical:
		return s.paint("1;35", v.String())
	case rules.High:
		return s.paint("31", v.String())
	case rules.Medium:
		return s.paint("33", v.String())
	default:
		return s.paint("36", v.String())
	}
}

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
