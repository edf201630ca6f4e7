# Made for tests. Local modules in modules, with instances, arguments, outputs and defaults.
locals { envs = { prod = 2, dev = 1 } }

module "app" {
  source   = "./app"
  for_each = local.envs
  name     = each.key
  size     = each.value
  tags     = { Env = each.key }
}
module "counted" {
  source = "./app"
  count  = 2
  name   = "c${count.index}"
}
module "single" {
  source = "./app"
  name   = module.app["prod"].names[0]
  tags   = null
}
resource "terraform_data" "outputs" {
  input = {
    all     = { for k, m in module.app : k => m.names }
    counted = module.counted[*].path
    first   = module.counted[0].deep
    single  = module.single.names
    secret  = nonsensitive(module.single.secret)
  }
}
