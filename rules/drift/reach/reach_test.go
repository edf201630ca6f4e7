package reach

import (
	"fmt"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

const instance = inventory.Type("AWS::EC2::Instance")

var night = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

func scope(book inventory.Book, id string, c inventory.Coverage, state inventory.RunState) inventory.ScopeState {
	s := inventory.ScopeState{
		Source: inventory.Source{Name: string(book), Collector: "exec", Book: book},
		Scope:  inventory.Scope{ID: id, Covers: c},
		Run:    inventory.ScopeRun{State: state},
	}
	if state == inventory.RunOK {
		s.LastOK = night
	}
	return s
}

func covering(types, accounts, regions []string) inventory.Coverage {
	return inventory.Coverage{Types: types, Accounts: accounts, Regions: regions}
}

func TestAsk(t *testing.T) {
	ec2 := []string{string(instance)}
	one := covering(ec2, []string{"111122223333"}, []string{"eu-west-1"})
	two := covering(ec2, []string{"444455556666"}, []string{"eu-west-1"})
	derived := scope(inventory.Observed, "d", inventory.Coverage{Derived: true}, inventory.RunOK)
	derived.Held = []inventory.TypeAccount{{Type: instance, Account: "111122223333"}, {Type: instance, Account: "444455556666"}}
	limited := one
	limited.OtherRegions = true
	tests := []struct {
		name            string
		scopes          []inventory.ScopeState
		account, region string
		covering        int
		complete        bool
	}{
		{"no scope", nil, "111122223333", "eu-west-1", 0, false},
		{"covered and read", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunOK)}, "111122223333", "eu-west-1", 1, true},
		{"covered, failed", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunFailed)}, "111122223333", "eu-west-1", 1, false},
		{"covered, partial", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunPartial)}, "111122223333", "eu-west-1", 1, false},
		{"covered, skipped", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunSkipped)}, "111122223333", "eu-west-1", 1, false},
		{"covered, without a run", []inventory.ScopeState{scope(inventory.Observed, "a", one, "")}, "111122223333", "eu-west-1", 1, false},
		{"another region", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunOK)}, "111122223333", "us-east-1", 0, false},
		{"another account failed", []inventory.ScopeState{
			scope(inventory.Observed, "a", one, inventory.RunOK), scope(inventory.Observed, "b", two, inventory.RunFailed),
		}, "111122223333", "eu-west-1", 1, true},
		{"unknown account: every one counts", []inventory.ScopeState{
			scope(inventory.Observed, "a", one, inventory.RunOK), scope(inventory.Observed, "b", two, inventory.RunFailed),
		}, "", "eu-west-1", 2, false},
		{"two sources cover it, one failed", []inventory.ScopeState{
			scope(inventory.Observed, "a", one, inventory.RunOK), scope(inventory.Observed, "b", covering([]string{"AWS::*"}, nil, nil), inventory.RunFailed),
		}, "111122223333", "eu-west-1", 2, false},
		{"a register proves nothing", []inventory.ScopeState{scope(inventory.Recorded, "a", one, inventory.RunOK)}, "111122223333", "eu-west-1", 0, false},
		{"region known, others left out", []inventory.ScopeState{scope(inventory.Observed, "a", limited, inventory.RunOK)}, "111122223333", "eu-west-1", 1, true},
		{"region unknown, all read", []inventory.ScopeState{scope(inventory.Observed, "a", one, inventory.RunOK)}, "111122223333", "", 1, true},
		{"region unknown, others left out", []inventory.ScopeState{scope(inventory.Observed, "a", limited, inventory.RunOK)}, "111122223333", "", 1, false},
		{"derived, two accounts held", []inventory.ScopeState{derived}, "111122223333", "eu-west-1", 1, true},
		{"derived, another account", []inventory.ScopeState{derived}, "777788889999", "eu-west-1", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := New(tt.scopes, night)
			for range 2 { // the second answer comes from memory
				a := m.Ask(inventory.Observed, instance, tt.account, tt.region)
				if a.Covering != tt.covering || a.Complete() != tt.complete {
					t.Errorf("%d scopes, complete %v, want %d, %v", a.Covering, a.Complete(), tt.covering, tt.complete)
				}
				if !a.Complete() && a.Why(inventory.Observed, instance, tt.account, tt.region) == "" {
					t.Error("an incomplete answer has no reason")
				}
			}
		})
	}
}

