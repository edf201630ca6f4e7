package database

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// TestTableThatIsBeingMade: the calls about parts of a table say that it is not there until it is active.
func TestTableThatIsBeingMade(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::DynamoDB::Table"), listertest.Answers{
		"ListTables": listertest.Bodies(`{"TableNames":["new"]}`),
		"DescribeTable": listertest.Bodies(`{"Table":{"TableName":"new","TableStatus":"CREATING",
			"TableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/new"}}`),
		"DescribeContinuousBackups": listertest.Refuse("TableNotFoundException"),
		"DescribeTimeToLive":        listertest.Refuse("ResourceNotFoundException"),
		"ListTagsOfResource":        listertest.Bodies(`{"Tags":[]}`),
	})
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if v, _ := o.Assets[0].Attributes.Get("TimeToLiveSpecification.Enabled"); v != inventory.Unread {
		t.Errorf("expiry is %q", v)
	}
}
