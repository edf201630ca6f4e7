package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/muster-audit/muster/rules/strictyaml"
)

// overridable lists the settings that a variable or flag may set: "gate.fail_on" is MUSTER_GATE_FAIL_ON.
func overridable() []string {
	return []string{
		"store", "policy", "gate.fail_on", "gate.new_only", "gate.baseline", "gate.min_tag_coverage", "gate.min_iac_coverage",
		"gate.incomplete", "gate.where", "scan.parallel", "scan.attempts", "scan.timeout",
	}
}

// Variable returns the name of the environment variable of a setting.
func Variable(key string) string {
	return "MUSTER_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// settings lays variables and flags over the file's values. Each layer is decoded on its own key, so that a bad value is
// blamed on the place that it came from.
func (l *loader) settings(raw document) {
	v := viper.New()
	for key, value := range fileValues(l.config.Dir, raw) {
		v.SetDefault(key, value)
	}
	given := map[string]string{}
	for _, key := range overridable() {
		if value := l.in.Getenv(Variable(key)); value != "" {
			v.Set(key, value)
			given[key] = Variable(key)
		}
	}
	for key, value := range l.in.Overrides {
		v.Set(key, value)
		given[key] = "--" + flagName(key)
	}
	l.config.blame = func(key, message string) strictyaml.Problem {
		if from, ok := given[key]; ok {
			return strictyaml.Problem{File: from, Message: message}
		}
		return l.doc.Problem(key, "%s", message)
	}
	bad := l.decode(v)
	l.config.Gate.AcceptUnread = raw.Gate.AcceptUnread
	l.validate(bad)
}

// Problem says what is wrong with a setting, and where it comes from: a flag, a variable or a place in the file.
func (c *Config) Problem(key, message string) strictyaml.Problem { return c.blame(key, message) }

func flagName(key string) string {
	return strings.ReplaceAll(key[strings.LastIndexByte(key, '.')+1:], "_", "-")
}

func fileValues(dir string, raw document) map[string]any {
	policies := make([]string, len(raw.Policy))
	for i, p := range raw.Policy {
		policies[i] = absolute(dir, p)
	}
	return map[string]any{
		"store": absolute(dir, raw.Store), "policy": policies,
		"gate.fail_on": raw.Gate.FailOn.String(), "gate.new_only": raw.Gate.NewOnly,
		"gate.baseline":         absolute(dir, raw.Gate.Baseline),
		"gate.min_tag_coverage": raw.Gate.MinTagCoverage, "gate.min_iac_coverage": raw.Gate.MinIaCCoverage,
		"gate.incomplete": string(raw.Gate.Incomplete), "gate.where": raw.Gate.Where,
		"scan.parallel": raw.Scan.Parallel, "scan.attempts": raw.Scan.Attempts, "scan.timeout": raw.Scan.Timeout,
	}
}

// decode fills the settings key by key, so that each error names its key, and returns the keys that it could not fill.
func (l *loader) decode(v *viper.Viper) map[string]bool {
	bad := map[string]bool{}
	hooks := viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(
		mapstructure.TextUnmarshallerHookFunc(), mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(","),
	))
	for _, key := range overridable() {
		if err := v.UnmarshalKey(key, l.config.target(key), hooks); err != nil {
			bad[key] = true
			l.add(l.config.Problem(key, unreadable(v.GetString(key), l.config.target(key), err)))
		}
	}
	return bad
}

// unreadable says in words what a value should have been.
func unreadable(value string, target any, err error) string {
	switch target.(type) {
	case *bool:
		return fmt.Sprintf("%q: use true or false", value)
	case *int:
		return fmt.Sprintf("%q is no whole number", value)
	case *float64:
		return fmt.Sprintf("%q is no number", value)
	case *time.Duration:
		return fmt.Sprintf("%q is no length of time: write 90s, 15m or 2h", value)
	}
	return innermost(err)
}

// target returns a pointer to the setting with a key of overridable.
func (c *Config) target(key string) any {
	return map[string]any{
		"store": &c.Store, "policy": &c.Policy, "gate.fail_on": &c.Gate.FailOn, "gate.new_only": &c.Gate.NewOnly,
		"gate.baseline": &c.Gate.Baseline, "gate.min_tag_coverage": &c.Gate.MinTagCoverage,
		"gate.min_iac_coverage": &c.Gate.MinIaCCoverage, "gate.incomplete": &c.Gate.Incomplete, "gate.where": &c.Gate.Where,
		"scan.parallel": &c.Scan.Parallel, "scan.attempts": &c.Scan.Attempts, "scan.timeout": &c.Scan.Timeout,
	}[key]
}

// innermost returns the message of the error at the end of the chain, without the decoder's preamble.
func innermost(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "'' ")
}

// validate checks the range of every setting that could be read.
func (l *loader) validate(bad map[string]bool) {
	fail := func(key, format string, args ...any) {
		if !bad[key] {
			l.add(l.config.Problem(key, fmt.Sprintf(format, args...)))
		}
	}
	g, s := l.config.Gate, l.config.Scan
	for key, percent := range map[string]float64{"gate.min_tag_coverage": g.MinTagCoverage, "gate.min_iac_coverage": g.MinIaCCoverage} {
		switch {
		case percent > 0 && percent <= 1:
			fail(key, "%v is a percentage, not a fraction: write %v", percent, percent*100)
		case percent < 0 || percent > 100:
			fail(key, "%v is no percentage from 0 to 100", percent)
		}
	}
	if s.Parallel < 1 || s.Parallel > 256 {
		fail("scan.parallel", "%d: use 1 to 256", s.Parallel)
	}
	if s.Attempts < 1 || s.Attempts > 20 {
		fail("scan.attempts", "%d: use 1 to 20", s.Attempts)
	}
	if s.Timeout < 0 {
		fail("scan.timeout", "%v is negative", s.Timeout)
	}
	l.acceptUnread()
}

func (l *loader) acceptUnread() {
	for i, a := range l.config.Gate.AcceptUnread {
		path := fmt.Sprintf("gate.accept_unread[%d]", i)
		if a.Source == "" || a.Scope == "" || a.Reason == "" || a.Owner == "" || a.Expires.IsZero() {
			l.fail(path, "needs source, scope, reason, owner and expires")
		}
	}
}

// digest identifies the bytes of a file.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
