# Made for tests. Every function that can be told without running anything, with arguments near its edges.
locals {
  list = ["b", "a", "c", "a"]
  map  = { one = 1, two = 2 }
}

resource "terraform_data" "numbers" {
  input = {
    abs = abs(-1.5), ceil = ceil(1.2), floor = floor(-1.2), log = log(16, 2), max = max(1, 3, 2), min = min(4, 2)
    parseint = parseint("ff", 16), pow = pow(2, 10), signum = signum(-3), sum = sum([1, "2", 3.5]), mod = 7 % 3, neg = -local.map.one
  }
}

resource "terraform_data" "strings" {
  input = {
    chomp = chomp("a\n\n"), endswith = endswith("abc", "bc"), startswith = startswith("abc", "bc"), strcontains = strcontains("abc", "b")
    format = format("%05.2f|%-6s|%q|%v|%d", 3.14159, "x", "q", [1, "a"], 12), formatlist = formatlist("%s-%s", ["a", "b"], "z")
    indent = indent(2, "a\nb"), join = join("-", local.list), lower = lower("ÄB"), upper = upper("äb"), title = title("hello world")
    regex = regex("([a-z]+)-(?P<n>[0-9]+)"=="x" ? "a" : "(?P<w>[a-z]+)-(?P<n>[0-9]+)", "ab-12"), regexall = regexall("[a-z]", "a1b2")
    replace = replace("a-b-c", "-", "+"), replacere = replace("hello", "/l+(o)/", "<$1>"), split = split(",", "a,,b"), strrev = strrev("añb")
    substr = substr("hello", 1, 3), substrneg = substr("hello", -2, -1), trim = trim("xxaxx", "x"), trimprefix = trimprefix("aab", "a")
    trimspace = trimspace(" a "), trimsuffix = trimsuffix("baa", "a"), length = length("añ日")
    heredoc = <<-EOT
      a ${local.list[0]}
        b %{if true}yes%{else}no%{endif}
      %{for x in local.list~}
      ${x}
      %{endfor~}
    EOT
  }
}

resource "terraform_data" "collections" {
  input = {
    alltrue = alltrue([true, "true"]), alltrueempty = alltrue([]), anytrue = anytrue([false, true]), anytrueempty = anytrue([])
    chunklist = chunklist(local.list, 3), coalesce = coalesce("", null, "x"), coalescenum = coalesce(null, 1, "2")
    coalescelist = coalescelist([], ["a"]), compact = compact(["a", "", null, "b"]), concat = concat([1], ["a"])
    contains = contains(local.list, "c"), distinct = distinct(local.list), element = element(local.list, 5)
    flatten = flatten([["a"], [["b"], "c"], []]), index = index(local.list, "c"), keys = keys(local.map), length = length(local.map)
    lookup = lookup(local.map, "three", 3), matchkeys = matchkeys(["x", "y", "z"], ["1", "2", "1"], ["1"]), merge = merge(local.map, { two = "b", c = null })
    one = one(["a"]), onenone = one([]), range = range(1, 10, 4), reverse = reverse(local.list), setintersection = setintersection(["a", "b"], ["b", "c"])
    setproduct = setproduct(["a", "b"], [1, 2]), setsubtract = setsubtract(["a", "b"], ["b"]), setunion = setunion(["b"], ["a"])
    slice = slice(local.list, 1, 3), sort = sort(local.list), transpose = transpose({ a = ["1", "2"], b = ["2"] }), values = values(local.map)
    zipmap = zipmap(["a", "b"], [1, 2]), tolist = tolist(["a", 1]), tomap = tomap({ a = "1", b = 2 }), toset = toset(local.list)
    tonumber = tonumber("1.5"), tostring = tostring(true), tobool = tobool("true"), try = try(local.map.three, "none"), can = can(local.map.three)
  }
}

resource "terraform_data" "encodings" {
  input = {
    base64encode = base64encode("häl"), base64decode = base64decode("aMOkbA=="), csv = csvdecode("a,b\n1,2\n"), json = jsonencode({ b = [1, null, true], a = "<&>" })
    jsondecode = jsondecode("{\"a\": [1, 2.5, null]}"), urlencode = urlencode("a b&c/ü"), yamlencode = yamlencode({ a = [1, "x: y"], b = { c = true } })
    yamldecode = yamldecode("a: &x [1, 2]\nb: *x\nc: 2021-01-01\n"), textencode = textencodebase64("häl", "UTF-16LE"), textdecode = textdecodebase64("aADkAGwA", "UTF-16LE")
    md5 = md5("a"), sha1 = sha1("a"), sha256 = sha256("a"), sha512 = sha512("a"), base64sha256 = base64sha256("a"), base64sha512 = base64sha512("a")
    uuidv5 = uuidv5("dns", "example.com"), uuidv5own = uuidv5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "x")
    formatdate = formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2020-02-03T04:05:06Z"), timeadd = timeadd("2020-01-01T00:00:00Z", "36h"), timecmp = timecmp("2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00")
    basename = basename("a/b.txt"), dirname = dirname("a/b.txt"), nonsensitive = nonsensitive(sensitive("x")), issensitive = issensitive(sensitive("x"))
  }
}

resource "terraform_data" "networks" {
  input = {
    host = cidrhost("10.12.112.0/20", 16), hostneg = cidrhost("10.12.112.0/20", -2), host6 = cidrhost("fd00:fd12:3456:7890::/72", 34)
    netmask = cidrnetmask("172.16.0.0/12"), subnet = cidrsubnet("172.16.0.0/12", 4, 2), subnet6 = cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)
    subnets = cidrsubnets("10.1.0.0/16", 4, 4, 8, 4), subnets6 = cidrsubnets("fd00:fd12:3456:7890::/56", 16, 16, 16, 32), unmasked = cidrsubnet("10.1.2.3/16", 8, 1)
    list = [for i, az in ["a", "b"] : { az = az, cidr = cidrsubnet("10.0.0.0/16", 8, i) }]
  }
}

resource "terraform_data" "files" {
  input = {
    file = file("${path.module}/files/a.txt"), exists = fileexists("files/a.txt"), set = fileset(path.module, "files/*.txt"), sha = filesha256("files/a.txt")
    b64 = filebase64("files/a.txt"), b64sha = filebase64sha256("files/a.txt"), md5 = filemd5("files/b.txt"), root = path.root, module = path.module
    template = templatefile("${path.module}/files/user.tftpl", { name = "web", ports = [80, 443], nested = { a = true } })
  }
}
