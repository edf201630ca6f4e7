package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A made API in the shape of a discovery document: v1 and a beta version with one type more and with labels that v1 lacks.
const stable = `{"name":"shop","version":"v1","rootUrl":"https://shop.googleapis.com/",
"auth":{"oauth2":{"scopes":{"https://www.googleapis.com/auth/cloud-platform":{}}}},
"resources":{"projects":{"resources":{
  "carts":{"methods":{"get":{"response":{"$ref":"GoogleCloudShopV1Cart"}},"list":{"response":{"$ref":"ListCartsResponse"}}}},
  "tills":{"methods":{"get":{"response":{"$ref":"Till"}}},"resources":{"rolls":{"methods":{"get":{"response":{"$ref":"Roll"}}}}}},
  "bills":{"methods":{"get":{"response":{"$ref":"Bill"}}}},
  "stores":{"methods":{"get":{"response":{"$ref":"Store"}}}},
  "doors":{"methods":{"get":{"response":{"$ref":"Door"}}}},
  "shelves":{"methods":{"get":{"response":{"$ref":"Shelf"}}}},
  "operations":{"methods":{"get":{"response":{"$ref":"GoogleLongrunningOperation"}}}}}}},
"schemas":{
  "GoogleCloudShopV1Cart":{"properties":{"name":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}}}},
  "Till":{"properties":{"settings":{"$ref":"Settings"},"labels":{"type":"object","additionalProperties":{"type":"string"}}}},
  "Settings":{"properties":{"userLabels":{"type":"object","additionalProperties":{"type":"string"}}}},
  "Roll":{"properties":{"labels":{"type":"array","items":{"type":"string"}}}},
  "Bill":{"properties":{"labels":{"type":"object","readOnly":true,"additionalProperties":{"type":"string"}}}},
  "Store":{"properties":{"labels":{"type":"object","description":"[Output Only] Who made it.","additionalProperties":{"type":"string"}}}},
  "Door":{"properties":{"name":{"type":"string"}}},
  "Shelf":{"properties":{"name":{"type":"string"}}}}}`

const beta = `{"name":"shop","version":"v2beta1","rootUrl":"https://shop.googleapis.com/",
"auth":{"oauth2":{"scopes":{"https://www.googleapis.com/auth/cloud-platform":{}}}},
"resources":{"doors":{"methods":{"get":{"response":{"$ref":"Door"}}}},"lamps":{"methods":{"get":{"response":{"$ref":"Lamp"}}}},
  "shelves":{"methods":{"get":{"response":{"$ref":"Shelf"}}}}},
"schemas":{"Door":{"properties":{"labels":{"type":"object","additionalProperties":{"type":"string"}}}},"Lamp":{"properties":{}},
  "Shelf":{"properties":{}}}}`

const noCloud = `{"name":"video","version":"v1","rootUrl":"https://www.googleapis.com/",
"resources":{"films":{"methods":{"get":{"response":{"$ref":"Film"}}}}},"schemas":{"Film":{}}}`

func write(t *testing.T, dir, api, version, text string) {
	t.Helper()
	path := filepath.Join(dir, api, version)
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, api+"-api.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "shop", "v1", stable)
	write(t, dir, "shop", "v2beta1", beta)
	write(t, dir, "video", "v1", noCloud)
	got, err := table(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"type\ttaggable\ttag_property\tproperties",
		"cloudidentity.googleapis.com/Group\t0\t\t",
		"shop.googleapis.com/Bill\t\tlabels\tlabels",
		"shop.googleapis.com/Cart\t1\tlabels\tlabels,name",
		"shop.googleapis.com/Door\t\tlabels\tname",
		"shop.googleapis.com/Lamp\t0\t\t",
		"shop.googleapis.com/Roll\t\t\tlabels",
		"shop.googleapis.com/Shelf\t0\t\tname",
		"shop.googleapis.com/Store\t\tlabels\tlabels",
		"shop.googleapis.com/Till\t1\tsettings.userLabels\tlabels,settings",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTableOfNothing(t *testing.T) {
	if _, err := table(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no discovery documents") {
		t.Errorf("got error %v", err)
	}
	dir := t.TempDir()
	write(t, dir, "shop", "v1", "{")
	if _, err := table(dir); err == nil || !strings.Contains(err.Error(), "shop-api.json") {
		t.Errorf("got error %v", err)
	}
}

func TestTypeName(t *testing.T) {
	for ref, want := range map[string]string{
		"GoogleCloudRunV2Service":               "Service",
		"GoogleApiServiceusageV1Service":        "Service",
		"GoogleFirestoreAdminV1beta1Database":   "Database",
		"GoogleCloudSecuritycenterV1p1beta1Run": "Run",
		"GoogleLongrunningOperation":            "Operation",
		"Instance":                              "Instance",
		"GoogleChannelConfig":                   "GoogleChannelConfig",
	} {
		if got := typeName(ref); got != want {
			t.Errorf("%s: got %q, want %q", ref, got, want)
		}
	}
}
