package records

import "github.com/muster-audit/muster/rules"

// Metas describes every rule about the register there is, whatever the estate.
func Metas() []rules.Meta {
	return []rules.Meta{duplicateMeta, ghostMeta, lifecycleMeta, mismatchMeta, unrecordedMeta, staleMeta, untrustedMeta, silentMeta}
}
