package link

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

const (
	bucketType = inventory.Type("AWS::S3::Bucket")
	bucketARN  = "arn:aws:s3:::acme-logs"
	tableType  = inventory.Type("AWS::Example::Table")
)

// code makes a declaration of code, known by its place alone.
func code(id int64, address string, ids ...inventory.Identifier) inventory.Identity {
	return with(with(asset(id, inventory.Declared, "main.tf#"+address, ids...), typed(bucketType)), func(i *inventory.Identity) {
		i.Address, i.Layer, i.Account = address, inventory.LayerCode, "111122223333"
	})
}

func state(id int64, address string, ids ...inventory.Identifier) inventory.Identity {
	return with(code(id, address, ids...), func(i *inventory.Identity) {
		i.Key, i.Layer, i.Lifecycle = "prod.tfstate#"+address, inventory.LayerState, inventory.LifecycleActive
	})
}

func lineage(l string) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Lineage = l }
}

func facetOf(key string) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.FacetOf = key }
}

func bucket(id int64) inventory.Identity {
	return with(asset(id, inventory.Observed, bucketARN), typed(bucketType))
}

// table is an asset of a type that has no ARN, known by an id.
func table(id int64, book inventory.Book, region, name string) inventory.Identity {
	return with(with(asset(id, book, "k"+name, is(inventory.ResourceID, name)), typed(tableType)), in("111122223333", region))
}

