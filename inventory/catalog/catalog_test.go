package catalog

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

func mustLoad(t testing.TB) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryRow loads every row, generated and written by hand, and checks what a person can get wrong.
func TestEveryRow(t *testing.T) {
	c := mustLoad(t)
	keys := c.types().keys()
	for written := range c.rows {
		keys = append(keys, string(written))
	}
	for _, key := range keys {
		r, ok := c.Type(inventory.Type(key))
		if !ok {
			t.Errorf("%s is in the data and not in the catalog", key)
			continue
		}
		checkRow(t, c, r)
	}
	if n := len(c.types().keys()); n < 1583+50 {
		t.Errorf("%d generated types, want the 1583 of AWS and those of Google", n)
	}
}

func checkRow(t *testing.T, c *Catalog, r Row) {
	t.Helper()
	if !slices.Contains(Classes(), r.Class) {
		t.Errorf("%s: class %q does not exist", r.Type, r.Class)
	}
	if r.Provider == "" {
		t.Errorf("%s: belongs to no provider", r.Type)
	}
	for _, a := range r.Attributes {
		checkAttribute(t, r, a)
	}
	for _, p := range r.PartOf {
		if _, ok := c.Type(p); !ok {
			t.Errorf("%s: part of %s, which does not exist", r.Type, p)
		}
	}
	for _, e := range r.Evidence {
		if r.Provider == "aws" && slices.Contains(r.Properties, e) {
			t.Errorf("%s: %s is a property and needs not stand under evidence", r.Type, e)
		}
		if r.Provider == "gcp" && !r.HasProperty(e) {
			t.Errorf("%s: %s is no field of the type", r.Type, e)
		}
	}
	if _, generated := c.types().find(string(r.Type)); r.Provider == "aws" && generated == c.rows[r.Type].Unlisted {
		t.Errorf("%s: is a CloudFormation type: %t; the row says the opposite with unlisted", r.Type, generated)
	}
}

func checkAttribute(t *testing.T, r Row, a Attribute) {
	t.Helper()
	if err := CheckComparator(a.Comparator); err != nil {
		t.Errorf("%s %s: %v", r.Type, a.Name, err)
	}
	if !r.HasProperty(a.Name) && !slices.Contains(r.Evidence, a.Name) {
		t.Errorf("%s: %s is no property of the type", r.Type, a.Name)
	}
	if a.WriteOnly {
		t.Errorf("%s: %s is write-only and can never be compared", r.Type, a.Name)
	}
	if slices.Contains(split(a.Comparator), "zero") && a.Default.IsRead() {
		t.Errorf("%s %s: with zero, unset is 0 already and cannot have a default", r.Type, a.Name)
	}
	if !slices.Contains([]string{"", "critical", "high", "medium", "low", "info"}, a.Severity) {
		t.Errorf("%s %s: severity %q does not exist", r.Type, a.Name, a.Severity)
	}
	if a.Default.IsRead() && Normalize(a, inventory.Null) != Normalize(a, a.Default) {
		t.Errorf("%s %s: unset does not equal the default %s", r.Type, a.Name, a.Default)
	}
}

// TestEveryTerraformRow checks that each mapping speaks of a type and of attributes that exist.
func TestEveryTerraformRow(t *testing.T) {
	c := mustLoad(t)
	keys := c.tfTypes().keys()
	for written := range c.terraform {
		keys = append(keys, written)
	}
	mapped := 0
	for _, key := range keys {
		r, ok := c.Terraform(key)
		if !ok {
			t.Errorf("%s is in the data and not in the catalog", key)
			continue
		}
		checkTerraformRow(t, c, r)
		if r.Mapped() {
			mapped++
		}
	}
	if len(keys) < 1526+59 || mapped < 150 {
		t.Errorf("%d Terraform types, %d of them mapped: the generated table is not whole", len(keys), mapped)
	}
}

