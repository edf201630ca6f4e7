variable "prefix" {}
locals { text = file("${path.module}/text.txt") }
resource "terraform_data" "leaf" { input = "${var.prefix}${trimspace(local.text)}" }
output "text" { value = terraform_data.leaf.input }
