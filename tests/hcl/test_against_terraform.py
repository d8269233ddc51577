"""The evaluator against real Terraform: it may not know a value, but never a wrong one."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hcl_support import root_module

from generator.hcl.records import RootRecords
from generator.hcl.values import EvaluationError, NotComputedError, first_unknown
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory

NAMES = """
variable "team" {
  default = "water"
}
variable "caches" {
  type = map(object({
    host       = string
    credential = optional(string)
    immutable  = optional(bool, false)
    regions    = optional(list(string), ["eu-west-1"])
    limits     = optional(object({ images = optional(number, 10), days = optional(number) }), {})
  }))
  default = {
    quay   = { host = "quay.io" }
    hub    = { host = "registry-1.docker.io", credential = "hub", immutable = true }
    github = { host = "ghcr.io", regions = ["us-east-1", "eu-west-1"], limits = { days = 3 } }
  }
}
variable "accounts" {
  type    = set(string)
  default = ["333344445555", "111122223333", "333344445555"]
}
variable "count_text" {
  type    = number
  default = "7"
}
variable "flag_text" {
  type    = bool
  default = "true"
}
variable "mixed" {
  type    = list(string)
  default = ["a", 1, true]
}
variable "nothing" {
  type    = string
  default = null
}
variable "loose" {
  default = { a = [1, "two"], b = null }
}
locals {
  names   = ["north", "south", "east"]
  numbers = [3, 1, 2]
  tree = {
    left  = [{ id = 1, tags = ["p"] }, { id = 2, tags = ["q", "r"] }]
    right = []
  }
  nested = { for name in local.names : name => { upper = upper(name), size = length(name) } }
  policy = {
    Version = "2012-10-17"
    Statement = [for account in sort(tolist(var.accounts)) : {
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${account}:root" }
      Action    = ["ecr:BatchGetImage"]
      Resource  = "*"
    }]
  }
}
"""

TEMPLATE = """\
%{ for index, name in names ~}
${index}: ${upper(name)}%{ if name == "south" } (${who})%{ else } -%{ endif }
%{ endfor ~}
  end $${plain} %%{plain}
"""

EXPRESSIONS = r"""
1 + 2 * 3 - 4 / 2
(1 + 2) * 3
2 - -3
17 % 5
-17 % 5
7.5 % 2
1 / 4
2 / 3 * 3
0.1 + 0.2
0.1 + 0.2 == 0.3
1e3
1.5e-3
12345678901234567890 + 1
-local.numbers[0]
!var.flag_text
!!false
1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 4
true || false && false
1 == 1.0
"1" == 1
"true" == true
null == null
var.nothing == null
var.nothing != null
"a" != "b"
[1, 2] == [1, 2]
[1, 2] == [2, 1]
{ a = 1 } == { a = 1 }
{ a = 1 } == { a = 2 }
var.count_text + 1
"n=${var.count_text}"
"${true}-${1.50}-${12345678901234567890}"
"${"a"}"
"${1}"
"x${"y${"z"}"}"
"quote \" backslash \\ tab \t line \n unicode \u00e9 \U0001F600"
"$${no} %%{no} $ % $$ %% $a %b"
"$$${var.team}"
"a%"
""
"%{ if var.team == "water" }wet%{ else }dry%{ endif }"
"%{ if false }x%{ endif }"
"%{ for name in local.names }${name},%{ endfor }"
"%{ for index, name in local.names ~} ${index}=${name}; %{ endfor ~} end"
"  ${~ "x" ~}  y"
"a  %{~ if true ~}  b  %{~ endif ~}  c"
"%{ for key, value in { b = 1, a = 2 } }${key}${value}%{ endfor }"
<<EOT
plain ${var.team}
  indented
EOT
<<-EOT
    four
      six ${var.team}

    four
EOT
<<-EOT
  ${var.team}
    deeper
  EOT
<<EOT
"quoted" \n \\ $${a} %%{b} ${jsonencode({ a = "}" })}
EOT
<<-EOT
  %{ for key, cache in var.caches ~}
  ${key} -> ${cache.host}
  %{ endfor ~}
  done
EOT
<<-EOT
    %{ if var.flag_text }
    yes
    %{ else }
    no
    %{ endif }
    EOT
<<EOT
%{ for name in local.names ~}
  - ${name}
%{ endfor ~}
EOT
<<EOT
   a   ${~ "b" ~}
   c
