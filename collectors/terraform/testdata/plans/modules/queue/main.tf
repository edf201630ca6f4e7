variable "token" { sensitive = true }

resource "aws_sqs_queue" "this" {
  count = 2
  name  = "inner-${count.index}"
}
