package storage

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func backupListers() []lister.Lister {
	api := lister.API(backup.ServiceID, "backup")
	return []lister.Lister{{
		Type:       "AWS::Backup::BackupVault",
		Also:       []inventory.Type{"AWS::Backup::LogicallyAirGappedBackupVault"},
		ARNs:       []string{"backup:backup-vault:*"},
		Operations: api.Ops("ListBackupVaults", "ListTags"),
		List:       listVaults, ReadTags: backupTags,
	}, {
		Type:       "AWS::Backup::BackupPlan",
		ARNs:       []string{"backup:backup-plan:*"},
		Operations: api.Ops("ListBackupPlans", "GetBackupPlan", "ListTags"),
		List:       listPlans, ReadTags: backupTags,
	}}
}

func backupTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := backup.NewFromConfig(t.Config)
	tags := map[string]string{}
	err := lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListTags(ctx, &backup.ListTagsInput{ResourceArn: aws.String(a.Key), NextToken: token})
		if err != nil {
			return nil, err
		}
		for k, v := range page.Tags {
			tags[k] = v
		}
		return page.NextToken, nil
	})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(tags), nil
}

func listVaults(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := backup.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListBackupVaults(ctx, &backup.ListBackupVaultsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.BackupVaultList, vault)
	})
}

func vault(v *types.BackupVaultListMember) inventory.Asset {
	a := known(v.BackupVaultArn, v.BackupVaultName)
	a.Created = lister.Time(v.CreationDate)
	var p lister.Attributes
	p.String("BackupVaultName", v.BackupVaultName)
	p.String("EncryptionKeyArn", v.EncryptionKeyArn)
	p.Bool("Locked", v.Locked)
	retention := "LockConfiguration."
	if v.VaultType == types.VaultTypeLogicallyAirGappedBackupVault {
		a.Type, retention = "AWS::Backup::LogicallyAirGappedBackupVault", ""
	}
	p.Long(retention+"MinRetentionDays", v.MinRetentionDays)
	p.Long(retention+"MaxRetentionDays", v.MaxRetentionDays)
	a.Attributes = p.Known()
	return a
}

// listPlans lists plans. What a plan does takes a call each.
func listPlans(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := backup.NewFromConfig(t.Config)
	d := lister.Description[types.BackupPlansListMember, *backup.GetBackupPlanOutput]{
		Ask: func(ctx context.Context, v types.BackupPlansListMember) (*backup.GetBackupPlanOutput, error) {
			return c.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: v.BackupPlanId})
		},
		Asset: plan,
		Gone:  []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListBackupPlans(ctx, &backup.ListBackupPlansInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.BackupPlansList)
	})
}

// plan makes the asset of a plan; detail is nil if it could not be read.
func plan(v types.BackupPlansListMember, detail *backup.GetBackupPlanOutput) inventory.Asset {
	a := known(v.BackupPlanArn, v.BackupPlanId)
	a.Created = lister.Time(v.CreationDate)
	nameBy(&a, v.BackupPlanName)
	var p lister.Attributes
	p.String("BackupPlan.BackupPlanName", v.BackupPlanName)
	if detail == nil || detail.BackupPlan == nil {
		p.Unread("BackupPlan.BackupPlanRule")
	} else {
		rules := make([]any, len(detail.BackupPlan.Rules))
		for i := range rules {
			rules[i] = planRule(&detail.BackupPlan.Rules[i])
		}
		p.Object("BackupPlan.BackupPlanRule", rules)
	}
	a.Attributes = p.Known()
	return a
}

func planRule(r *types.BackupRule) map[string]any {
	rule := map[string]any{}
	set := func(name string, s *string) {
		if s != nil {
			rule[name] = *s
		}
	}
	set("RuleName", r.RuleName)
	set("TargetBackupVault", r.TargetBackupVaultName)
	set("ScheduleExpression", r.ScheduleExpression)
	set("ScheduleExpressionTimezone", r.ScheduleExpressionTimezone)
	if r.EnableContinuousBackup != nil {
		rule["EnableContinuousBackup"] = *r.EnableContinuousBackup
	}
	if l := planLifecycle(r.Lifecycle); l != nil {
		rule["Lifecycle"] = l
	}
	if len(r.CopyActions) > 0 {
		rule["CopyActions"] = copyActions(r.CopyActions)
	}
	return rule
}

func copyActions(list []types.CopyAction) []any {
	out := make([]any, len(list))
	for i, c := range list {
		action := map[string]any{"DestinationBackupVaultArn": lister.Str(c.DestinationBackupVaultArn)}
		if l := planLifecycle(c.Lifecycle); l != nil {
			action["Lifecycle"] = l
		}
		out[i] = action
	}
	return out
}

func planLifecycle(l *types.Lifecycle) map[string]any {
	if l == nil {
		return nil
	}
	out := map[string]any{}
	for name, days := range map[string]*int64{"DeleteAfterDays": l.DeleteAfterDays, "MoveToColdStorageAfterDays": l.MoveToColdStorageAfterDays} {
		if days != nil {
			out[name] = json.Number(strconv.FormatInt(*days, 10))
		}
	}
	return out
}
