variable "size" { default = 2 }
resource "terraform_data" "a" { input = "override ${local.who}" }
