package retag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/shell"
)

func asset(kind inventory.Type, key, region string) *inventory.Entry {
	return &inventory.Entry{Asset: inventory.Asset{Key: key, Book: inventory.Observed, Type: kind, Account: "111122223333", Region: region, Tags: inventory.KnownTags()}}
}

func google(kind inventory.Type, key string) *inventory.Entry {
	e := asset(kind, key, "")
	e.Account = "acme-prod"
	return e
}

func tags(pairs ...string) []inventory.Tag {
	var list []inventory.Tag
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, inventory.Tag{Key: pairs[i], Value: pairs[i+1]})
	}
	return list
}

const queueARN = "arn:aws:sqs:eu-west-1:111122223333:jobs"

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		name   string
		asset  *inventory.Entry
		set    []inventory.Tag
		remove []string
		want   string // empty: none
	}{
		{"two tags", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), tags("env", "prod", "owner", "web"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list " + queueARN + " --region eu-west-1 --tags env=prod,owner=web"},
		{"what the short form cannot say", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), tags("list", "a,b=c", "n", `q"'`), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list " + queueARN + ` --region eu-west-1 --tags '{"list":"a,b=c","n":"q\"'\''"}'`},
		{"a key that would be a file", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), tags("file:///etc/passwd", "x"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list " + queueARN + ` --region eu-west-1 --tags '{"file:///etc/passwd":"x"}'`},
		{"a key that would be a flag", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), tags("--profile", "x"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list " + queueARN + ` --region eu-west-1 --tags '{"--profile":"x"}'`},
		{"removal of such a key", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), nil, []string{"--profile"}, ""},
		{"removal of a key that is a file", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), nil, []string{"file://x"}, ""},
		{"a line end", asset("AWS::SQS::Queue", queueARN, "eu-west-1"), tags("a", "b\nreboot"), nil, ""},
		{"a region turned round", asset("AWS::SQS::Queue", queueARN, "eu\u202e-west-1"), tags("a", "b"), nil, ""},
		{"global", asset("AWS::CloudFront::Distribution", "arn:aws:cloudfront::111122223333:distribution/E1", "global"), tags("a", "b"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:cloudfront::111122223333:distribution/E1 --region us-east-1 --tags a=b"},
		{"global in China", asset("AWS::CloudFront::Distribution", "arn:aws-cn:cloudfront::111122223333:distribution/E1", "global"), tags("a", "b"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws-cn:cloudfront::111122223333:distribution/E1 --region cn-northwest-1 --tags a=b"},
		{"a bucket whose region is not known", asset("AWS::S3::Bucket", "arn:aws:s3:::logs", ""), tags("a", "b"), nil, "aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:s3:::logs --tags a=b"},
		{"role", asset("AWS::IAM::Role", "arn:aws:iam::111122223333:role/path/deploy", ""), tags("a", "b c"), nil, `aws iam tag-role --role-name deploy --region us-east-1 --tags '[{"Key":"a","Value":"b c"}]'`},
		{"user, removal", asset("AWS::IAM::User", "arn:aws:iam::111122223333:user/ann", "global"), nil, []string{"a", "b"}, "aws iam untag-user --user-name ann --region us-east-1 --tag-keys a b"},
		{"group of machines", asset("AWS::AutoScaling::AutoScalingGroup", "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:u:autoScalingGroupName/web", "eu-west-1"), tags("a", "b"), nil, ""},
		{"no ARN", asset("AWS::SQS::Queue", "AWS::SQS::Queue|1|2|3", "eu-west-1"), tags("a", "b"), nil, ""},
		{"machine", google("compute.googleapis.com/Instance", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web"), tags("a", "b", "c", "d"), nil, "gcloud compute instances add-labels web --zone=europe-west1-b --project=acme-prod --labels=a=b,c=d"},
		{"disk of a region", google("compute.googleapis.com/Disk", "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/disks/d"), tags("a", "b"), nil, "gcloud compute disks add-labels d --region=europe-west1 --project=acme-prod --labels=a=b"},
		{"bucket", google("storage.googleapis.com/Bucket", "//storage.googleapis.com/acme"), tags("a", "b"), nil, "gcloud storage buckets update gs://acme --project=acme-prod --update-labels=a=b"},
		{"database", google("sqladmin.googleapis.com/Instance", "//cloudsql.googleapis.com/projects/acme-prod/instances/db"), tags("a", "b"), nil, "gcloud beta sql instances patch db --project=acme-prod --update-labels=a=b"},
		{"key", google("cloudkms.googleapis.com/CryptoKey", "//cloudkms.googleapis.com/projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k"), tags("a", "b"), nil, "gcloud kms keys update k --location=global --keyring=r --project=acme-prod --update-labels=a=b"},
		{"regional secret", google("secretmanager.googleapis.com/Secret", "//secretmanager.googleapis.com/projects/acme-prod/locations/europe-west1/secrets/s"), nil, []string{"a", "b"}, "gcloud secrets update s --location=europe-west1 --project=acme-prod --remove-labels=a,b"},
		{"a place that the command does not take", google("compute.googleapis.com/Snapshot", "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/snapshots/s"), tags("a", "b"), nil, ""},
		{"a label that would be two", google("storage.googleapis.com/Bucket", "//storage.googleapis.com/acme"), tags("a", "b,c=d"), nil, ""},
		{"a name that would be a flag", google("compute.googleapis.com/Image", "//compute.googleapis.com/projects/p/global/images/--x"), tags("a", "b"), nil, ""},
		{"a type that no command is known for", google("run.googleapis.com/Service", "//run.googleapis.com/projects/p/locations/l/services/s"), tags("a", "b"), nil, ""},
	} {
		if diff := cmp.Diff(tt.want, shell.Line(Command(tt.asset, tt.set, tt.remove)...)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// FuzzCommand: no name makes a command of more or other words than are meant.
func FuzzCommand(f *testing.F) {
	f.Add("jobs", "owner", "web")
	f.Add("--region", "a,b", "x=y")
	f.Add("a\nb", "file://x", "'; reboot; '")
	f.Fuzz(func(t *testing.T, name, key, value string) {
		for _, e := range []*inventory.Entry{
			asset("AWS::SQS::Queue", "arn:aws:sqs:eu-west-1:111122223333:"+name, "eu-west-1"),
			asset("AWS::IAM::Role", "arn:aws:iam::111122223333:role/"+name, "global"),
			google("storage.googleapis.com/Bucket", "//storage.googleapis.com/"+name),
		} {
			words := Command(e, tags(key, value), nil)
			for i, w := range words {
				if !shell.Fits(w) {
					t.Errorf("%q holds a control character", w)
				}
				own := i < 3 || strings.HasPrefix(w, "--region") || strings.HasPrefix(w, "--tags") || strings.HasPrefix(w, "--project=") || strings.HasPrefix(w, "--update-labels=") || strings.HasPrefix(w, "--role-name") || w == "--resource-arn-list"
				if !own && strings.HasPrefix(w, "-") {
					t.Errorf("%q would be a flag", w)
				}
			}
		}
	})
}
