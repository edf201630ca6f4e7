locals { who = "z" }
resource "terraform_data" "a" { input = "z ${local.who}" }
