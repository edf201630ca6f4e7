package terraform

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeState writes a state of n instances of some kinds.
func writeState(w io.Writer, n int, kinds ...func(*bufio.Writer, int)) error {
	b := bufio.NewWriterSize(w, 1<<20)
	fmt.Fprint(b, `{
  "version": 4,
  "terraform_version": "1.12.6",
  "serial": 7,
  "lineage": "00000000-1111-2222-3333-444444444444",
  "outputs": {},
  "resources": [`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		kinds[i%len(kinds)](b, i)
	}
	fmt.Fprint(b, "\n  ],\n  \"check_results\": null\n}\n")
	return b.Flush()
}

// generateLarge writes a state of n instances of the five types that the catalog compares, indented as Terraform does, some
// 2 kB each. The first in every hundred holds a value that is marked sensitive.
func generateLarge(dir string, n int) error {
	return generate(dir, n, writeInstance, writeQueue, writeRole, writeTable, writeBucket)
}

// generateSmall writes a state of n instances as small as they can be: what grows with their number shows best.
func generateSmall(dir string, n int) error {
	return generate(dir, n, func(b *bufio.Writer, i int) {
		fmt.Fprintf(b, `{"mode":"managed","type":"aws_sqs_queue","name":"q%d","instances":[{"attributes":{`+
			`"arn":"arn:aws:sqs:eu-west-1:111122223333:q%d","tags_all":{"owner":"payments"}}}]}`, i, i)
	})
}

func generate(dir string, n int, kinds ...func(*bufio.Writer, int)) error {
	f, err := os.Create(filepath.Join(dir, "big.tfstate"))
	if err != nil {
		return err
	}
	if err := writeState(f, n, kinds...); err != nil {
		return err
	}
	return f.Close()
}

func writeBlock(b *bufio.Writer, i int, typ, attributes string) {
	sensitive := "[]"
	if i%100 == 0 {
		sensitive = `[[{"type": "get_attr", "value": "description"}]]`
	}
	fmt.Fprintf(b, `
    {
      "module": "module.estate[\"%d\"]",
      "mode": "managed",
      "type": %q,
      "name": "this",
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [
        {
          "schema_version": 1,
          "attributes": {%s
            "description": "secret-%d",
            "tags": {
              "Name": "thing-%d",
              "owner": "payments"
            },
            "tags_all": {
              "Name": "thing-%d",
              "cost-center": "cc-1001",
              "env": "prod",
              "owner": "payments"
            },
            "timeouts": null
          },
          "sensitive_attributes": %s,
          "private": "eyJlMmJmYjczMC1lY2FhLTExZTYtOGY4OC0zNDM2M2JjN2M0YzAiOnsiY3JlYXRlIjo2MDAwMDAwMDAwMDAsImRlbGV0ZSI6MTIwMDAwMDAwMDAwMH19",
          "dependencies": [
            "aws_security_group.web",
            "aws_subnet.a",
            "aws_vpc.main",
            "module.network.aws_vpc.main"
          ]
        }
      ]
    }`, i, typ, attributes, i, i, i, sensitive)
}

func writeInstance(b *bufio.Writer, i int) {
	writeBlock(b, i, "aws_instance", fmt.Sprintf(`
            "ami": "ami-03cf127a",
            "arn": "arn:aws:ec2:eu-west-1:111122223333:instance/i-%017x",
            "associate_public_ip_address": false,
            "availability_zone": "eu-west-1a",
            "capacity_reservation_specification": [],
            "cpu_options": [],
            "credit_specification": [
              {
                "cpu_credits": "standard"
              }
            ],
            "disable_api_stop": false,
            "disable_api_termination": false,
            "ebs_block_device": [],
            "ebs_optimized": false,
            "ephemeral_block_device": [],
            "hibernation": false,
            "host_id": "",
            "iam_instance_profile": "app",
            "id": "i-%017x",
            "instance_state": "running",
            "instance_type": "t3.micro",
            "key_name": "",
            "launch_template": [],
            "metadata_options": [
              {
                "http_endpoint": "enabled",
                "http_protocol_ipv6": "disabled",
                "http_put_response_hop_limit": 1,
                "http_tokens": "required",
                "instance_metadata_tags": "disabled"
              }
            ],
            "monitoring": false,
            "network_interface": [],
            "private_dns": "ip-10-20-1-4.eu-west-1.compute.internal",
            "private_ip": "10.20.1.4",
            "public_dns": "",
            "public_ip": "",
            "root_block_device": [
              {
                "delete_on_termination": true,
                "device_name": "/dev/sda1",
                "encrypted": true,
                "iops": 3000,
                "kms_key_id": "",
                "tags": null,
                "tags_all": {
                  "env": "prod"
                },
                "throughput": 125,
                "volume_id": "vol-%017x",
                "volume_size": 20,
                "volume_type": "gp3"
              }
            ],
            "secondary_private_ips": [],
            "security_groups": [],
            "source_dest_check": true,
            "subnet_id": "subnet-6626fe8dea880f46a",
            "tenancy": "default",
            "user_data": null,
            "volume_tags": null,
            "vpc_security_group_ids": [
              "sg-bc17190974c354bbc"
            ],`, i, i, i))
}

