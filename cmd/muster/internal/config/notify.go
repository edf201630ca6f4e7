package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/post"
	"github.com/muster-audit/muster/report/webhook"
	"github.com/muster-audit/muster/rules"
)

// Notify is a target that is told after an audit what is new and what was resolved. Secrets are not in it: it names the environment
// variables that hold them.
type Notify struct {
	Type        string         `yaml:"type" jsonschema:"required,enum=webhook,enum=slack" jsonschema_description:"webhook (Standard Webhooks) or slack (an incoming webhook)."`
	URL         string         `yaml:"url" jsonschema_description:"Address of a webhook, where it is no secret."`
	URLEnv      string         `yaml:"url_env" jsonschema:"pattern=^[A-Za-z_][A-Za-z0-9_]*$" jsonschema_description:"Environment variable that holds the address; for slack always, since whoever knows it can post."`
	SecretEnv   string         `yaml:"secret_env" jsonschema:"pattern=^[A-Za-z_][A-Za-z0-9_]*$" jsonschema_description:"Environment variable that holds the secret (whsec_...) that signs a webhook; several with spaces between them."`
	On          []string       `yaml:"on" jsonschema:"enum=new,enum=resolved,enum=unread" jsonschema_description:"What is told: new, resolved, unread (default new and resolved)."`
	MinSeverity rules.Severity `yaml:"min_severity" jsonschema_description:"Mildest severity that is told (default all)."`
	Owners      []string       `yaml:"owners" jsonschema_description:"Owners that are told of, with * for any characters; an empty string stands for findings without a known owner (default all)."`
	OnlyWhen    string         `yaml:"only_when" jsonschema:"enum=any,enum=gate_failed" jsonschema_description:"gate_failed keeps silent while the gate passes (default any)."`
	Always      bool           `yaml:"always" jsonschema_description:"Tell also that nothing is new and nothing was resolved."`
	Required    bool           `yaml:"required" jsonschema_description:"A notification that fails ends the audit with exit code 2."`
	Link        string         `yaml:"link" jsonschema_description:"Address at which people find the whole report."`
}

// The types of targets.
const (
	NotifyWebhook = "webhook"
	NotifySlack   = "slack"
)

// gateFailed is the value of only_when that keeps silent while the gate passes.
const gateFailed = "gate_failed"

// Filter is what the target is told of.
func (n *Notify) Filter() notify.Filter {
	f := notify.Filter{MinSeverity: n.MinSeverity, Owners: n.Owners, GateFailed: n.OnlyWhen == gateFailed, Always: n.Always}
	for _, e := range n.On {
		f.On = append(f.On, notify.Event(e))
	}
	return f
}

func (l *loader) notify(list []Notify) {
	for i := range list {
		n := &list[i]
		check := notifyCheck{n: n, fail: func(key, format string, args ...any) {
			l.fail(strings.TrimSuffix(fmt.Sprintf("notify[%d].%s", i, key), "."), format, args...)
		}}
		check.where()
		check.what()
	}
	l.config.Notify = list
}

// notifyCheck finds what is wrong with a target. What is written in place of a variable's name may be the secret itself: it is not quoted.
type notifyCheck struct {
	n    *Notify
	fail func(key, format string, args ...any)
}

func (c *notifyCheck) where() {
	n := c.n
	switch n.Type {
	case NotifyWebhook:
		if (n.URL == "") == (n.URLEnv == "") {
			c.fail("", "a webhook needs url, or url_env where the address is a secret, and not both")
		}
	case NotifySlack:
		if n.URL != "" {
			c.fail("url", "whoever knows the address of a Slack webhook can post: keep it in an environment variable, and name that in url_env")
		} else if n.URLEnv == "" {
			c.fail("", "slack needs url_env: the environment variable that holds the address of an incoming webhook")
		}
		if n.SecretEnv != "" {
			c.fail("secret_env", "Slack takes no signature: leave it out")
		}
	case "":
		c.fail("", "a target needs a type: webhook or slack")
	default:
		c.fail("type", "%q: use webhook or slack", n.Type)
	}
	c.variable("url_env", n.URLEnv)
	c.variable("secret_env", n.SecretEnv)
	if n.URL == "" {
		return
	}
	if a, err := post.ParseAddress(n.URL); err != nil {
		c.fail("url", "%v", err)
	} else if a.HasPassword() {
		c.fail("url", "the address holds a password: keep it in an environment variable, and name that in url_env")
	}
}

func (c *notifyCheck) variable(key, name string) {
	ok := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`).MatchString(name) && !strings.HasPrefix(name, webhook.Prefix)
	if name != "" && !ok {
		c.fail(key, "is no name of an environment variable: keep what is secret in a variable, and name that here")
	}
}

func (c *notifyCheck) what() {
	n := c.n
	for i, e := range n.On {
		if !slices.Contains(notify.Events(), notify.Event(e)) {
			c.fail(fmt.Sprintf("on[%d]", i), "%q: use new, resolved or unread", e)
		}
	}
	for i, o := range n.Owners {
		if _, err := path.Match(o, ""); err != nil {
			c.fail(fmt.Sprintf("owners[%d]", i), "%q is no pattern: * stands for any characters", o)
		}
	}
	if n.OnlyWhen != "" && n.OnlyWhen != "any" && n.OnlyWhen != gateFailed {
		c.fail("only_when", "%q: use any or gate_failed", n.OnlyWhen)
	}
	if n.Link != "" && !regexp.MustCompile(`^https?://[^<>|\s[:cntrl:]]+$`).MatchString(n.Link) || len(n.Link) > notify.MaxLink {
		c.fail("link", "must begin with https:// or http://, without spaces, <, > and |, and have %d characters at most", notify.MaxLink)
	}
}
