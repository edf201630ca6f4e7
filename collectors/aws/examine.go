package aws

import (
	"context"
	"errors"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
)

// Examine says who the credentials are, which accounts and regions a scan would read, and which types it would be refused. Each type is
// listed up to its first asset, in one region of each account.
func (c *collector) Examine(ctx context.Context, report func(collectors.Check) error) error {
	caller, err := c.session.Caller(ctx)
	if err != nil {
		return session.Classify(err)
	}
	if err := report(collectors.Check{Subject: "credentials", State: inventory.RunOK, Detail: caller.ARN}); err != nil {
		return err
	}
	scopes, err := c.Scopes(ctx)
	if err != nil {
		return err
	}
	return c.examineAccounts(ctx, scopes, report)
}

func (c *collector) examineAccounts(ctx context.Context, scopes []inventory.Scope, report func(collectors.Check) error) error {
	regions := map[string][]string{}
	var accounts []string
	for _, s := range scopes {
		p := paramsOf(s)
		if p.refused != nil {
			if err := report(checkOf(s.ID, p.refused)); err != nil {
				return err
			}
			continue
		}
		if regions[p.account] == nil {
			accounts = append(accounts, p.account)
		}
		if known := regions[p.account]; len(known) == 0 || known[len(known)-1] != p.region {
			regions[p.account] = append(known, p.region)
		}
	}
	for _, a := range accounts {
		if err := report(collectors.Check{Subject: a, State: inventory.RunOK, Detail: regionsText(regions[a])}); err != nil {
			return err
		}
	}
	return c.examineTypes(ctx, scopes, regions, report)
}

func regionsText(list []string) string {
	text := "regions:"
	for _, r := range list {
		if r != "" {
			text += " " + r
		}
	}
	return text
}

// examineTypes lists each type of an account in the account's first region, all at the runner's usual pace.
func (c *collector) examineTypes(ctx context.Context, scopes []inventory.Scope, regions map[string][]string, report func(collectors.Check) error) error {
	var tried []inventory.Scope
	for _, s := range scopes {
		if p := paramsOf(s); p.refused == nil && (p.region == "" || p.region == regions[p.account][0]) {
			tried = append(tried, s)
		}
	}
	results := lister.Each(ctx, tried, func(ctx context.Context, s inventory.Scope) (struct{}, error) {
		err := c.Collect(lister.Glance(ctx), s, glance{})
		if errors.Is(err, errSeen) || errors.Is(err, lister.ErrGlance) {
			err = nil
		}
		return struct{}{}, err
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, r := range results {
		if err := report(checkOf(tried[i].ID, r.Err)); err != nil {
			return err
		}
	}
	return nil
}

func checkOf(subject string, err error) collectors.Check {
	check := collectors.Check{Subject: subject, State: inventory.RunOK}
	var e *collectors.Error
	if err == nil {
		return check
	}
	check.State, check.Detail = inventory.RunFailed, err.Error()
	if errors.As(err, &e) {
		check.Reason = e.Reason
		if e.Reason.Skips() {
			check.State = inventory.RunSkipped
		}
	}
	return check
}

var errSeen = errors.New("enough was seen")

// glance is a sink that has enough after one asset.
type glance struct{}

func (glance) Asset(inventory.Asset) error { return errSeen }
func (glance) Skip(inventory.Problem)      {}
func (glance) Note(collectors.Facts)       {}
