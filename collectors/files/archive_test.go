package files

import "testing"

// Letters whose lower case is longer or shorter do not move where an archive's name ends.
func TestCutMember(t *testing.T) {
	for _, tt := range []struct{ pattern, archive, member string }{
		{"a.ZIP!b.csv", "a.ZIP", "b.csv"},
		{"İİ.zip!b.csv", "İİ.zip", "b.csv"},
		{"\xff\xff.zip!b.csv", "\xff\xff.zip", "b.csv"},
		{".zip!", ".zip", ""},
		{"a.csv", "a.csv", ""},
	} {
		if archive, member := (Set{Inside: []string{".csv"}}).cutMember(tt.pattern); archive != tt.archive || member != tt.member {
			t.Errorf("cutMember(%q) = %q, %q", tt.pattern, archive, member)
		}
	}
}
