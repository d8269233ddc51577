"""Where a person must edit: values, statements and blocks lead back to the line that made them."""

from collections.abc import Callable

import pytest
from hcl_support import Files

from generator.hcl.reader import CodeReading
from generator.model.estate import Kind, Record
from generator.model.span import Span

Read = Callable[[Files], CodeReading]

PROVIDER = """provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
CACHE = """
variable "rules" {
  type = map(object({
    host       = string
    credential = optional(string)
    prefix     = optional(string)
  }))
}
resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each                   = var.rules
  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.host
  upstream_repository_prefix = each.value.prefix
  credential_arn             = each.value.credential == null ? null : aws_secretsmanager_secret.s[each.value.credential].arn
}
resource "aws_secretsmanager_secret" "s" {
  for_each = toset(compact([for rule in var.rules : rule.credential]))
  name     = "ecr-pullthroughcache/${each.key}"
}
"""
ROOT = (
    PROVIDER
    + """
module "cache" {
  source = "../cache"
  rules = {
    quay = { host = "quay.io" }
    hub = {
      host       = "registry-1.docker.io"
      credential = "hub"
    }
  }
}
"""
)


def text_at(reading: CodeReading, files: Files, span: Span | None) -> str:
    """The text that a span marks."""
    assert span is not None
    (content,) = [
        content for name, content in files.items() if span.file.as_posix().endswith(f"/{name}")
    ]
    assert isinstance(content, str)
    lines = content.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def record(reading: CodeReading, kind: Kind, key: str) -> Record:
    (found,) = [item for item in reading.estate.records if (item.kind, item.key) == (kind, key)]
    return found


def test_a_value_given_to_a_module_is_changed_in_the_call(read: Read) -> None:
    files = {"root/main.tf": ROOT, "cache/main.tf": CACHE}
    reading = read(files)
    quay = record(reading, Kind.CACHE_RULE, "quay")
    hub = record(reading, Kind.CACHE_RULE, "hub")

    places = {
        "prefix": quay.get("ecr_repository_prefix").span,
        "host": quay.get("upstream_registry_url").span,
        "nothing given": quay.get("upstream_repository_prefix").span,
        "a branch that is null": quay.get("credential_arn").span,
    }

    assert {name: text_at(reading, files, span) for name, span in places.items()} == {
        "prefix": "quay",
        "host": '"quay.io"',
        "nothing given": '{ host = "quay.io" }',
        "a branch that is null": 'quay = { host = "quay.io" }',
    }
    assert text_at(reading, files, hub.get("upstream_registry_url").span) == (
        '"registry-1.docker.io"'
    )


def test_a_reference_that_only_aws_can_resolve_is_changed_where_it_is_written(read: Read) -> None:
    files = {"root/main.tf": ROOT, "cache/main.tf": CACHE}
    reading = read(files)

    span = record(reading, Kind.CACHE_RULE, "hub").get("credential_arn").span

    assert text_at(reading, files, span) == "aws_secretsmanager_secret.s[each.value.credential].arn"


def test_a_text_that_a_module_makes_of_one_given_value_is_changed_in_the_call(read: Read) -> None:
    files = {"root/main.tf": ROOT, "cache/main.tf": CACHE}
    reading = read(files)

    span = record(reading, Kind.SECRET, "ecr-pullthroughcache/hub").get("name").span

    assert text_at(reading, files, span) == '"hub"'


def test_an_instance_stands_at_its_entry(read: Read) -> None:
    files = {"root/main.tf": ROOT, "cache/main.tf": CACHE}
    reading = read(files)

    span = record(reading, Kind.CACHE_RULE, "hub").span

    assert text_at(reading, files, span).startswith("hub = {\n      host ")


def test_a_missing_instance_belongs_into_the_argument_that_feeds_the_block(read: Read) -> None:
    files = {"root/main.tf": ROOT, "cache/main.tf": CACHE}
    reading = read(files)
    places = {place.address: place.span for place in reading.estate.places}

    rules = text_at(reading, files, places["module.cache.aws_ecr_pull_through_cache_rule.this"])

    assert rules.startswith('{\n    quay = { host = "quay.io" }')
    assert text_at(reading, files, places["module.cache"]).startswith('module "cache" {')
    assert {place.root for place in reading.estate.places} == {"root"}


def test_values_of_locals_and_variable_files_are_changed_there(read: Read) -> None:
    files = {
        "root/main.tf": PROVIDER
        + """
