package terraform

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// sameThing is one resource as a state declares it and as Google's API gives it, after the documented shapes of both. changed are
// readings that differ from what is declared.
type sameThing struct {
	typ, state string
	observed   string
	changed    map[string]inventory.Value
}

func sameThings() []sameThing {
	return []sameThing{
		{
			typ: "google_compute_instance", state: machine,
			observed: `{"machineType":"e2-small","tags.items":["ssh","web"],"canIpForward":null,"deletionProtection":true,"minCpuPlatform":null,
				"serviceAccounts.email":["web@acme-prod.iam.gserviceaccount.com"],"serviceAccounts.scopes":["https://www.googleapis.com/auth/cloud-platform"],
				"networkInterfaces.network":["//compute.googleapis.com/projects/acme-prod/global/networks/shop"],
				"networkInterfaces.subnetwork":["//compute.googleapis.com/projects/acme-prod/regions/europe-west1/subnetworks/shop"],
				"scheduling.preemptible":false,"scheduling.provisioningModel":null,"scheduling.automaticRestart":true,"scheduling.onHostMaintenance":"MIGRATE",
				"confidentialInstanceConfig.enableConfidentialCompute":null}`,
			changed: map[string]inventory.Value{
				"machineType": `"e2-medium"`, "tags.items": `["web"]`, "canIpForward": `true`, "deletionProtection": `false`,
				"networkInterfaces.network": `["//compute.googleapis.com/projects/acme-test/global/networks/shop"]`, "scheduling.provisioningModel": `"SPOT"`,
			},
		},
		{
			typ: "google_compute_firewall",
			state: `{"name":"web","network":"https://www.googleapis.com/compute/v1/projects/acme-prod/global/networks/shop","direction":"INGRESS","priority":1000,
				"disabled":false,"description":"","source_ranges":["10.0.0.0/8","192.168.0.0/16"],"destination_ranges":[],"source_tags":null,"target_tags":["web"],
				"source_service_accounts":null,"target_service_accounts":null,"deny":[],"log_config":[],
				"allow":[{"protocol":"tcp","ports":["443","8080-8090"]},{"protocol":"icmp","ports":[]}]}`,
			observed: `{"network":"//compute.googleapis.com/projects/acme-prod/global/networks/shop","direction":"INGRESS","priority":1000,"disabled":false,
				"description":null,"sourceRanges":["192.168.0.0/16","10.0.0.0/8"],"destinationRanges":null,"sourceTags":null,"targetTags":["web"],"denied":null,
				"logConfig.enable":false,"allowed":[{"IPProtocol":"icmp"},{"IPProtocol":"tcp","ports":["443","8080-8090"]}]}`,
			changed: map[string]inventory.Value{
				"sourceRanges": `["0.0.0.0/0"]`, "disabled": `true`, "priority": `900`, "direction": `"EGRESS"`, "logConfig.enable": `true`,
				"allowed": `[{"IPProtocol":"all"}]`, "denied": `[{"IPProtocol":"tcp"}]`, "targetTags": `null`,
			},
		},
		{
			typ: "google_storage_bucket",
			state: `{"name":"acme-logs","project":"acme-prod","location":"eu","storage_class":"STANDARD","versioning":[{"enabled":true}],"uniform_bucket_level_access":true,
				"public_access_prevention":"inherited","requester_pays":null,"encryption":[],"retention_policy":[],"logging":[],"default_event_based_hold":false,
				"soft_delete_policy":[{"retention_duration_seconds":604800}],"autoclass":[],"hierarchical_namespace":[{"enabled":false}],"rpo":"DEFAULT"}`,
			observed: `{"location":"EU","storageClass":"STANDARD","versioning.enabled":true,"iamConfiguration.uniformBucketLevelAccess.enabled":true,
				"iamConfiguration.publicAccessPrevention":null,"billing.requesterPays":null,"encryption.defaultKmsKeyName":null,"retentionPolicy.retentionPeriod":null,
				"softDeletePolicy.retentionDurationSeconds":"604800","logging.logBucket":null,"defaultEventBasedHold":null,"autoclass.enabled":null,
				"hierarchicalNamespace.enabled":null,"rpo":"DEFAULT"}`,
			changed: map[string]inventory.Value{
				"location": `"US"`, "versioning.enabled": `false`, "iamConfiguration.uniformBucketLevelAccess.enabled": `false`,
				"iamConfiguration.publicAccessPrevention": `"enforced"`, "softDeletePolicy.retentionDurationSeconds": `"0"`,
				"encryption.defaultKmsKeyName": `"projects/p/locations/eu/keyRings/r/cryptoKeys/k"`, "billing.requesterPays": `true`,
			},
		},
		{
			typ: "google_sql_database_instance",
			state: `{"name":"orders","project":"acme-prod","region":"europe-west1","database_version":"POSTGRES_16","encryption_key_name":"","settings":[{
				"tier":"db-custom-2-8192","edition":"ENTERPRISE","availability_type":"REGIONAL","activation_policy":"ALWAYS","disk_size":20,"disk_type":"PD_SSD",
				"disk_autoresize":true,"deletion_protection_enabled":false,"database_flags":[{"name":"log_connections","value":"on"}],
				"ip_configuration":[{"ipv4_enabled":false,"private_network":"projects/acme-prod/global/networks/shop","ssl_mode":"ENCRYPTED_ONLY","authorized_networks":[]}],
				"backup_configuration":[{"enabled":true,"point_in_time_recovery_enabled":true}]}]}`,
			observed: `{"databaseVersion":"POSTGRES_16","region":"europe-west1","diskEncryptionConfiguration.kmsKeyName":null,"settings.tier":"db-custom-2-8192",
				"settings.edition":"ENTERPRISE","settings.availabilityType":"REGIONAL","settings.activationPolicy":"ALWAYS","settings.dataDiskSizeGb":"40",
				"settings.dataDiskType":"PD_SSD","settings.storageAutoResize":true,"settings.deletionProtectionEnabled":null,
				"settings.databaseFlags":[{"name":"log_connections","value":"on"}],"settings.ipConfiguration.ipv4Enabled":false,
				"settings.ipConfiguration.privateNetwork":"//compute.googleapis.com/projects/acme-prod/global/networks/shop",
				"settings.ipConfiguration.authorizedNetworks.value":null,"settings.ipConfiguration.sslMode":"ENCRYPTED_ONLY",
				"settings.backupConfiguration.enabled":true,"settings.backupConfiguration.pointInTimeRecoveryEnabled":true}`,
			changed: map[string]inventory.Value{
				"databaseVersion": `"POSTGRES_17"`, "settings.ipConfiguration.ipv4Enabled": `true`, "settings.availabilityType": `null`,
				"settings.ipConfiguration.authorizedNetworks.value": `["0.0.0.0/0"]`, "settings.backupConfiguration.enabled": `false`,
				"settings.databaseFlags": `[{"name":"log_connections","value":"off"}]`, "settings.ipConfiguration.sslMode": `"ALLOW_UNENCRYPTED_AND_ENCRYPTED"`,
			},
		},
		{
			typ: "google_container_cluster",
			state: `{"name":"apps","project":"acme-prod","location":"europe-west1-b","release_channel":[{"channel":"REGULAR"}],"network":"projects/acme-prod/global/networks/shop",
				"subnetwork":"projects/acme-prod/regions/europe-west1/subnetworks/apps","enable_autopilot":null,"enable_shielded_nodes":true,"enable_legacy_abac":false,
				"private_cluster_config":[{"enable_private_nodes":true,"enable_private_endpoint":false,"master_ipv4_cidr_block":"172.16.0.0/28"}],
				"master_authorized_networks_config":[{"cidr_blocks":[{"cidr_block":"10.0.0.0/8","display_name":"office"}]}],"network_policy":[{"enabled":false,"provider":"x"}],
				"workload_identity_config":[{"workload_pool":"acme-prod.svc.id.goog"}],"binary_authorization":[],"database_encryption":[{"state":"DECRYPTED","key_name":""}],
				"datapath_provider":"","logging_service":"logging.googleapis.com/kubernetes","monitoring_service":"monitoring.googleapis.com/kubernetes"}`,
			observed: `{"releaseChannel.channel":"REGULAR","network":"shop","subnetwork":"apps","autopilot.enabled":null,"privateClusterConfig.enablePrivateNodes":true,
				"privateClusterConfig.enablePrivateEndpoint":null,"privateClusterConfig.masterIpv4CidrBlock":"172.16.0.0/28",
				"masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock":["10.0.0.0/8"],"workloadIdentityConfig.workloadPool":"acme-prod.svc.id.goog",
				"shieldedNodes.enabled":true,"legacyAbac.enabled":null,"networkPolicy.enabled":null,"binaryAuthorization.evaluationMode":null,
				"databaseEncryption.state":"DECRYPTED","databaseEncryption.keyName":null,"networkConfig.datapathProvider":null,
				"loggingService":"logging.googleapis.com/kubernetes","monitoringService":"monitoring.googleapis.com/kubernetes"}`,
			changed: map[string]inventory.Value{
				"network": `"main"`, "masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock": `["0.0.0.0/0"]`, "legacyAbac.enabled": `true`,
				"privateClusterConfig.enablePrivateNodes": `false`, "shieldedNodes.enabled": `false`, "databaseEncryption.state": `"ENCRYPTED"`,
			},
		},
		{
			typ: "google_pubsub_subscription",
			state: `{"name":"orders","topic":"projects/acme-prod/topics/orders","ack_deadline_seconds":10,"message_retention_duration":"604800s","retain_acked_messages":false,
				"expiration_policy":[{"ttl":"2678400s"}],"filter":"","enable_message_ordering":false,
				"dead_letter_policy":[{"dead_letter_topic":"projects/420000000001/topics/dead","max_delivery_attempts":5}]}`,
			observed: `{"topic":"projects/acme-prod/topics/orders","ackDeadlineSeconds":10,"messageRetentionDuration":"604800s","retainAckedMessages":null,
				"expirationPolicy.ttl":"2678400s","filter":null,"enableMessageOrdering":null,"deadLetterPolicy.deadLetterTopic":"projects/acme-prod/topics/dead",
				"deadLetterPolicy.maxDeliveryAttempts":5}`,
			changed: map[string]inventory.Value{
				"topic": `"_deleted-topic_"`, "ackDeadlineSeconds": `20`, "messageRetentionDuration": `"600s"`, "retainAckedMessages": `true`,
				"deadLetterPolicy.deadLetterTopic": `"projects/acme-prod/topics/lost"`, "filter": `"attributes.a = \"b\""`,
			},
		},
		{
			typ: "google_kms_crypto_key",
			state: `{"name":"disks","key_ring":"projects/acme-prod/locations/global/keyRings/main","purpose":"ENCRYPT_DECRYPT","rotation_period":"7776000s",
				"version_template":[{"algorithm":"GOOGLE_SYMMETRIC_ENCRYPTION","protection_level":"SOFTWARE"}],"destroy_scheduled_duration":"2592000s"}`,
			observed: `{"purpose":"ENCRYPT_DECRYPT","rotationPeriod":"7776000s","versionTemplate.algorithm":"GOOGLE_SYMMETRIC_ENCRYPTION",
				"versionTemplate.protectionLevel":"SOFTWARE","destroyScheduledDuration":"2592000s"}`,
			changed: map[string]inventory.Value{"rotationPeriod": `null`, "versionTemplate.protectionLevel": `"HSM"`},
		},
	}
}