func TestFacetsOfDeclarations(t *testing.T) {
	arn := is(inventory.ARN, bucketARN)
	tests := []struct {
		name string
		in   []inventory.Identity
		want [][]int64
	}{
		{"by the host's ARN, two facets and no ambiguity", []inventory.Identity{
			bucket(1), state(2, "aws_s3_bucket.b", arn),
			with(state(3, "aws_s3_bucket_versioning.b", arn), facetOf(bucketARN)), with(state(4, "aws_s3_bucket_policy.b", arn), facetOf(bucketARN)),
		}, [][]int64{{1, 2, 3, 4}}},
		{"the host is not declared", []inventory.Identity{
			bucket(1), with(state(2, "aws_s3_bucket_policy.b", arn), facetOf(bucketARN)),
		}, [][]int64{{1, 2}}},
		{"code that knows nothing but where the host stands", []inventory.Identity{
			code(1, "aws_s3_bucket.b"), with(code(2, "aws_s3_bucket_versioning.b"), facetOf("main.tf#aws_s3_bucket.b")), code(3, "aws_s3_bucket.c"),
		}, [][]int64{{1, 2}, {3}}},
		{"the same place in another source is another thing", []inventory.Identity{
			code(1, "aws_s3_bucket.b"), with(with(code(2, "aws_s3_bucket_versioning.b"), facetOf("main.tf#aws_s3_bucket.b")), from("other")),
		}, [][]int64{{1}, {2}}},
		{"code and state of both, of which code has no identifiers", []inventory.Identity{
			bucket(1), with(state(2, "aws_s3_bucket.b", arn), lineage("L")), with(with(state(3, "aws_s3_bucket_versioning.b", arn), lineage("L")), facetOf(bucketARN)),
			with(code(4, "aws_s3_bucket.b"), lineage("L")), with(with(code(5, "aws_s3_bucket_versioning.b"), lineage("L")), facetOf("main.tf#aws_s3_bucket.b")),
		}, [][]int64{{1, 2, 3, 4, 5}}},
		{"by an id within one source", []inventory.Identity{
			table(1, inventory.Observed, "eu-west-1", "t"), table(2, inventory.Declared, "eu-west-1", "t"),
			with(table(3, inventory.Declared, "eu-west-1", "t"), facetOf("t")), with(table(4, inventory.Declared, "eu-west-1", "t"), facetOf("t")),
		}, [][]int64{{1, 2, 3, 4}}},
		{"by an id of which nobody knows the region", []inventory.Identity{
			table(2, inventory.Declared, "", "t"), with(table(3, inventory.Declared, "", "t"), facetOf("t")), with(table(4, inventory.Declared, "", "t"), facetOf("t")),
		}, [][]int64{{2, 3, 4}}},
		{"two declarations of one source that give one id in one region are of one thing", []inventory.Identity{
			table(1, inventory.Observed, "eu-west-1", "t"), table(2, inventory.Declared, "eu-west-1", "t"), table(3, inventory.Declared, "eu-west-1", "t"),
		}, [][]int64{{1, 2, 3}}},
		{"an id without its region may be of two", []inventory.Identity{
			table(1, inventory.Recorded, "", "t"), table(2, inventory.Declared, "", "t"), table(3, inventory.Declared, "", "t"),
		}, [][]int64{{1}, {2}, {3}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := gocmp.Diff(tt.want, entities(build(t, tt.in))); diff != "" {
				t.Errorf("entities (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFacetsAreNoDeclaration: a facet makes nothing declared, and nothing undecided.
func TestFacetsAreNoDeclaration(t *testing.T) {
	arn := is(inventory.ARN, bucketARN)
	r := build(t, []inventory.Identity{bucket(1), with(state(2, "aws_s3_bucket_policy.b", arn), facetOf(bucketARN))})
	if r.Books(1).Has(inventory.Declared) {
		t.Error("a facet alone declares its host")
	}
	r = build(t, []inventory.Identity{bucket(1), state(2, "aws_s3_bucket.b", arn), with(state(3, "aws_s3_bucket_policy.b", arn), facetOf(bucketARN))})
	if !r.Books(1).Has(inventory.Declared) || r.Undecided(1) != 0 {
		t.Errorf("books %s, undecided %s", r.Books(1), r.Undecided(1))
	}
}

// TestCodeAndItsState: what code calls otherwise than its state is to be replaced, which makes the state no copy.
func TestCodeAndItsState(t *testing.T) {
	r := build(t, []inventory.Identity{
		with(state(1, "aws_s3_bucket.b", is(inventory.ARN, bucketARN)), lineage("L")),
		with(code(2, "aws_s3_bucket.b", is(inventory.ARN, "arn:aws:s3:::acme-new")), lineage("L")),
	})
	if r.Len() != 2 || r.Copied(1) || !r.Copied(2) {
		t.Errorf("%d entities; the state is a copy: %t, the code is: %t", r.Len(), r.Copied(1), r.Copied(2))
	}
}

func TestBlindLayers(t *testing.T) {
	tests := []struct {
		name string
		in   []inventory.Identity
		want bool
	}{
		{"code without its state", []inventory.Identity{code(1, "aws_s3_bucket.b")}, true},
		{"code that was never applied", []inventory.Identity{with(code(1, "aws_s3_bucket.b"), func(i *inventory.Identity) {
			i.Lifecycle = inventory.LifecyclePlanned
		})}, false},
		{"code with its state", []inventory.Identity{
			with(code(1, "aws_s3_bucket.b"), lineage("L")), with(state(2, "aws_s3_bucket.b", is(inventory.ARN, bucketARN)), lineage("L")),
		}, false},
		{"a facet", []inventory.Identity{with(code(1, "aws_s3_bucket_policy.b"), facetOf("main.tf#x"))}, false},
		{"a facet that alone has the identifier", []inventory.Identity{
			code(1, "aws_s3_bucket.b"), with(code(2, "aws_s3_bucket_policy.b", is(inventory.ARN, bucketARN)), facetOf("main.tf#aws_s3_bucket.b")),
		}, false},
	}
	for _, tt := range tests {
		if got := build(t, tt.in).Blind(bucketType, "111122223333"); got != tt.want {
			t.Errorf("%s: blind %t", tt.name, got)
		}
	}
}

// TestFacetsChangeNothing: facets of a declared asset join its entity, and no other entity changes.
func TestFacetsChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		estate := crowded().Draw(rt, "estate")
		for i := range estate {
			estate[i].Key = fmt.Sprintf("key-%d", i)
		}
		before := build(t, estate)
		var facets []inventory.Identity
		host := map[int64]int64{}
		for i, a := range estate {
			if a.Book != inventory.Declared || !rapid.Bool().Draw(rt, "facet") {
				continue
			}
			f := with(a, func(f *inventory.Identity) {
				f.ID, f.Key, f.FacetOf, f.Lineage, f.Address = int64(len(estate)+i+1), a.Key+"/policy", a.Key, "", ""
				f.Identifiers = nil
			})
			facets = append(facets, f)
			host[f.ID] = a.ID
		}
		after := build(t, slices.Concat(estate, facets))
		for _, a := range estate {
			for _, b := range estate {
				if same(before, a.ID, b.ID) != same(after, a.ID, b.ID) {
					rt.Fatalf("%d and %d are one thing: %t before, %t after", a.ID, b.ID, same(before, a.ID, b.ID), same(after, a.ID, b.ID))
				}
			}
		}
		for facet, of := range host {
			if !same(after, facet, of) {
				rt.Fatalf("facet %d is not with %d", facet, of)
			}
		}
	})
}

func TestExplainFacet(t *testing.T) {
	list := []inventory.Identity{code(1, "aws_s3_bucket.b"), with(code(2, "aws_s3_bucket_versioning.b"), facetOf("main.tf#aws_s3_bucket.b"))}
	for _, id := range []int64{1, 2} {
		l, err := Explain(t.Context(), stream(list), id)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Links) != 1 || l.Links[0].By != RuleFacetOf || l.Links[0].Value != "main.tf#aws_s3_bucket.b" {
			t.Errorf("%d: links %+v", id, l.Links)
		}
	}
}
