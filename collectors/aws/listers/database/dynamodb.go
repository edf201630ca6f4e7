package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func dynamodbListers() []lister.Lister {
	return []lister.Lister{{
		Type: "AWS::DynamoDB::Table",
		ARNs: []string{"dynamodb:table/*"},
		Operations: lister.API(dynamodb.ServiceID, "dynamodb").Ops(
			"ListTables", "DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive", "ListTagsOfResource"),
		List: listTables, ReadTags: tableTags,
	}}
}

// listTables lists tables by their names. What a table is like takes three calls each, any of which may be refused alone.
func listTables(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := dynamodb.NewFromConfig(t.Config)
	d := lister.Description[string, tableFacts]{
		Ask:   func(ctx context.Context, name string) (tableFacts, error) { return readTable(ctx, c, name) },
		Asset: func(name string, f tableFacts) inventory.Asset { return table(t, name, &f) },
		Gone:  tableGone(),
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListTables(ctx, &dynamodb.ListTablesInput{ExclusiveStartTableName: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.LastEvaluatedTableName, d.Put(ctx, out, page.TableNames)
	})
}

func tableGone() []string { return []string{"ResourceNotFoundException", "TableNotFoundException"} }

// tableFacts are what the calls about one table gave; what could not be read is nil.
type tableFacts struct {
	table   *types.TableDescription
	backups *types.ContinuousBackupsDescription
	ttl     *types.TimeToLiveDescription
}

// readTable makes the calls about a table. One that is gone is not asked further.
func readTable(ctx context.Context, c *dynamodb.Client, name string) (tableFacts, error) {
	var f tableFacts
	table, tableErr := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if lister.Gone(tableErr, tableGone()...) {
		return f, tableErr
	}
	if tableErr == nil {
		f.table = table.Table
		if unsettled(f.table) {
			return f, fmt.Errorf("backups and expiry cannot be read while the table is %s", f.table.TableStatus)
		}
	}
	backupsErr, ttlErr := f.readParts(ctx, c, name)
	for _, err := range []error{backupsErr, ttlErr} {
		if tableErr == nil && lister.Gone(err, tableGone()...) {
			return f, err
		}
	}
	return f, errors.Join(tableErr, backupsErr, ttlErr)
}

func (f *tableFacts) readParts(ctx context.Context, c *dynamodb.Client, name string) (backupsErr, ttlErr error) {
	backups, backupsErr := c.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if backupsErr == nil {
		f.backups = backups.ContinuousBackupsDescription
	}
	ttl, ttlErr := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if ttlErr == nil {
		f.ttl = ttl.TimeToLiveDescription
	}
	return backupsErr, ttlErr
}

// unsettled reports whether a table is one of which the other calls say that it is not there, though it is: one that is being made or was
// put away.
func unsettled(v *types.TableDescription) bool {
	switch v.TableStatus {
	case types.TableStatusActive, types.TableStatusUpdating, types.TableStatusDeleting, "":
		return false
	}
	return true
}

func table(t *lister.Target, name string, f *tableFacts) inventory.Asset {
	a := named(aws.String(t.ARN("dynamodb", "table/"+name)), aws.String(name))
	var p lister.Attributes
	p.Text("TableName", name)
	if f.table != nil {
		if f.table.TableArn != nil {
			a.Key = *f.table.TableArn
		}
		a.Created = lister.Time(f.table.CreationDateTime)
		if f.table.TableStatus == types.TableStatusDeleting {
			a.Lifecycle = inventory.LifecycleRetiring
		}
		tableCapacity(&p, f.table)
		tableSchema(&p, f.table)
		tableProtection(&p, f.table)
	}
	tableBackups(&p, f.backups)
	tableExpiry(&p, f.ttl)
	a.Attributes = p.Known()
	return a
}

func tableCapacity(p *lister.Attributes, v *types.TableDescription) {
	var mode types.BillingMode
	if v.BillingModeSummary != nil {
		mode = v.BillingModeSummary.BillingMode
	}
	p.Text("BillingMode", string(mode))
	if v.ProvisionedThroughput != nil {
		p.Long("ProvisionedThroughput.ReadCapacityUnits", v.ProvisionedThroughput.ReadCapacityUnits)
		p.Long("ProvisionedThroughput.WriteCapacityUnits", v.ProvisionedThroughput.WriteCapacityUnits)
	}
	var class types.TableClass
	if v.TableClassSummary != nil {
		class = v.TableClassSummary.TableClass
	}
	p.Text("TableClass", string(class))
}

func tableSchema(p *lister.Attributes, v *types.TableDescription) {
	p.Object("KeySchema", keySchema(v.KeySchema))
	definitions := make([]any, len(v.AttributeDefinitions))
	for i, d := range v.AttributeDefinitions {
		definitions[i] = map[string]any{"AttributeName": lister.Str(d.AttributeName), "AttributeType": string(d.AttributeType)}
	}
	p.Object("AttributeDefinitions", definitions)
	indexes := make([]any, len(v.GlobalSecondaryIndexes))
	for i, x := range v.GlobalSecondaryIndexes {
		index := map[string]any{"IndexName": lister.Str(x.IndexName), "KeySchema": keySchema(x.KeySchema)}
		if x.Projection != nil {
			index["Projection"] = map[string]any{"ProjectionType": string(x.Projection.ProjectionType)}
		}
		indexes[i] = index
	}
	p.Object("GlobalSecondaryIndexes", indexes)
}

func keySchema(list []types.KeySchemaElement) []any {
	out := make([]any, len(list))
	for i, k := range list {
		out[i] = map[string]any{"AttributeName": lister.Str(k.AttributeName), "KeyType": string(k.KeyType)}
	}
	return out
}

// tableProtection sets the encryption by a key of the account, which the service leaves out where its own key is used.
func tableProtection(p *lister.Attributes, v *types.TableDescription) {
	var view types.StreamViewType
	if s := v.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		view = s.StreamViewType
	}
	p.Text("StreamSpecification.StreamViewType", string(view))
	var key *string
	encrypted := false
	if s := v.SSEDescription; s != nil {
		key = s.KMSMasterKeyArn
		encrypted = s.Status == types.SSEStatusEnabled || s.Status == types.SSEStatusEnabling || s.Status == types.SSEStatusUpdating
	}
	p.Bool("SSESpecification.SSEEnabled", &encrypted)
	p.String("SSESpecification.KMSMasterKeyId", key)
	p.Bool("DeletionProtectionEnabled", v.DeletionProtectionEnabled)
}

func tableBackups(p *lister.Attributes, v *types.ContinuousBackupsDescription) {
	const name = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
	if v == nil {
		p.Unread(name)
		return
	}
	r := v.PointInTimeRecoveryDescription
	p.Bool(name, aws.Bool(r != nil && r.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled))
}

func tableExpiry(p *lister.Attributes, v *types.TimeToLiveDescription) {
	if v == nil {
		p.Unread("TimeToLiveSpecification.Enabled", "TimeToLiveSpecification.AttributeName")
		return
	}
	on := v.TimeToLiveStatus == types.TimeToLiveStatusEnabled || v.TimeToLiveStatus == types.TimeToLiveStatusEnabling
	p.Bool("TimeToLiveSpecification.Enabled", &on)
	p.String("TimeToLiveSpecification.AttributeName", v.AttributeName)
}

func tableTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := dynamodb.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(a.Key), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}
