package rules

// Owner is who answers for an entity. Nobody is an answer too: then Name and Unknown are empty.
type Owner struct {
	Name string
	// Unknown says why nobody can tell, in words that many entities share; then Name is empty.
	Unknown string
	// Confidence is how sure it is; empty if there is no owner, or nothing weighed it.
	Confidence Confidence
}

// Confidence is how sure something is that is not certain.
type Confidence string

// The levels of confidence. The zero value says nothing.
const (
	HighConfidence   Confidence = "high"
	MediumConfidence Confidence = "medium"
	LowConfidence    Confidence = "low"
)

// own notes in a finding who answers for its entity.
func (f *Finding) own(o Owner) {
	f.Owner, f.OwnerUnknown, f.OwnerConfidence = o.Name, o.Unknown, o.Confidence
}
