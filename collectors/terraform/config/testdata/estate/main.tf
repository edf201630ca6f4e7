# Made for tests: an estate of one of each, as it was applied to a simulated cloud.
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
}
variable "endpoint" { default = "http://127.0.0.1:5555" }
provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  skip_region_validation      = true
  s3_use_path_style           = true
  default_tags { tags = { ManagedBy = "terraform", Environment = "prod" } }
  endpoints {
    ec2      = var.endpoint
    s3       = var.endpoint
    iam      = var.endpoint
    sts      = var.endpoint
    sqs      = var.endpoint
    sns      = var.endpoint
    dynamodb = var.endpoint
    rds      = var.endpoint
    lambda   = var.endpoint
    kms      = var.endpoint
    logs     = var.endpoint
    cloudwatch = var.endpoint
    ssm      = var.endpoint
    secretsmanager = var.endpoint
  }
}
resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
  tags = { Name = "main", Owner = "net-team" }
}
resource "aws_subnet" "a" {
  vpc_id = aws_vpc.main.id
  cidr_block = "10.20.1.0/24"
  availability_zone = "us-west-2a"
  tags = { Name = "main-a", Owner = "net-team" }
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port = 443
    to_port = 443
    protocol = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
    description = "https"
  }
  egress {
    from_port = 0
    to_port = 0
    protocol = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "web", Owner = "app-team" }
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  tags = { Name = "db", Owner = "data-team" }
}
resource "aws_vpc_security_group_ingress_rule" "db_from_web" {
  security_group_id = aws_security_group.db.id
  referenced_security_group_id = aws_security_group.web.id
  from_port = 5432
  to_port = 5432
  ip_protocol = "tcp"
}
data "aws_ami" "any" {
  most_recent = true
  owners = ["amazon"]
}
resource "aws_instance" "web" {
  count = 2
  ami = data.aws_ami.any.id
  instance_type = "t3.micro"
  subnet_id = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.web.id]
  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }
  tags = { Name = "web-${count.index}", Owner = "app-team", CostCenter = "cc-1001" }
}
resource "aws_ebs_volume" "data" {
  availability_zone = "us-west-2a"
  size = 50
  type = "gp3"
  tags = { Name = "data", Owner = "data-team" }
}
resource "aws_s3_bucket" "logs" {
  bucket = "acme-prod-logs"
  tags = { Owner = "platform", DataClass = "internal" }
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket = aws_s3_bucket.logs.id
  block_public_acls = true
  block_public_policy = true
  ignore_public_acls = true
  restrict_public_buckets = true
}
resource "aws_iam_role" "app" {
  for_each = toset(["api", "worker"])
  name = "app-${each.key}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  tags = { Owner = "app-team" }
}
resource "aws_iam_policy" "read" {
  name = "read-logs"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.logs.arn}/*" }] })
}
resource "aws_iam_role_policy_attachment" "read" {
  for_each = aws_iam_role.app
  role = each.value.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_sqs_queue" "jobs" {
  name = "jobs"
  visibility_timeout_seconds = 60
  tags = { Owner = "app-team" }
}
resource "aws_sns_topic" "alerts" {
  name = "alerts"
  tags = { Owner = "sre" }
}
resource "aws_dynamodb_table" "sessions" {
  name = "sessions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  tags = { Owner = "app-team" }
}
resource "aws_cloudwatch_log_group" "app" {
  name = "/app/api"
  retention_in_days = 30
  tags = { Owner = "app-team" }
}
resource "aws_kms_key" "k" {
  description = "app key"
  tags = { Owner = "sec" }
}
module "queue" {
  source = "./mod"
  name = "audit"
}
resource "aws_db_instance" "pg" {
  identifier = "orders"
  engine = "postgres"
  instance_class = "db.t3.micro"
  allocated_storage = 20
  username = "u"
  password = "password1"
  skip_final_snapshot = true
  tags = { Owner = "data-team" }
}
