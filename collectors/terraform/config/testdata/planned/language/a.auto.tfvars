auto = "from a.auto"