func checkTerraformRow(t *testing.T, c *Catalog, r TerraformRow) {
	t.Helper()
	row, ok := c.Type(r.CloudType)
	if !ok {
		t.Errorf("%s: type %s does not exist", r.Type, r.CloudType)
	}
	if r.Folds() {
		row, ok = c.Type(r.Host.Type)
		if !ok || r.FacetOf == "" || len(r.Attributes) == 0 {
			t.Errorf("%s: a facet needs a host of a known type and attributes of it, not %q of %q", r.Type, r.Host.Type, r.FacetOf)
		}
	}
	checkMappings(t, r.Type, row, r.Attributes)
	for _, child := range r.Children {
		row, ok := c.Type(child.Type)
		if !ok || child.ID == "" || child.Block == "" || child.Relation == "" {
			t.Errorf("%s: child %s needs a known type, a block, an id and a relation", r.Type, child.Block)
		}
		checkMappings(t, r.Type, row, child.Attributes)
	}
	for _, i := range r.Identifiers {
		if !slices.Contains(inventory.IdentifierKinds(), i.Kind) {
			t.Errorf("%s: identifier kind %q does not exist", r.Type, i.Kind)
		}
	}
	if _, ok := c.Terraform(r.FacetOf); r.FacetOf != "" && !ok {
		t.Errorf("%s: facet of %s, which does not exist", r.Type, r.FacetOf)
	}
}

func checkMappings(t *testing.T, where string, row Row, list []Mapping) {
	t.Helper()
	for _, m := range list {
		if _, ok := row.Attribute(m.Name); !ok {
			t.Errorf("%s: %s has no compared attribute %s", where, row.Type, m.Name)
		}
	}
}

func TestType(t *testing.T) {
	c := mustLoad(t)
	tests := []struct {
		typ      inventory.Type
		class    Class
		taggable inventory.Knowledge
		tags     string
		global   bool
		billable bool
		virtual  bool
	}{
		{"AWS::EC2::Instance", Compute, inventory.Known, "Tags", false, true, false},
		{"AWS::EC2::VPC", Network, inventory.Known, "Tags", false, false, false},
		{"AWS::EC2::SecurityGroup", Security, inventory.Known, "Tags", false, false, false},
		{"AWS::EC2::Volume", Storage, inventory.Known, "Tags", false, true, false},
		{"AWS::IAM::Role", Identity, inventory.Known, "Tags", true, false, false},
		{"AWS::ACMPCA::Certificate", Security, inventory.NotApplicable, "", false, false, false},
		{"AWS::Budgets::Budget", Management, inventory.Unknown, "", true, false, false},
		{"compute.googleapis.com/Instance", Compute, inventory.Known, "labels", false, true, false},
		{"compute.googleapis.com/Firewall", Security, inventory.NotApplicable, "", true, false, false},
		{"datacenter/server", Compute, inventory.Known, "", false, true, false},
		{"terraform/random_password", Other, inventory.NotApplicable, "", false, false, true},
		{"terraform/aws_iam_role_policy_attachment", Other, inventory.NotApplicable, "", false, false, true},
		{"terraform/aws_s3_bucket_versioning", Other, inventory.NotApplicable, "", false, false, true},
		{"terraform/aws_lb_target_group_attachment", Other, inventory.NotApplicable, "", false, false, false},
	}
	for _, tt := range tests {
		r, ok := c.Type(tt.typ)
		if !ok {
			t.Errorf("%s: not known", tt.typ)
			continue
		}
		if r.Class != tt.class || r.Taggable != tt.taggable || r.TagProperty != tt.tags || r.Global != tt.global ||
			r.Billable != tt.billable || r.Virtual != tt.virtual {
			t.Errorf("%s: got class %s, taggable %s in %q, global %t, billable %t, virtual %t",
				tt.typ, r.Class, r.Taggable, r.TagProperty, r.Global, r.Billable, r.Virtual)
		}
	}
	for _, unknown := range []inventory.Type{"", "AWS::Nope::Thing", "AWS::SQS", "terraform/acme_widget", "datacenter/unicorn"} {
		if r, ok := c.Type(unknown); ok {
			t.Errorf("%q: got %+v, want nothing known", unknown, r)
		}
	}
}

