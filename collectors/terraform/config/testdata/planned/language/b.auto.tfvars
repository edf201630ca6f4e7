auto = "from b.auto"
