package drift

import "github.com/muster-audit/muster/rules"

// Metas describes every drift rule there is, whatever the estate.
func Metas() []rules.Meta {
	return []rules.Meta{changedMeta, twiceMeta, missingMeta, orphanMeta, staleMeta, unappliedMeta, unmanagedMeta}
}
