variable "name" { type = string }
variable "size" {
  type    = number
  default = 1
}
variable "tags" {
  type     = map(string)
  default  = { none = true }
  nullable = false
}
resource "terraform_data" "this" {
  count = var.size
  input = { name = "${var.name}-${count.index}", tags = merge(var.tags, { Module = path.module }) }
}
module "leaf" {
  source = "./leaf"
  prefix = "${var.name}:"
}
output "names" { value = [for i in range(var.size) : "${var.name}-${i}"] }
output "path" { value = path.module }
output "deep" { value = module.leaf.text }
output "secret" {
  value     = "made-up"
  sensitive = true
}