func writeQueue(b *bufio.Writer, i int) {
	writeBlock(b, i, "aws_sqs_queue", fmt.Sprintf(`
            "arn": "arn:aws:sqs:eu-west-1:111122223333:queue-%d",
            "content_based_deduplication": false,
            "deduplication_scope": "",
            "delay_seconds": 0,
            "fifo_queue": false,
            "id": "https://sqs.eu-west-1.amazonaws.com/111122223333/queue-%d",
            "kms_data_key_reuse_period_seconds": 300,
            "max_message_size": 262144,
            "message_retention_seconds": 345600,
            "name": "queue-%d",
            "policy": "",
            "receive_wait_time_seconds": 0,
            "redrive_policy": "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:111122223333:dead\",\"maxReceiveCount\":4}",
            "sqs_managed_sse_enabled": true,
            "url": "https://sqs.eu-west-1.amazonaws.com/111122223333/queue-%d",
            "visibility_timeout_seconds": 30,`, i, i, i, i))
}

func writeRole(b *bufio.Writer, i int) {
	writeBlock(b, i, "aws_iam_role", fmt.Sprintf(`
            "arn": "arn:aws:iam::111122223333:role/role-%d",
            "assume_role_policy": "{\"Statement\":[{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"}}],\"Version\":\"2012-10-17\"}",
            "create_date": "2026-01-22T23:58:06Z",
            "force_detach_policies": false,
            "id": "role-%d",
            "inline_policy": [],
            "managed_policy_arns": [],
            "max_session_duration": 3600,
            "name": "role-%d",
            "path": "/",
            "permissions_boundary": "",
            "unique_id": "AROA%017d",`, i, i, i, i))
}

func writeTable(b *bufio.Writer, i int) {
	writeBlock(b, i, "aws_dynamodb_table", fmt.Sprintf(`
            "arn": "arn:aws:dynamodb:eu-west-1:111122223333:table/table-%d",
            "attribute": [
              {
                "name": "id",
                "type": "S"
              }
            ],
            "billing_mode": "PAY_PER_REQUEST",
            "deletion_protection_enabled": false,
            "hash_key": "id",
            "id": "table-%d",
            "name": "table-%d",
            "point_in_time_recovery": [
              {
                "enabled": true
              }
            ],
            "range_key": null,
            "read_capacity": 0,
            "server_side_encryption": [],
            "stream_view_type": "",
            "table_class": "STANDARD",
            "ttl": [
              {
                "attribute_name": "",
                "enabled": false
              }
            ],
            "write_capacity": 0,`, i, i, i))
}

func writeBucket(b *bufio.Writer, i int) {
	writeBlock(b, i, "aws_s3_bucket", fmt.Sprintf(`
            "arn": "arn:aws:s3:::acme-bucket-%d",
            "bucket": "acme-bucket-%d",
            "bucket_domain_name": "acme-bucket-%d.s3.amazonaws.com",
            "force_destroy": false,
            "grant": [
              {
                "id": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a",
                "permissions": [
                  "FULL_CONTROL"
                ],
                "type": "CanonicalUser",
                "uri": ""
              }
            ],
            "id": "acme-bucket-%d",
            "lifecycle_rule": [],
            "object_lock_enabled": false,
            "region": "eu-west-1",
            "versioning": [
              {
                "enabled": false,
                "mfa_delete": false
              }
            ],`, i, i, i, i))
}
