package inherit

import "github.com/muster-audit/muster/rules"

// Via is how an asset belongs to another, as policies write it.
type Via = rules.Via
