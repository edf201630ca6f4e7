given  = "from terraform.tfvars"
auto   = "from terraform.tfvars"
number = "42"
any    = { a = [1, "x"], b = null }
list   = [{ k = "a" }, { k = "b", v = "8" }]
set    = ["b", "a", "b"]
not_null = null
tuple  = ["a", "2"]
