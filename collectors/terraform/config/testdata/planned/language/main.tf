# Made for tests. The language itself: variables, types with defaults, locals, instances, conversions.
terraform {
  required_version = ">= 1.3"
}

variable "settings" {
  type = object({
    name    = string
    size    = optional(number, 3)
    zones   = optional(list(string), ["a", "b"])
    labels  = optional(map(string), {})
    nested  = optional(object({ on = optional(bool, true), level = optional(string) }), {})
  })
  default = { name = "app", labels = { n = 1 } }
}
variable "given" { type = string }
variable "auto" { default = "default" }
variable "number" { type = number }
variable "any" { type = any }
variable "list" { type = list(object({ k = string, v = optional(number, 7) })) }
variable "set" { type = set(string) }
variable "not_null" {
  type     = string
  default  = "kept"
  nullable = false
}
variable "tuple" { type = tuple([string, number]) }
variable "secret" {
  type      = string
  default   = "made-up"
  sensitive = true
}

locals {
  z     = "${local.y}z"
  y     = "${local.x}y"
  x     = "x"
  users = { for i, n in ["bob", "al"] : n => { id = i, shout = upper(n) } if n != "nobody" }
  group = { for p in [{ k = "a", v = 1 }, { k = "a", v = 2 }, { k = "b", v = 3 }] : p.k => p.v... }
  quote = "a\"b.c/d-é-${"$"}{x}"
}

resource "terraform_data" "settings" { input = var.settings }
resource "terraform_data" "given" {
  input = [var.given, var.auto, var.number, var.any, var.list, var.set, var.not_null, var.tuple, local.z, local.group]
}
resource "terraform_data" "counted" {
  count            = length(local.users)
  input            = { index = count.index, name = keys(local.users)[count.index] }
  triggers_replace = [count.index + 1]
}
resource "terraform_data" "keyed" {
  for_each = local.users
  input    = { key = each.key, value = each.value, workspace = terraform.workspace }
}
resource "terraform_data" "odd" {
  for_each = toset([local.quote, "plain", "1"])
  input    = each.key == each.value
}
resource "terraform_data" "none" {
  count = var.number > 100 ? 1 : 0
  input = "never"
}
resource "terraform_data" "expressions" {
  input = {
    conditional = var.number > 1 ? "many" : 1
    splat       = [for u in values(local.users) : u.id]
    splat2      = values(local.users)[*].shout
    legacy      = values(local.users).0.shout
    null_elem   = [null, "a"]
    ops         = [1 + 2 * 3, 7 / 2, !true, 1 == 1.0, "1" == 1, true && false || true, 5 >= 5, -3 % 2]
    index       = local.users["al"].id
    nullsplat   = null[*]
    onesplat    = "x"[*]
  }
}
resource "terraform_data" "refers" {
  input = "${terraform_data.settings.input.name}-${terraform_data.keyed["al"].input.key}"
}
resource "terraform_data" "secret" { input = { a = var.secret, b = sensitive("x"), c = "open" } }
