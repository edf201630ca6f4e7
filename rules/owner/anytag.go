package owner

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// byAnyTag is the whole chain where a policy has none: the first of the owner tags with a value, on any asset of the entity.
func (c *Chain) byAnyTag(e *rules.Entity) answer {
	doubt := nobody()
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		for _, entry := range list {
			for _, key := range c.tags {
				t, there := entry.Tags.Get(key)
				switch {
				case there && t.ValueUnknown, inventory.IsSecretHash(t.Value):
					doubt = unknown(valueUnknown)
				case strings.TrimSpace(t.Value) != "":
					_, now := entry.CurrentTags().Get(key)
					return answer{state: expr.Yes, name: t.Value, earlier: !now, entry: entry, key: key}
				}
			}
			if entry.CurrentTags().State() == inventory.Unknown && doubt.state == expr.No {
				doubt = unknown(tagsUnread)
			}
		}
	}
	return doubt
}