variable "host" {}
locals {
  prefix = "quay"
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = local.prefix
  upstream_registry_url = var.host
}
""",
        "root/terraform.tfvars": 'host = "quay.io"\n',
    }
    reading = read(files)
    rule = record(reading, Kind.CACHE_RULE, "quay")

    assert text_at(reading, files, rule.get("ecr_repository_prefix").span) == '"quay"'
    host = rule.get("upstream_registry_url").span
    assert host is not None
    assert host.file.name == "terraform.tfvars"
    assert text_at(reading, files, host) == '"quay.io"'


def test_an_output_of_a_module_is_changed_where_the_caller_uses_it(read: Read) -> None:
    files = {
        "root/main.tf": PROVIDER
        + """
module "names" {
  source = "../names"
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = module.names.prefix
}
""",
        "names/main.tf": 'output "prefix" {\n  value = "quay"\n}\n',
    }
    reading = read(files)

    span = record(reading, Kind.CACHE_RULE, "quay").get("ecr_repository_prefix").span

    assert text_at(reading, files, span) == "module.names.prefix"


ACCESS = """
variable "grants" {
  type = list(object({ accounts = list(string), prefixes = list(string) }))
}
locals {
  fixed = [{ Sid = "Fixed", Effect = "Deny" }]
  statements = concat(local.fixed, [for grant in var.grants : {
    Effect    = "Allow"
    Principal = { AWS = grant.accounts }
    Resource  = [for prefix in grant.prefixes : "arn:aws:ecr:eu-west-1:111122223333:repository/${prefix}/*"]
  }])
}
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
"""


def test_a_statement_leads_to_the_grant_that_made_it(read: Read) -> None:
    files = {
        "root/main.tf": PROVIDER
        + """
module "access" {
  source = "../access"
  grants = [
    { accounts = ["222233334444"], prefixes = ["quay"] },
    {
      accounts = ["333344445555"]
      prefixes = ["hub"]
    },
  ]
}
""",
        "access/main.tf": ACCESS,
    }
    reading = read(files)
    policy = record(reading, Kind.REGISTRY_POLICY, "")

    spans = [reading.statement_span(policy, position) for position in range(3)]

    assert text_at(reading, files, spans[0]) == '{ Sid = "Fixed", Effect = "Deny" }'
    assert text_at(reading, files, spans[1]) == (
        '{ accounts = ["222233334444"], prefixes = ["quay"] }'
    )
    assert text_at(reading, files, spans[2]).startswith('{\n      accounts = ["333344445555"]')
    assert text_at(reading, files, policy.get("policy").span).startswith("[\n    { accounts")


@pytest.mark.parametrize(
    ("policy", "places"),
    [
        (
            'jsonencode({ Statement = [{ Sid = "A" }, { Sid = "B" }] })',
            ['{ Sid = "A" }', '{ Sid = "B" }'],
        ),
        ('jsonencode({ Statement = { Sid = "A" } })', ['{ Sid = "A" }']),
        ('jsonencode({ Statement = [for s in ["A"] : { Sid = s }] })', ['"A"']),
        (
            "data.aws_iam_policy_document.d.json",
            ['statement {\n    sid = "A"\n  }', '"B"'],
        ),
        (
            '"{\\"Statement\\": [{\\"Sid\\": \\"A\\"}]}"',
            ['"{\\"Statement\\": [{\\"Sid\\": \\"A\\"}]}"'],
        ),
    ],
    ids=["objects", "one object", "a loop", "a policy document", "a text"],
)
def test_each_statement_has_the_most_exact_place(
    read: Read, policy: str, places: list[str]
) -> None:
    files = {
        "root/main.tf": PROVIDER
        + f"""