func TestTerraform(t *testing.T) {
	c := mustLoad(t)
	tests := []struct {
		name     string
		typ      inventory.Type
		id, arn  string
		fullName string
		facetOf  string
		tags     []string
	}{
		{"aws_sqs_queue", "AWS::SQS::Queue", "id", "arn", "", "", []string{"tags_all", "tags"}},
		{"aws_alb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "id", "arn", "", "", []string{"tags_all", "tags"}},
		{"aws_nat_gateway", "AWS::EC2::NatGateway", "id", "", "arn:{partition}:ec2:{region}:{account}:natgateway/{id}", "", []string{"tags_all", "tags"}},
		{"aws_s3_bucket_versioning", "terraform/aws_s3_bucket_versioning", "id", "", "", "aws_s3_bucket", nil},
		{"aws_s3_bucket_policy", "terraform/aws_s3_bucket_policy", "id", "", "", "aws_s3_bucket", nil},
		{"aws_iam_role_policy_attachment", "terraform/aws_iam_role_policy_attachment", "", "", "", "aws_iam_role", nil},
		{"aws_ami", "AWS::EC2::Image", "id", "arn", "", "", []string{"tags_all", "tags"}},
		{
			"google_compute_instance", "compute.googleapis.com/Instance", "id", "",
			"//compute.googleapis.com/projects/{project}/zones/{zone}/instances/{name}", "",
			[]string{"terraform_labels", "labels"},
		},
	}
	for _, tt := range tests {
		r, ok := c.Terraform(tt.name)
		if !ok {
			t.Errorf("%s: not known", tt.name)
			continue
		}
		got := []any{r.CloudType, r.ID, r.ARN, r.FullName, r.FacetOf, r.Tags}
		if d := cmp.Diff([]any{tt.typ, tt.id, tt.arn, tt.fullName, tt.facetOf, tt.tags}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
	if _, ok := c.Terraform("acme_widget"); ok {
		t.Error("a type that nobody knows is known")
	}
	db, _ := c.Terraform("aws_db_instance")
	if d := cmp.Diff([]string{"password", "password_wo"}, db.Sensitive); d != "" {
		t.Errorf("sensitive paths of aws_db_instance (-want +got):\n%s", d)
	}
}

func TestReservedTag(t *testing.T) {
	c := mustLoad(t)
	tests := []struct {
		provider, key string
		want          bool
	}{
		{"aws", "aws:autoscaling:groupName", true},
		{"aws", "AWS:x", true},
		{"aws", "elasticbeanstalk:environment-id", true},
		{"aws", "aws", false},
		{"aws", "awsome:x", false},
		{"aws", "goog-x", false},
		{"gcp", "goog-terraform-provisioned", true},
		{"gcp", "GOOG-x", false},
		{"gcp", "owner", false},
		{"", "aws:x", false},
	}
	for _, tt := range tests {
		if got := c.ReservedTag(tt.provider, tt.key); got != tt.want {
			t.Errorf("ReservedTag(%q, %q) = %t", tt.provider, tt.key, got)
		}
	}
}

func TestProvenance(t *testing.T) {
	c := mustLoad(t)
	tests := []struct {
		name string
		tags inventory.Tags
		want Provenance
		ok   bool
	}{
		{name: "unknown tags tell nothing", tags: inventory.UnknownTags()},
		{name: "a person's tags tell nothing", tags: inventory.TagsFromMap(map[string]string{"owner": "payments"})},
		{
			name: "stack", ok: true,
			tags: inventory.TagsFromMap(map[string]string{"aws:cloudformation:stack-name": "net", "aws:cloudformation:logical-id": "Vpc"}),
			want: Provenance{Tool: "cloudformation", Declares: true, Tag: "aws:cloudformation:stack-name", Subject: "net"},
		},
		{
			name: "the group, not the stack that made the group", ok: true,
			tags: inventory.TagsFromMap(map[string]string{"aws:cloudformation:stack-name": "web", "aws:autoscaling:groupName": "web-asg"}),
			want: Provenance{Tool: "autoscaling", Tag: "aws:autoscaling:groupName", Subject: "web-asg"},
		},
		{
			name: "cluster in the key", ok: true,
			tags: inventory.TagsFromMap(map[string]string{"kubernetes.io/cluster/blue": "owned"}),
			want: Provenance{Tool: "kubernetes", Tag: "kubernetes.io/cluster/blue", Subject: "owned"},
		},
		{name: "shared with a cluster is not made by it", tags: inventory.TagsFromMap(map[string]string{"kubernetes.io/cluster/blue": "shared"})},
		{
			name: "pulumi", ok: true,
			tags: inventory.TagsFromMap(map[string]string{"pulumi:project": "shop", "pulumi:stack": "prod"}),
			want: Provenance{Tool: "pulumi", Declares: true, Tag: "pulumi:project", Subject: "prod"},
		},
	}
	for _, tt := range tests {
		got, ok := c.Provenance(tt.tags)
		if ok != tt.ok || got != tt.want {
			t.Errorf("%s: got %+v, %t", tt.name, got, ok)
		}
	}
}

func TestProviderDefault(t *testing.T) {
	c := mustLoad(t)
	yes := inventory.KnownAttributes(inventory.Attribute{Name: "IsDefault", Value: inventory.True})
	no := inventory.KnownAttributes(inventory.Attribute{Name: "IsDefault", Value: inventory.False})
	vpc := inventory.Asset{Type: "AWS::EC2::VPC", Key: "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}
	tests := []struct {
		name       string
		asset      inventory.Asset
		attributes inventory.Attributes
		unsure     []string
		want       string
	}{
		{name: "default VPC", asset: vpc, attributes: yes, want: "aws/default-vpc"},
		{name: "own VPC", asset: vpc, attributes: no},
		{name: "VPC of which nothing was read", asset: vpc},
		{name: "VPC whose attribute was not confirmed", asset: vpc, attributes: yes, unsure: []string{"IsDefault"}},
		{
			name:  "service-linked role",
			asset: inventory.Asset{Type: "AWS::IAM::Role", Key: "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"},
			want:  "aws/service-linked-role",
		},
		{name: "own role", asset: inventory.Asset{Type: "AWS::IAM::Role", Key: "arn:aws:iam::111122223333:role/payments"}},
		{name: "alias of AWS", asset: inventory.Asset{Type: "AWS::KMS::Alias", Key: "arn:aws-cn:kms:cn-north-1:111122223333:alias/aws/s3"}, want: "aws/managed-key-alias"},
		{name: "name alone, other type", asset: inventory.Asset{Type: "AWS::RDS::DBInstance", Name: "default.mysql8.0"}},
		{name: "default parameter group", asset: inventory.Asset{Type: "AWS::RDS::DBParameterGroup", Name: "default.mysql8.0"}, want: "aws/default-parameter-group"},
	}
	for _, tt := range tests {
		tt.asset.Attributes = tt.attributes
		got, ok := c.ProviderDefault(&inventory.Entry{Asset: tt.asset, AttributesUnconfirmed: tt.unsure})
		if got.ID != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: got %q, %t, want %q", tt.name, got.ID, ok, tt.want)
		}
		if ok && (got.Reason == "" || !strings.HasPrefix(got.Source, "https://")) {
			t.Errorf("%s: %q gives no reason or source", tt.name, got.ID)
		}
	}
}

func TestLoadRefusesWrongData(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"unknown key", "types:\n  AWS::SQS::Queue: {clas: x}\n", "data/a.yaml: yaml: unmarshal errors:\n  line 2: field clas not found"},
		{"twice in two files", "types:\n  AWS::EC2::Instance: {}\n", "stands in two files"},
		{"suppression of everything", "suppress:\n  - {id: a, reason: r, source: s, types: [X]}\n", "would match every asset"},
		{"suppression without a reason", "suppress:\n  - {id: a, source: s, types: [X], name: y}\n", "reason"},
		{"unknown transform", "terraform:\n  a: {attributes: {X: {from: x, as: magic}}}\n", "unknown transform"},
		{"paths missing", "terraform:\n  a: {attributes: {X: {from: x, as: key-schema}}}\n", "takes 2 paths"},
	}
	for _, tt := range tests {
		files := fstest.MapFS{
			"data/a.yaml": {Data: []byte(tt.text)},
			"data/b.yaml": {Data: []byte("types:\n  AWS::EC2::Instance: {}\n")},
		}
		_, err := load(files)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		mustLoad(b)
	}
}

func BenchmarkFirstType(b *testing.B) {
	for b.Loop() {
		mustLoad(b).Type("AWS::SQS::Queue")
	}
}

func BenchmarkType(b *testing.B) {
	c := mustLoad(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Type("AWS::SQS::Queue")
	}
}