// TestGoogleDeclaredIsObserved: the two spellings of one resource differ in nothing, and what was changed shows.
func TestGoogleDeclaredIsObserved(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range sameThings() {
		t.Run(tt.typ, func(t *testing.T) {
			out, err := collect(t, googleState(tt.typ, tt.state))
			if err != nil {
				t.Fatal(err)
			}
			declared := out.assets[0]
			row, _ := c.Type(declared.Type)
			var observed map[string]json.RawMessage
			if err := json.Unmarshal([]byte(tt.observed), &observed); err != nil {
				t.Fatal(err)
			}
			for name, text := range observed {
				have, err := inventory.ParseValue(text)
				if err != nil {
					t.Fatal(err)
				}
				if want, differs := differs(row, declared, name, have); differs {
					t.Errorf("%s: declared %s differs from %s", name, want, have)
				}
			}
			for name, have := range tt.changed {
				if want, differs := differs(row, declared, name, have); !differs {
					t.Errorf("%s: declared %s is the same as %s", name, want, have)
				}
			}
		})
	}
}

// differs compares as the rules of drift do: what is not declared is left open, and nothing is the same as an empty value.
func differs(row catalog.Row, declared inventory.Asset, name string, have inventory.Value) (inventory.Value, bool) {
	attr, ok := row.Attribute(name)
	if !ok {
		return "no compared attribute", true
	}
	want, ok := declared.Attributes.Get(name)
	open := !attr.Default.IsRead() && catalog.Normalize(attr, inventory.False) != inventory.Null
	nothing := []inventory.Value{`""`, "0", inventory.False, "[]", "{}"}
	if !ok || attr.Ignore != "" || open && (want == inventory.Null || want == `""` || have == inventory.Null && slices.Contains(nothing, want)) {
		return want, false
	}
	return want, !catalog.Equal(attr, want, have)
}
