package storage

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const backupPrefix = "arn:aws:backup:eu-west-1:111122223333:"

// backupTagAnswer gives tags in two pages, and none of what is called Default.
func backupTagAnswer() listertest.Answer {
	return func(_ int, request string) listertest.Response {
		switch {
		case strings.Contains(request, "Default"):
			return listertest.Response{Body: `{"Tags":{}}`}
		case strings.Contains(request, "nextToken"):
			return listertest.Response{Body: `{"Tags":{"env":"prod"}}`}
		}
		return listertest.Response{Body: `{"Tags":{"owner":"platform"},"NextToken":"more"}`}
	}
}

func TestVaults(t *testing.T) {
	o := run(t, "AWS::Backup::BackupVault", listertest.Answers{
		"ListBackupVaults": listertest.Bodies(
			`{"BackupVaultList":[{"BackupVaultArn":"`+backupPrefix+`backup-vault:safe","BackupVaultName":"safe","VaultType":"BACKUP_VAULT","CreationDate":1767225600,
				"EncryptionKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k1","Locked":true,"MinRetentionDays":7,"MaxRetentionDays":365,"NumberOfRecoveryPoints":4}],"NextToken":"more"}`,
			`{"BackupVaultList":[{"BackupVaultArn":"`+backupPrefix+`backup-vault:Default","BackupVaultName":"Default"},
				{"BackupVaultArn":"`+backupPrefix+`backup-vault:gapped","BackupVaultName":"gapped","VaultType":"LOGICALLY_AIR_GAPPED_BACKUP_VAULT","MinRetentionDays":7,"MaxRetentionDays":35}]}`,
		),
		"ListTags": backupTagAnswer(),
	})
	listertest.Counts(t, o, 3, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "platform", "env": "prod"},
		Attributes: map[string]string{
			"BackupVaultName": `"safe"`, "EncryptionKeyArn": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`, "Locked": "true",
			"LockConfiguration.MinRetentionDays": "7", "LockConfiguration.MaxRetentionDays": "365",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "safe")},
	}.Check(t, o.Asset(t, backupPrefix+"backup-vault:safe"))
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{"LockConfiguration.MinRetentionDays": "null"}}.Check(t, o.Asset(t, "Default"))
	listertest.Want{Type: "AWS::Backup::LogicallyAirGappedBackupVault", Attributes: map[string]string{"MaxRetentionDays": "35"}}.Check(t, o.Asset(t, "gapped"))
}

func TestPlans(t *testing.T) {
	entry := func(id, name string) string {
		return `{"BackupPlanArn":"` + backupPrefix + `backup-plan:` + id + `","BackupPlanId":"` + id + `","BackupPlanName":"` + name + `","CreationDate":1767225600}`
	}
	o := run(t, "AWS::Backup::BackupPlan", listertest.Answers{
		"ListBackupPlans": listertest.Bodies(
			`{"BackupPlansList":[`+entry("id-1", "daily")+`],"NextToken":"more"}`, `{"BackupPlansList":[`+entry("id-2", "shut")+`,`+entry("id-3", "gone")+`]}`,
		),
		"GetBackupPlan": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "id-1"):
				return listertest.Response{Body: `{"BackupPlanId":"id-1","BackupPlan":{"BackupPlanName":"daily","Rules":[{"RuleName":"r","TargetBackupVaultName":"safe","RuleId":"x",
					"ScheduleExpression":"cron(0 5 ? * * *)","EnableContinuousBackup":true,"Lifecycle":{"MoveToColdStorageAfterDays":30,"DeleteAfterDays":120},
					"CopyActions":[{"DestinationBackupVaultArn":"arn:aws:backup:us-east-1:111122223333:backup-vault:far","Lifecycle":{"DeleteAfterDays":7}}]}]}}`}
			case strings.Contains(request, "id-2"):
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Code: "ResourceNotFoundException"}
		},
		"ListTags": backupTagAnswer(),
	})
	listertest.Counts(t, o, 2, 1)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "platform", "env": "prod"},
		Attributes: map[string]string{
			"BackupPlan.BackupPlanName": `"daily"`,
			"BackupPlan.BackupPlanRule": `[{"CopyActions":[{"DestinationBackupVaultArn":"arn:aws:backup:us-east-1:111122223333:backup-vault:far","Lifecycle":{"DeleteAfterDays":7}}],` +
				`"EnableContinuousBackup":true,"Lifecycle":{"DeleteAfterDays":120,"MoveToColdStorageAfterDays":30},"RuleName":"r","ScheduleExpression":"cron(0 5 ? * * *)","TargetBackupVault":"safe"}]`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "id-1")},
	}.Check(t, o.Asset(t, "daily"))
	listertest.Want{Unread: []string{"BackupPlan.BackupPlanRule"}, Attributes: map[string]string{"BackupPlan.BackupPlanName": `"shut"`}}.Check(t, o.Asset(t, "shut"))
}

func TestRefusedBackupTags(t *testing.T) {
	o := run(t, "AWS::Backup::BackupVault", listertest.Answers{
		"ListBackupVaults": listertest.Bodies(`{"BackupVaultList":[{"BackupVaultArn":"` + backupPrefix + `backup-vault:safe","BackupVaultName":"safe"}]}`),
		"ListTags":         listertest.Refuse("AccessDeniedException"),
	})
	listertest.Counts(t, o, 1, 1)
	listertest.UnknownTags(t, o.Assets[0])
}