EOT
<<EOT
EOT
var.team == "x" ? 1 : "two"
true ? 1 : "two"
false ? "one" : 2
(var.team == "water"
    ? "yes"
    : "no")
true ? [] : ["a"]
false ? null : "x"
[for name in local.names : upper(name)]
[for index, name in local.names : "${index}${name}" if name != "south"]
[for key, value in { b = 1, a = 2 } : "${key}${value}"]
[for account in var.accounts : account]
{ for name in local.names : name => length(name) }
{ for index, name in local.names : name => index if index > 0 }
{ for name in ["a", "b", "a"] : name => upper(name)... }
{ for key, cache in var.caches : key => cache.host if cache.credential != null }
{ for key, cache in var.caches : key => cache.limits.images }
[for key, cache in var.caches : "${key}:${cache.immutable}:${join("|", cache.regions)}"]
flatten([for key, cache in var.caches : [for region in cache.regions : "${key}/${region}"]])
merge([for key, cache in var.caches : { for region in cache.regions : "${key}-${region}" => cache.host }]...)
local.tree.left[*].id
local.tree.left.*.tags
local.tree.left[*].tags[0]
local.tree.left.*.tags[0]
local.tree.left[1].tags[1]
local.tree["left"][0]["id"]
local.tree.left.0.id
local.tree.right[*].id
var.team[*]
var.nothing[*]
{ a = 1 }[*].a
var.caches.hub.host
var.caches["github"].limits.days
var.caches["quay"].credential
var.caches
var.accounts
var.mixed
var.loose
local.nested
local.nested["north"].size
local.policy
jsonencode(local.policy)
{ "a b" = 1, (var.team) = 2, "${var.team}-x" = 3, plain : 4, 5 = 6 }
[1, "a", true, null, [], {}]
abs(-3.5)
alltrue([true, true])
alltrue([])
anytrue([false])
anytrue([])
base64encode("héllo")
base64decode("aMOp")
base64sha256("x")
basename("a/b/c.txt")
dirname("a/b/c.txt")
dirname("c.txt")
can(local.tree.left[0].id)
can(local.tree.left[5].id)
can(regex("^x", "abc"))
ceil(1.2)
ceil(-1.2)
chomp("a\n\n")
chunklist([1, 2, 3, 4, 5], 2)
coalesce("", null, "v")
coalesce(null, 0)
coalescelist([], ["x"])
compact(["a", "", "b"])
concat([1], [2, 3], [])
contains(local.names, "south")
contains(local.names, "west")
contains(["1", "2"], 1)
contains([1, 2], 1)
contains(var.mixed, "1")
contains(var.accounts, "111122223333")
distinct(["a", "b", "a"])
element(local.names, 4)
endswith("abc", "bc")
fileexists("${path.module}/missing")
fileexists("${path.module}/greeting.tftpl")
file("${path.module}/greeting.tftpl")
filesha256("${path.module}/greeting.tftpl")
flatten([[1, [2]], [], [[3]]])
floor(-1.2)
format("%s is %d, %05d, %q", "a", 3, 42, "q\"")
format("%v %v %v %v", 1.0, "s", { a = 1 }, [1, "x"])
format("%-5s|%5s|%x|%X|%b|%o", "a", "b", 255, 255, 5, 8)
format("%t %.2f %f %%", true, 1.5, 2)
format("%+d % d %08.3f", 5, 5, 3.14159)
format("%[2]s-%[1]s", "a", "b")
format("%.2s", "abcdef")
formatlist("%s-%s", ["a", "b"], "x")
formatlist("plain")
indent(2, "a\nb\n")
index(local.names, "east")
join("-", local.names)
join(",", [1, true, "x"])
join("-", ["a"], ["b", "c"])
jsonencode({ b = [1, null, true, 1.5], a = "é <&> \" \u2028 /", c = {}, d = [] })
jsonencode("x")
jsonencode(12345678901234567890)
jsonencode(toset(["b", "a"]))
jsondecode("{\"a\": [1, 2.5, null], \"b\": {\"c\": \"d\"}}")
jsondecode(jsonencode({ z = 1 })).z
keys(var.caches)
length(var.accounts)
length("héé")
length({ a = 1 })
length(local.names)
lookup({ a = 1 }, "b", 9)
lookup({ a = "1" }, "a", "x")
lower("ÀB")
matchkeys(["a", "b", "c"], ["x", "y", "x"], ["x"])
max(1, 5, 3)
max(local.numbers...)
md5("x")
merge({ a = 1 }, null, { b = 2, a = 3 })
merge({ a = { x = 1 } }, { a = { y = 2 } })
min(4, 2.5)
nonsensitive("x")
one([])
one([5])
one(local.tree.right[*].id)
parseint("ff", 16)
parseint("-101", 2)
pow(2, 10)
pow(2, 0.5) > 1.41
range(3)
range(1, 10, 4)
range(5, 2)
range(0)
regex("[a-z]+", "123abc")
regex("(\\d+)-(\\d+)", "x 12-34")
regex("(?P<year>\\d{4})-(?P<month>\\d\\d)", "on 2026-11")
regexall("[a-z]", "a1b2")
regexall("x", "abc")
replace("a-b-c", "-", "+")
replace("docker-hub", "/[^a-z]/", "_")
replace("hello", "/(l+)/", "<$1>")
replace("eu-west-1", "-", "_")
reverse(local.names)
setintersection(["a", "b"], ["b", "c"])
setproduct(["a", "b"], ["x", "y"])
setproduct(toset(["b", "a"]), toset(["x"]))
setsubtract(["a", "b"], ["b"])
setunion(["a"], ["b", "a"])
sha1("x")
sha256("x")
sha512("x")
signum(-5)
slice(local.names, 1, 3)
sort(["b", "a", "C", "10", "9"])
split(",", "a,b,,c")
split(",", "")
split("", "abc")
startswith("abc", "ab")
strcontains("abc", "b")
strrev("héa")
substr("hello", 1, 3)
substr("hello", -3, -1)
substr("hello", 1, 100)
sum([1, 2.5, "3"])
templatefile("${path.module}/greeting.tftpl", { names = local.names, who = var.team })
title("hello world-foo docker_hub a.b")
tobool("true")
tolist(["a", 1])
tolist(var.accounts)
tomap({ a = 1, b = "x" })
tonumber("3.50")
tonumber(null)
toset(["c", "a", "c"])
toset([3, 1, 2])
tostring(5)
tostring(1.25)
tostring(true)
tostring(100000000000000000000000)
transpose({ a = ["1", "2"], b = ["2"] })
trim("?!a!?", "!?")
trimprefix("abc", "a")
trimspace("  a \n")
trimsuffix("abc", "c")
try(local.tree.missing.x, "fallback")
try(var.caches["hub"].host, "fallback")
try(local.tree.left[9], null)
upper("aé")
urlencode("a b/c?d=é&~*")
values({ b = 1, a = 2 })
zipmap(["a", "b"], [1, 2])
path.module
path.root
"${path.module}/x"
cidrsubnet("10.0.0.0/16", 8, 2)
yamlencode({ a = 1 })
coalesce("", 5)
coalesce(0, "x")
can(coalesce("", null))
lookup({ a = 1 }, "b", "x")
distinct([1, "1", 2])
setsubtract([1, 2], ["1"])
setintersection([1, 2], ["1"])
setunion([1], ["1", "2"])
can(tomap({ a = 1, b = true }))
can(tolist([1, true]))
toset([true, "a"])
{ a = 1 } == { a = "1" }
[1] == ["1"]
tolist(["a"]) == ["a"]
true ? [1] : ["a"]
true ? [1, 2] : ["a"]
true ? { a = 1 } : { a = "x" }
true ? { a = 1 } : {}
true ? { a = 1, b = "x" } : {}
false ? {} : { a = 1, b = "x" }
true ? [] : [1, "x"]
false ? [] : [1, "x"]
true ? null : 1
true ? 1 : null
true ? tolist([1]) : ["a"]
can(true ? 1 : true)
true ? { a = [1] } : { a = ["x", "y"] }
can(true ? { a = [1] } : { b = ["x", "y"] })
"${1 / 3}"
tostring(2 / 3)
pow(2, 600) == pow(2, 599) * 2
1e50
"${1e50}"
"${1.10}"
ceil(-0.5)
floor(-0.5)
length("a\r\nb")
length("e\u0301")
length("👨‍👩‍👧")
substr("日本語", 1, 1)
strrev("日本")
upper("straße")
lower("ΑΣ")
title("x_y z-w a~b c\td 1st")
trimspace("\u00a0 a \u2003")
chomp("a\r\n")
replace("abc", "", "-")
replace("abc", "//", "-")
replace("abc", "/(b)/", "$1x")
replace("abc", "/(b)/", "$${1}x")
replace("abc", "/(?P<m>b)/", "[$m]")
regex("a$", "a")
can(regex("a$", "a\n"))
regex("(?i)ABC", "xabc")
can(regex("(", "a"))
regex("[^a-c]+", "abcxyz")
regex("(a)|(b)", "b")
regex("^(?:eu|us)-", "us-east-1")
regexall("(\\w)(\\d)", "a1 b2")
regex("[[:alpha:]]+", "12ab")
can(format("%d", 1.5))
format("%d", "5")
can(format("%s", null))
format("%v", null)
can(format("%s", ["a"]))
can(format("%x", "a"))
can(format("%d", "a"))
can(format("%s"))
can(format("a", "b"))
can(format("%z", 1))
format("%e", 1500)
format("%g", 1.5)
format("%#v", "a")
format("%6.2f|%-8s|%08d", 3.14159, "ab", -42)
format("%s", true)
format("%s", 1.5)
format("%v", [true, null, { a = "b" }])
format("%q", 5)
format("%%")
formatlist("%s=%d", ["a", "b"], [1, 2])
can(formatlist("%s%s", ["a", "b"], ["c"]))
formatlist("%s", toset(["b", "a"]))
formatlist("%s", [])
can(range(1, 5, -1))
can(range(1, 5, 0))
range(1, 1)
range(3, 0, -1)
range(0, 1, 0.25)
can(range(2000))
parseint("FF", 16)
can(parseint("0x1f", 16))
can(parseint("12", 2))
can(tobool("1"))
can(tobool(1))
!"true"
can("a" && true)
1 < "2"
"5" + 5
can(null + 1)
["a"]["0"]
[1, 2][1.0]
can([1][-1])
can({ a = 1 }[0])
can("abc"[0])
can(element([], 0))
can([for x in "abc" : x])
can([for x in null : x])
can({ for x in ["a", "a"] : x => 1 })
can("${[1]}")
can("${null}")
can(local.tree.left.id)
can(var.nothing.x)
try(null, 1)
try(var.nothing.x, 1)
can(one([1, 2]))
can(one(null))
one(toset(["a"]))
alltrue([null, true])
can(alltrue([null, true]))
anytrue(["true", false])
can(sum([null]))
can(sum([]))
compact(["a", null, ""])
merge()
can(concat())
setproduct([], ["a"])
can(join(",", [null]))
can(join(",", [["a"]]))
can(upper(null))
can(upper(["a"]))
upper(5)
can(length(null))
can(length(5))
can(keys(null))
keys({})
can(merge({ a = 1 }, [1]))
can(concat([1], null))
can(contains("abc", "a"))
sort([3, 10, 2])
can(sort([null]))
index(["a", "b"], "b")
can(index(["a"], "z"))
can(slice([1, 2, 3], 2, 1))
can(lookup({ a = 1 }, "b"))
zipmap([], [])
can(zipmap(["a"], []))
can(jsondecode("{"))
jsondecode("1e2")
jsondecode(" [1, \"\\u00e9\"] ")
jsonencode(1e21)
jsonencode(0.000001)
jsonencode("\u0007\t\u007f")
jsonencode({ "a b" = { "é" = null } })
jsonencode(null)
jsonencode([for name in local.names : { n = name }])
can(base64decode("@@"))
base64encode("")
join("", [])
split(",", "a")
trim("  a ", " ")
trim("aaa", "a")
trimsuffix("a.", ".")
substr("abc", 5, 2)
substr("abc", 0, 0)
chunklist([1, 2], 0)
chunklist([], 2)
matchkeys([], [], ["x"])
transpose({})
element(["a"], 3)
reverse([])
flatten([])
flatten([["a"], [], [["b", ["c"]]]])
distinct([])
max(1)
max("3", 5)
min(-1, -2.5)
abs("-3")
signum(0)
pow(4, 0.5)
pow(2, -1)
sha256("")
md5("é")
startswith("", "")
strcontains("abc", "")
"%{ for x in [] }a%{ endfor }b"
"%{ if "true" }a%{ endif }"
"%{ for k, v in [10, 20] }${k}:${v} %{ endfor }"
"${"%{ if true }x%{ endif }"}"
"a${~ " b " ~}c"
" a ${~ "b" } c"
<<-EOT
	tab
		two
	EOT