data "aws_iam_policy_document" "d" {{
  statement {{
    sid = "A"
  }}
  dynamic "statement" {{
    for_each = ["B"]
    content {{
      sid = statement.value
    }}
  }}
}}
resource "aws_ecr_registry_policy" "p" {{
  policy = {policy}
}}
"""
    }
    reading = read(files)
    found = record(reading, Kind.REGISTRY_POLICY, "")

    assert [
        text_at(reading, files, reading.statement_span(found, position))
        for position in range(len(places))
    ] == places


def test_statements_of_a_heredoc_have_their_own_lines(read: Read) -> None:
    files = {
        "root/main.tf": PROVIDER
        + """
variable "given" {}
resource "aws_ecr_registry_policy" "p" {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Sid": "A", "Resource": "${var.given}"},
        {
          "Sid": "B"
        }
      ]
    }
  EOT
}
"""
    }
    reading = read(files)
    found = record(reading, Kind.REGISTRY_POLICY, "")

    first, second = (reading.statement_span(found, position) for position in range(2))

    assert text_at(reading, files, first) == '{"Sid": "A", "Resource": "${var.given}"}'
    assert text_at(reading, files, second) == '{\n          "Sid": "B"\n        }'


def test_a_statement_that_is_not_there_falls_back_to_the_policy(read: Read) -> None:
    files = {
        "root/main.tf": PROVIDER
        + 'resource "aws_ecr_registry_policy" "p" {\n  policy = jsonencode({ Statement = [] })\n}\n'
    }
    reading = read(files)
    found = record(reading, Kind.REGISTRY_POLICY, "")

    span = reading.statement_span(found, 7)

    assert text_at(reading, files, span) == "jsonencode({ Statement = [] })"


def test_statements_of_two_roots_do_not_mix(read: Read) -> None:
    root = PROVIDER + (
        'resource "aws_ecr_registry_policy" "p" {\n'
        '  policy = jsonencode({ Statement = [{ Sid = "A" }] })\n}\n'
    )
    reading = read({"a/main.tf": root, "b/main.tf": "\n\n" + root})

    lines = {
        item.root: span.line
        for item in reading.estate.records
        if (span := reading.statement_span(item, 0)) is not None
    }

    assert lines == {"a": 6, "b": 8}


DATA_ROOT = (
    PROVIDER
    + """
