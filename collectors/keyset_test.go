package collectors

import (
	"strconv"
	"testing"
)

func TestKeySetTellsKeysApart(t *testing.T) {
	s := NewKeySet()
	for i := range 100_000 {
		if !s.Add("key-" + strconv.Itoa(i)) {
			t.Fatalf("key %d is taken for an earlier one", i)
		}
	}
	for i := range 100_000 {
		if s.Add("key-" + strconv.Itoa(i)) {
			t.Fatalf("key %d is taken for a new one", i)
		}
	}
}

func BenchmarkKeySet(b *testing.B) {
	const n = 1_000_000
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "arn:aws:ec2:eu-west-1:111122223333:instance/i-" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := NewKeySet()
		for _, k := range keys {
			s.Add(k)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "keys/s")
}
