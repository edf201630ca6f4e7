// Package collectortest is the conformance suite that every collector passes: what the contract of package collectors
// promises, tried on the collector's own fixtures.
//
// A collector runs it in one test:
//
//	func TestConformance(t *testing.T) {
//		collectortest.Run(t, collectortest.Config{
//			Spec:    register.Spec(),
//			Book:    inventory.Recorded,
//			Fixture: "testdata/basic", // copied to a folder of its own for each test
//			Options: func() any {
//				o := register.Spec().NewOptions().(*register.Options)
//				o.Paths = []string{"*.csv"}
//				return o
//			},
//			Shuffle:  collectortest.ShuffleLines(1),         // keeps the header
//			Generate: func(dir string, n int) error { … },   // an input of n records for the same options
//			Secrets:  []string{"hunter2"},
//		})
//	}
//
// The golden file testdata/conformance.golden.ndjson beside the test holds what the fixture must yield, problems and
// errors included; "go test -update" writes it.
package collectortest
