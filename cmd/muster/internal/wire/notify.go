package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/post"
	"github.com/muster-audit/muster/report/slack"
	"github.com/muster-audit/muster/report/webhook"
)

// Notification is what became of one target.
type Notification struct {
	Target   string // "notify[0] (slack)"
	Required bool
	// Headline says in a few words what is told, and Body is what is sent; empty if nothing is, and Silence says why.
	Headline string
	Body     []byte
	Silence  string
	Err      error // why it could not be sent; it names the target
}

// Notifications are the messages that a report makes, in the order of the config. Nothing is sent, and no secret looked at.
func (a *App) Notifications(r *report.Report) ([]Notification, error) {
	var out []Notification
	for i := range a.Config.Notify {
		n := &a.Config.Notify[i]
		one := Notification{Target: targetName(i, n), Required: n.Required}
		d, why := notify.Of(r, n.Filter())
		if one.Silence = why; d != nil {
			d.Link = n.Link
			one.Headline = d.Headline()
			var err error
			if one.Body, err = kinds()[n.Type].body(d); err != nil {
				return nil, fmt.Errorf("%s: %w", one.Target, err)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// Notify sends every target its message, all at a time, and says what became of each. Only ctx ends it with an error.
func (a *App) Notify(ctx context.Context, r *report.Report) ([]Notification, error) {
	list, err := a.Notifications(r)
	if err != nil {
		return nil, err
	}
	client := post.New(a.Log, "muster/"+a.Version)
	var all sync.WaitGroup
	for i := range list {
		if list[i].Body == nil {
			continue
		}
		all.Go(func() {
			if err := a.send(ctx, client, &a.Config.Notify[i], &list[i]); err != nil {
				list[i].Err = fmt.Errorf("%s: %w", list[i].Target, err)
			}
		})
	}
	all.Wait()
	return list, ctx.Err()
}

// VerifyNotify checks the addresses and secrets of the targets that must be told, so that a night's work does not end with what could have
// been known before. Nothing is sent.
func (a *App) VerifyNotify() error {
	var problems []error
	for i := range a.Config.Notify {
		n := &a.Config.Notify[i]
		if !n.Required {
			continue
		}
		if _, _, err := a.secrets(n); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", targetName(i, n), err))
		}
	}
	return errors.Join(problems...)
}

// targetName names a target by its place in the config, and by its server where the address is no secret.
func targetName(i int, n *config.Notify) string {
	if a, err := post.ParseAddress(n.URL); err == nil {
		return fmt.Sprintf("notify[%d] (%s, %s)", i, n.Type, a.Host())
	}
	return fmt.Sprintf("notify[%d] (%s)", i, n.Type)
}

// kind is how a type of target is written to.
type kind struct {
	body   func(*notify.Digest) ([]byte, error)
	header func(webhook.Secrets, time.Time, []byte) http.Header
	reason func([]byte) string
}

func kinds() map[string]kind {
	return map[string]kind{
		config.NotifyWebhook: {body: webhook.Body, header: webhook.Header},
		config.NotifySlack: {body: slack.Body, reason: slack.Reason, header: func(webhook.Secrets, time.Time, []byte) http.Header {
			return http.Header{"Content-Type": {"application/json"}}
		}},
	}
}

func (a *App) send(ctx context.Context, client *post.Client, n *config.Notify, one *Notification) error {
	to, secrets, err := a.secrets(n)
	if err != nil {
		return err
	}
	k := kinds()[n.Type]
	return client.Send(ctx, post.Message{
		To: to, Name: one.Target, Body: one.Body, Reason: k.reason,
		Header: func(at time.Time) http.Header { return k.header(secrets, at, one.Body) },
	})
}

// secrets reads the address of a target, and what signs its messages, from the environment. Its errors quote neither, nor the name of a
// variable: somebody may have written the secret in its place.
func (a *App) secrets(n *config.Notify) (to post.Address, s webhook.Secrets, err error) {
	address := n.URL
	if n.URLEnv != "" {
		if address = a.Getenv(n.URLEnv); strings.TrimSpace(address) == "" {
			return to, s, errors.New("url_env: the environment variable that it names is not set")
		}
	}
	if to, err = post.ParseAddress(address); err != nil || n.SecretEnv == "" {
		return to, s, err
	}
	text := a.Getenv(n.SecretEnv)
	if strings.TrimSpace(text) == "" {
		return to, s, errors.New("secret_env: the environment variable that it names is not set")
	}
	if s, err = webhook.ParseSecrets(text); err != nil {
		return to, s, fmt.Errorf("secret_env: %w", err)
	}
	return to, s, nil
}
