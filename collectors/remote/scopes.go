package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Parameters of the scopes of this package.
const (
	paramScheme   = "remote"
	paramHost     = "remote_host"
	paramKey      = "remote_key"
	paramQuery    = "remote_query"
	paramProfile  = "remote_profile"
	paramRole     = "remote_role"
	paramExternal = "remote_external_id"
	paramRegion   = "remote_region"
	// Of a scope that stands for a listing.
	paramRefused = "remote_refused"
	paramReason  = "remote_reason"
	paramCause   = "remote_cause"
)

const (
	listingsAtOnce = 8
	// mostObjects bounds the scopes of one pattern.
	mostObjects = 20_000
)

// Set is the patterns of one source.
type Set struct {
	Stores   *Stores
	Patterns []Pattern
	// Beside reports of an id whether a glob should leave it out, as a backup or a lock. What is named literally is read. May be nil.
	Beside func(id string) bool
}

// Scopes lists one scope per object, sorted and unique, each with its address as the id. The other fields are those of like. Patterns are
// listed at the same time. A listing that fails is a scope whose File fails, and which stands for all that it would have found: it
// proves nothing about what was there. The error is that of the context.
func (s Set) Scopes(ctx context.Context, like inventory.Scope) ([]inventory.Scope, error) {
	found := make([][]inventory.Scope, len(s.Patterns))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(listingsAtOnce)
	for i, p := range s.Patterns {
		g.Go(func() error {
			found[i] = s.expand(gctx, p, like)
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return unique(slices.Concat(found...)), nil
}

// unique sorts by id and keeps the first of each, in the order of the patterns.
func unique(list []inventory.Scope) []inventory.Scope {
	slices.SortStableFunc(list, func(a, b inventory.Scope) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(list, func(a, b inventory.Scope) bool { return a.ID == b.ID })
}

// expand returns the scopes of one pattern.
func (s Set) expand(ctx context.Context, p Pattern, like inventory.Scope) []inventory.Scope {
	if l, ok := p.Literal(); ok {
		return []inventory.Scope{l.scope(like)}
	}
	keys, beside, err := s.list(ctx, p)
	list := make([]inventory.Scope, 0, len(keys)+1)
	for _, l := range keys {
		list = append(list, l.scope(like))
	}
	switch {
	case err != nil:
	case len(keys) == 0 && beside:
		err = failed("%q matches backups, locks or pointers only: name the states themselves", p)
	case len(keys) == 0:
		err = failed("nothing matches %q: check the pattern, and whether the credentials are those of the right account: %w", p, ErrNotFound)
	}
	if err != nil {
		list = append(list, p.failed(like, err))
	}
	return list
}

// list returns the locations that match a pattern, and whether any was left out. Those that came before an error are returned with it.
func (s Set) list(ctx context.Context, p Pattern) (found []Location, beside bool, err error) {
	store, err := s.Stores.of(p.Scheme, p.Access)
	if err != nil {
		return nil, false, err
	}
	alternatives, err := p.alternatives()
	if err != nil {
		return nil, false, failed("list %q: %w", p, err)
	}
	seen := map[string]bool{}
	for _, a := range alternatives {
		prefix := p.Location
		prefix.Key = a.prefix
		for o, err := range store.List(ctx, prefix) {
			if err != nil {
				return found, beside, Explain(fmt.Sprintf("list %q", p), err)
			}
			l := o.Location
			if seen[l.Key] || !a.matches(l.Key) {
				continue
			}
			if seen[l.Key] = true; s.Beside != nil && s.Beside(l.String()) {
				beside = true
				continue
			}
			if len(found) == mostObjects {
				return found, beside, failed("%q matches more than %d objects: name a narrower pattern, as %s://bucket/states/**/*.tfstate", p, mostObjects, p.Scheme)
			}
			found = append(found, l)
		}
	}
	return found, beside, nil
}

// scope returns the scope of a location.
func (l Location) scope(like inventory.Scope) inventory.Scope {
	like.ID = strings.ToValidUTF8(l.String(), "\ufffd")
	like.Params = map[string]string{}
	for name, value := range map[string]string{
		paramScheme: l.Scheme, paramHost: l.Host, paramKey: l.Key, paramQuery: l.Query, paramProfile: l.Access.Profile,
		paramRole: l.Access.Role, paramExternal: l.Access.ExternalID, paramRegion: l.Access.Region,
	} {
		if value != "" {
			like.Params[name] = value
		}
	}
	return like
}

// failed returns the scope that stands for a listing.
func (p Pattern) failed(like inventory.Scope, err error) inventory.Scope {
	like.ID = p.String()
	like.StandsFor = append(slices.Clone(like.StandsFor), p.standIns()...)
	like.Params = map[string]string{paramScheme: p.Scheme, paramRefused: err.Error(), paramReason: string(inventory.ReasonError)}
	var e *collectors.Error
	if errors.As(err, &e) {
		like.Params[paramReason] = string(e.Reason)
	}
	if errors.Is(err, ErrNotFound) {
		like.Params[paramCause] = "not-found"
	}
	return like
}

// Is reports whether a scope is one of this package.
func Is(s inventory.Scope) bool { return s.Params[paramScheme] != "" }

// locationOf reads the scope of a location, or returns why there is nothing to be read.
func locationOf(s inventory.Scope) (Location, error) {
	p := s.Params
	if why, ok := p[paramRefused]; ok {
		return Location{}, refusal(why, p)
	}
	if p[paramScheme] == "" || p[paramHost] == "" {
		return Location{}, failed("scope %q is no address", s.ID)
	}
	return Location{
		Scheme: p[paramScheme], Host: p[paramHost], Key: p[paramKey], Query: p[paramQuery],
		Access: Access{Profile: p[paramProfile], Role: p[paramRole], ExternalID: p[paramExternal], Region: p[paramRegion]},
	}, nil
}

// refusal is the error of a listing, once more. It asks for no other try, since the scope would not make the listing anew.
func refusal(why string, p map[string]string) error {
	e := &collectors.Error{Reason: inventory.RunReason(p[paramReason]), Err: errors.New(why)}
	if p[paramCause] != "" {
		e.Err = &told{text: why, cause: ErrNotFound}
	}
	return e
}