func TestUnconfirmed(t *testing.T) {
	m := New([]inventory.ScopeState{
		scope(inventory.Observed, "ok", inventory.Coverage{}, inventory.RunOK),
		scope(inventory.Observed, "partial", inventory.Coverage{}, inventory.RunPartial),
		scope(inventory.Observed, "failed", inventory.Coverage{}, inventory.RunFailed),
		partial(inventory.Observed, "shrunk", inventory.ReasonDrop),
		partial(inventory.Observed, "stale", inventory.ReasonStale),
		partial(inventory.Recorded, "shrunk", inventory.ReasonDrop),
	}, night)
	tests := []struct {
		source, scope string
		lastSeen      time.Time
		sure          bool
	}{
		{"observed", "ok", night, true},
		{"observed", "partial", night, true},
		{"observed", "partial", night.Add(-24 * time.Hour), false},
		{"observed", "failed", night.Add(-24 * time.Hour), false},
		{"observed", "unheard-of", night, false},
		{"observed", "shrunk", night, true}, // what is listed is there, whatever else is not listed
		{"observed", "stale", night, false},
		{"recorded", "shrunk", night, false}, // the last row may be cut off in a cell
	}
	for _, tt := range tests {
		e := &inventory.Entry{Source: tt.source, Scope: tt.scope, LastSeen: tt.lastSeen}
		if why := m.Unconfirmed(e); (why == "") != tt.sure {
			t.Errorf("%s, last seen %s: %q, want confirmed %v", tt.scope, tt.lastSeen, why, tt.sure)
		}
	}
}

func partial(book inventory.Book, id string, why inventory.RunReason) inventory.ScopeState {
	s := scope(book, id, inventory.Coverage{}, inventory.RunPartial)
	s.Run.Reason = why
	return s
}

func TestNeverReadAndCollector(t *testing.T) {
	earlier := scope(inventory.Declared, "b", inventory.Coverage{}, inventory.RunFailed)
	earlier.LastOK = night.Add(-24 * time.Hour)
	m := New([]inventory.ScopeState{scope(inventory.Declared, "a", inventory.Coverage{}, inventory.RunOK), earlier}, night)
	if s := m.NeverRead(inventory.Declared); s != nil {
		t.Errorf("%s was read earlier", s.Scope.ID)
	}
	if found, unread := m.Collector(inventory.Declared, "exec"); !found || unread == nil || unread.Scope.ID != "b" {
		t.Errorf("Collector = %v, %v, want the failed scope", found, unread)
	}
	if found, _ := m.Collector(inventory.Declared, "terraform"); found {
		t.Error("a collector without a source is found")
	}
	m = New([]inventory.ScopeState{scope(inventory.Declared, "a", inventory.Coverage{}, inventory.RunFailed)}, night)
	if m.NeverRead(inventory.Declared) == nil {
		t.Error("a scope that no scan has read is not told")
	}
}

// BenchmarkAsk asks for a million assets of a thousand scopes.
func BenchmarkAsk(b *testing.B) {
	var scopes []inventory.ScopeState
	for i := range 1000 {
		account := fmt.Sprintf("%012d", i/10)
		scopes = append(scopes, scope(inventory.Observed, fmt.Sprint(i), covering([]string{fmt.Sprintf("AWS::T::%d", i%10)}, []string{account}, nil), inventory.RunOK))
	}
	for b.Loop() {
		m := New(scopes, night)
		for i := range 1_000_000 {
			m.Ask(inventory.Observed, benchTypes[i%10], benchAccounts[i%100], "eu-west-1")
		}
	}
}

var (
	benchTypes = func() (list [10]inventory.Type) {
		for i := range list {
			list[i] = inventory.Type(fmt.Sprintf("AWS::T::%d", i))
		}
		return list
	}()
	benchAccounts = func() (list [100]string) {
		for i := range list {
			list[i] = fmt.Sprintf("%012d", i)
		}
		return list
	}()
)