locals {
  file = yamldecode(file("rules.yaml"))
}
resource "aws_ecr_pull_through_cache_rule" "y" {
  for_each              = local.file.rules
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.host
}
resource "aws_ecr_pull_through_cache_rule" "l" {
  for_each              = { for rule in local.file.more : rule.prefix => rule }
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.host
}
resource "aws_ecr_pull_through_cache_rule" "j" {
  for_each              = jsondecode(file("${path.module}/rules.json"))
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.host
}
resource "aws_ecr_pull_through_cache_rule" "c" {
  for_each              = { for row in csvdecode(file("rules.csv")) : row.prefix => row.host }
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}
resource "aws_ecr_registry_policy" "p" {
  policy = file("policy.json")
}
"""
)
DATA_FILES = {
    "main.tf": DATA_ROOT,
    "rules.yaml": "# ours\nrules:\n  quay:\n    host: quay.io\n  hub:\n    host: registry-1.docker.io\n"
    "more:\n  - { prefix: k8s, host: registry.k8s.io }\n  - prefix: ghcr\n    host: ghcr.io\n",
    "rules.json": '{\n  "gitlab": {"host": "registry.gitlab.com"},\n  "ecr": {\n    "host": "public.ecr.aws"\n  }\n}\n',
    "rules.csv": "prefix,host\nc1,quay.io\n\nc2,ghcr.io\n",
    "policy.json": '{\n  "Statement": [\n    {"Sid": "A"},\n    {\n      "Sid": "B"\n    }\n  ]\n}\n',
}


@pytest.mark.parametrize(
    ("key", "whole", "host"),
    [
        ("quay", "quay:\n    host: quay.io", "quay.io"),
        ("hub", "hub:\n    host: registry-1.docker.io", "registry-1.docker.io"),
        ("k8s", "k8s", "registry.k8s.io"),
        ("ghcr", "ghcr", "ghcr.io"),
        ("gitlab", '"gitlab": {"host": "registry.gitlab.com"}', '"registry.gitlab.com"'),
        ("ecr", '"ecr": {\n    "host": "public.ecr.aws"\n  }', '"public.ecr.aws"'),
        ("c1", "c1,quay.io", "quay.io"),
        ("c2", "c2,ghcr.io", "ghcr.io"),
    ],
)
def test_what_is_decoded_from_a_file_is_changed_in_that_file(
    read: Read, key: str, whole: str, host: str
) -> None:
    reading = read(DATA_FILES)
    rule = record(reading, Kind.CACHE_RULE, key)

    assert text_at(reading, DATA_FILES, rule.span) == whole
    assert text_at(reading, DATA_FILES, rule.get("upstream_registry_url").span) == host


def test_the_statements_of_a_policy_in_a_file_stand_there(read: Read) -> None:
    reading = read(DATA_FILES)
    policy = record(reading, Kind.REGISTRY_POLICY, "")

    found = [text_at(reading, DATA_FILES, reading.statement_span(policy, at)) for at in (0, 1)]

    assert found == ['{"Sid": "A"}', '{\n      "Sid": "B"\n    }']


@pytest.mark.parametrize(
    "text", ['replace(file("rules.yaml"), "a", "b")', '"${file("rules.yaml")}# end\\n"']
)
def test_a_text_that_is_made_of_a_file_stands_where_it_is_made(read: Read, text: str) -> None:
    """Its lines may be other ones than the file's."""
    code = DATA_ROOT.replace('file("rules.yaml")', text)
    reading = read({**DATA_FILES, "main.tf": code})

    (rule,) = [
        each
        for each in reading.estate.records
        if "aws_ecr" in each.address and '["hu' in each.address
    ]

    assert rule.span is not None
    assert rule.span.file.name == "main.tf"


@pytest.mark.parametrize(
    ("index", "element"),
    [("var.hosts[count.index].name", '{ name = "b", host = "ghcr.io" }'), ("element(local.names, count.index)", '"b"')],
)  # fmt: skip
def test_an_instance_of_count_is_changed_at_its_element(
    read: Read, index: str, element: str
) -> None:
    files = {
        "main.tf": PROVIDER
        + 'variable "hosts" {\n  default = [\n    { name = "a", host = "quay.io" },\n'
        '    { name = "b", host = "ghcr.io" },\n  ]\n}\nlocals {\n  names = ["a", "b"]\n}\n'
        'resource "aws_ecr_pull_through_cache_rule" "this" {\n  count = 2\n'
        f"  ecr_repository_prefix = {index}\n"
        '  upstream_registry_url = "quay.io"\n}\n'
    }
    reading = read(files)

    assert text_at(reading, files, record(reading, Kind.CACHE_RULE, "b").span) == element


def test_an_instance_of_count_without_a_list_is_its_block(read: Read) -> None:
    block = (
        'resource "aws_ecr_pull_through_cache_rule" "this" {\n  count = 1\n'
        '  ecr_repository_prefix = "x${count.index}"\n  upstream_registry_url = "quay.io"\n}'
    )
    files = {"main.tf": PROVIDER + block + "\n"}
    reading = read(files)

    assert text_at(reading, files, record(reading, Kind.CACHE_RULE, "x0").span) == block