<<-EOT
    a
  %{ if true }
      b
  %{ endif }
    c
  EOT
<<-EOT
      ${var.team} at the start
    less
  EOT
<<EOT
a %{ if true ~}
   b
%{~ endif } c
EOT
<<EOT
  x ${~ var.team ~}
  y
EOT
<<-EOT
    one
    ${~ var.team ~}
    two
  EOT
<<-EOT
  a \t "b" \\
  EOT
{ "k-1" = 1, k_2 = 2, "3" = 3, null = 4, true = 5 }
{ (var.flag_text ? "yes" : "no") = 1 }
[for k, v in var.loose : k]
[for x in [1, 2, 3] : x if x % 2 == 1]
{ for k, v in { a = { n = 1 }, b = { n = 2 } } : v.n => k }
[for pair in setproduct(["a"], ["x", "y"]) : "${pair[0]}-${pair[1]}"]
{ for pair in setproduct(["a"], [1, 2]) : "${pair[0]}${pair[1]}" => pair[1] }
{ for k, v in local.nested : v.size => k... }
local.tree.left[length(local.tree.left) - 1].id
flatten(local.tree.left[*].tags)
[[1, 2], [3]][*][0]
[{ a = [{ b = 1 }] }][*].a[0].b
[{ a = [{ b = 1 }] }].*.a
{ a = { b = 1 } }.a.b
(var.caches).hub.host
(local.names)[0]
[1, 2][0]
local.names[0] == "north" ? local.names[1] : local.names[2]
-(1 + 2)
1 - 1 - 1
2 * 3 % 4
10 / 4 / 5
1 + 2 == 3 && 2 + 2 != 5
!(1 > 2)
1 > 2 ? "a" : 2 > 1 ? "b" : "c"
nonsensitive(var.team)
timeadd("2020-01-01T00:00:00Z", "10m")
formatdate("YYYY", "2020-01-01T00:00:00Z")
{ for name in local.names : substr(name, 0, 1) => name... }
[for name in local.names : { name = name, length = length(name) } if length(name) > 4]
{ for k, v in var.caches : k => v.credential == null ? "none" : "ecr-pullthroughcache/${v.credential}" }
[for k, v in var.caches : "${k}/*" if !v.immutable]
flatten([for k, v in var.caches : [for region in v.regions : { cache = k, region = region }]])
{ for pair in flatten([for k, v in var.caches : [for r in v.regions : { k = k, r = r }]]) : "${pair.k}@${pair.r}" => pair }
distinct(flatten(values(var.caches)[*].regions))
sort(keys({ for k, v in var.caches : v.host => k }))
merge([for k, v in var.caches : { (k) = v.host }]...)
merge({ a = 1, b = { c = 2 } }, { b = { d = 3 } })
lookup({ for k, v in var.caches : k => v.limits.images }, "quay", 0)
try(var.caches["gone"].host, var.caches["quay"].host)
try(local.tree.right[0].id, local.tree.left[1].tags[1], "none")
can(var.caches["gone"].host)
coalesce(var.nothing, "", "x")
coalescelist([], local.names)
compact(["a", "", "b", null])
one([])
one(["only"])
one(toset(["only"]))
alltrue([for v in values(var.caches) : v.limits.images == 10])
anytrue([for v in values(var.caches) : v.immutable])
sum([for v in values(var.caches) : v.limits.images])
range(3)
range(1, 10, 4)
range(3, 0, -1)
formatlist("arn:aws:iam::%s:root", sort(tolist(var.accounts)))
formatlist("%s-%d", ["a", "b"], [1, 2])
format("%05d|%-6s|%6s|%x|%t", 42, "ab", "cd", 255, true)
format("%v %v", ["a", 1], { b = null })
format("%q", "say \"hi\"")
format("%[2]s %[1]s", "a", "b")
format("%%")
replace("a.b.c", ".", "-")
replace("team/app-1", "/[0-9]+/", "N")
replace("abc", "/(b)/", "[$1]")
regex("^([a-z]+)-([0-9]+)$", "node-12")
regex("(?P<team>[a-z]+)/(?P<app>.*)", "water/tap")
regexall("[a-z]+", "one two 3 four")
can(regex("^[a-z]+$", "ABC"))
length(regexall("ecr", "ecr/ecr-public"))
length(regexall("[*?]", join("", [for n in range(900) : "arn:${n}*"])))
length(regexall("[^]a]\\.", join("", [for n in range(900) : "].b.a."])))
setunion(["a"], ["b", "a"])
setintersection(var.accounts, ["111122223333", "9"])
setsubtract(toset(["a", "b"]), ["a"])
contains(["quay", "k8s"], "quay") ? "yes" : "no"
cidrsubnet("10.0.0.0/16", 8, 2)
cidrhost("10.0.0.0/24", 5)
trimprefix("ecr-pullthroughcache/hub", "ecr-pullthroughcache/")
join("/", compact(["", "team", "", "app"]))
split("/", trimspace("  a/b/c  "))[1]
title("hello world")
indent(2, "a\nb")
jsondecode(jsonencode(local.policy)).Statement[0].Principal.AWS
length(jsonencode(local.policy))
jsonencode({ for k in sort(keys(var.caches)) : k => var.caches[k].regions })
tolist(toset(["b", "a", "b"]))
tomap({ a = "1", b = "2" })["b"]
tobool("true") && tonumber("5") == 5
tostring(12.50)
element(local.names, length(local.names))
slice(local.names, 1, length(local.names))
zipmap(local.names, local.numbers)
[for i, name in local.names : "${i + 1}. ${name}"]
"%{ for k, v in var.caches }${k}=${v.host};%{ endfor }"
"${length(var.caches) > 2 ? "many" : "few"}: ${join(", ", keys(var.caches))}"
var.caches["hub"].limits.days == null
[for v in values(var.caches) : v.limits.days if v.limits.days != null]
upper(substr("water", 0, 1))
strrev("abc")
endswith("222233334444.dkr.ecr.eu-west-1.amazonaws.com", "amazonaws.com")
"""


def expressions() -> list[str]:
    """The expressions, one a line; a heredoc or an open bracket joins lines."""
    found: list[str] = []
    lines: list[str] = []
    marker = ""
    for line in EXPRESSIONS.strip("\n").split("\n"):
        lines.append(line)
        if not marker and line.startswith("<<"):
            marker = line.lstrip("<-")
            continue
        if marker and line.strip() == marker:
            marker = ""
        text = "\n".join(lines)
        opened = lines[0].startswith("(") and text.count("(") > text.count(")")
        if not marker and not opened:
            found.append(text)
            lines = []
    return found


@pytest.mark.slow
@with_both_programs
def test_no_expression_has_another_value_than_terraform_gives_it(
    tmp_path: Path, terraform_offline: "TerraformFactory"
) -> None:
    written = expressions()
    assert len(written) >= 500
    (tmp_path / "greeting.tftpl").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "main.tf").write_text(
        NAMES
        + "".join(
            f'output "o{number}" {{\n  value = {expression}\n}}\n'
            for number, expression in enumerate(written)
        ),
        encoding="utf-8",
    )
    terraform = terraform_offline(tmp_path)
    terraform.init()
    terraform.apply()
    expected = terraform.output()
    module = root_module(tmp_path)
    records = RootRecords("", module)

    wrong: list[str] = []
    unknown: list[str] = []
    for number, expression in enumerate(written):
        reference = expected.get(f"o{number}")
        try:
            value = module.output(f"o{number}")
        except NotComputedError:
            unknown.append(expression)
            continue
        except EvaluationError as error:
            wrong.append(f"{expression}: {error} instead of {reference!r}")
            continue
        if first_unknown((value,)) is not None:
            unknown.append(expression)
        elif as_json(records.json(value)) != as_json(reference):
            wrong.append(f"{expression}: {records.json(value)!r} instead of {reference!r}")

    sys.stdout.write(
        f"{len(written)} expressions, {len(wrong)} wrong, {len(unknown)} not evaluated "
        f"({len(unknown) / len(written):.1%})\n"
    )
    assert wrong == []
    assert len(unknown) <= 30, unknown


@pytest.mark.parametrize(
    "expression",
    [
        "null && true",
        "true && null",
        "null || true",
        "false && null",
        "can(null && true)",
        'element(["a", "b"], -1)',
        'can(element(["a", "b"], -1))',
        'try(element(["a", "b"], -1), "c")',
    ],
)
def test_what_depends_on_terraform_s_version_is_not_computed(
    expression: str, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(f'output "o" {{\n  value = {expression}\n}}\n')
    module = root_module(tmp_path)

    try:
        value = module.output("o")
    except NotComputedError:
        return

    assert first_unknown((value,)) is not None


def as_json(value: object) -> str:
    return json.dumps(
        json.loads(json.dumps(value), parse_float=rounded, parse_int=rounded), sort_keys=True
    )


def rounded(text: str) -> float:
    return round(float(text), 9)
