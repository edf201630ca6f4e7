# Made for tests: the code of plan.json.
variable "region" { default = "eu-west-1" }

variable "password" { sensitive = true }

provider "aws" { region = var.region }

provider "aws" {
  alias               = "us"
  region              = "us-east-1"
  allowed_account_ids = ["444455556666"]
}

resource "aws_sqs_queue" "kept" {
  name = "kept"
}

resource "aws_sqs_queue" "new" {
  provider = aws.us
  name     = "new"
  tags     = { Owner = "shop", Build = timestamp() }
}

resource "aws_s3_bucket" "renamed" {
  bucket = "shop-new"
}

resource "aws_db_instance" "orders" {
  identifier = "orders"
  password   = var.password
}

module "queue" {
  source   = "./modules/queue"
  for_each = toset(["a.b"])
  token    = "s3cret-module-token"
}
