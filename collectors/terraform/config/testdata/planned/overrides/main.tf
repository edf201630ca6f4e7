# Made for tests. Override files.
variable "size" { default = 1 }
locals { who = "main" }
resource "terraform_data" "a" {
  count = var.size
  input = "main ${local.who}"
  triggers_replace = "kept"
}
resource "terraform_data" "b" { input = "main" }
