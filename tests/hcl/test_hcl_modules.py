"""Variables, variable files, modules, instances and provider blocks."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hcl_support import Files, root_module

from generator.hcl.reader import CodeReading
from generator.hcl.records import RootRecords
from generator.hcl.values import EvaluationError
from generator.model.estate import Json, Known, Record, Unknown

Outputs = Callable[[str], Callable[[str], Json]]
Read = Callable[[Files], CodeReading]

RULE = """
resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each              = var.rules
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.host
}
variable "rules" {
  type = map(object({ host = string }))
}
"""
PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""


def addresses(reading: CodeReading) -> list[str]:
    return sorted(record.address for record in reading.estate.records)


def only(reading: CodeReading) -> Record:
    (record,) = reading.estate.records
    return record


def test_a_variable_takes_its_default_as_its_type_says(outputs: Outputs) -> None:
    output = outputs(
        """
variable "rules" {
  type = map(object({
    host  = string
    port  = optional(number, 443)
    tags  = optional(set(string), ["b", "a", "b"])
    inner = optional(object({ on = optional(bool, true) }), {})
    none  = optional(string)
  }))
  default = { quay = { host = 5, port = "80", extra = 1 } }
}
output "it" {
  value = var.rules
}
"""
    )

    assert output("it") == {
        "quay": {
            "host": "5",
            "port": 80,
            "tags": ("a", "b"),
            "inner": {"on": True},
            "none": None,
        }
    }


@pytest.mark.parametrize(
    ("kind", "default", "reason"),
    [
        ("number", '"x"', "var.v: a number is needed, not a text"),
        ("bool", "[]", "var.v: a boolean is needed, not a tuple"),
        ("list(string)", "{}", "var.v: a list is needed, not an object"),
        ("map(string)", "[]", "var.v: a map is needed, not a tuple"),
        ("object({ a = string })", "{}", "var.v: the attribute `a` is required"),
        ("tuple([string])", "[]", "var.v: a tuple of 1 elements is needed"),
        ("text", '"x"', "var.v: `text` is not a type"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    outputs: Outputs, kind: str, default: str, reason: str
) -> None:
    output = outputs(
        f'variable "v" {{\n  type = {kind}\n  default = {default}\n}}\n'
        'output "it" {\n  value = var.v\n}\n'
    )

    with pytest.raises(EvaluationError) as refused:
        output("it")

    assert str(refused.value) == reason


def test_variable_files_override_each_other_in_terraform_s_order(
    write: Callable[[Files], Path],
) -> None:
    folder = write(
        {
            "main.tf": "".join(
                f'variable "{name}" {{\n  default = "default"\n}}\n'
                f'output "{name}" {{\n  value = var.{name}\n}}\n'
                for name in "abcdef"
            ),
            "terraform.tfvars": 'b = "tfvars"\nc = "tfvars"\nd = "tfvars"\ne = "tfvars"\n',
            "terraform.tfvars.json": json.dumps({"c": "json", "d": "json", "e": "json"}),
            "a.auto.tfvars": 'd = "auto a"\ne = "auto a"\n',
            "b.auto.tfvars.json": json.dumps({"e": "auto ${b}"}),
            "other.tfvars": 'f = "not loaded"\n',
        }
    )
    module = root_module(folder)

    values = {name: module.output(name).content for name in "abcdef"}

    assert values == {
        "a": "default",
        "b": "tfvars",
        "c": "json",
        "d": "auto a",
        "e": "auto ${b}",
        "f": "default",
    }


def test_variable_files_are_for_the_root_and_not_for_called_modules(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDER + 'module "m" {\n  source = "../m"\n}\n',
            "m/main.tf": 'variable "prefix" {\n  default = "quay"\n}\n'
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
            "  ecr_repository_prefix = var.prefix\n}\n",
            "m/terraform.tfvars": 'prefix = "wrong"\n',
        }
    )

    assert only(reading).key == "quay"


def test_null_for_a_variable_that_is_not_nullable_means_its_default(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDER
            + 'module "m" {\n  source = "../m"\n  prefix = null\n  host = null\n}\n',
            "m/main.tf": 'variable "prefix" {\n  default = "quay"\n  nullable = false\n}\n'
            'variable "host" {\n  default = "quay.io"\n}\n'
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
            "  ecr_repository_prefix = var.prefix\n  upstream_registry_url = var.host\n}\n",
        }
    )

    assert only(reading).key == "quay"
    assert "upstream_registry_url" in only(reading).attributes
    assert type(only(reading).get("upstream_registry_url")).__name__ == "Absent"


def test_addresses_are_those_that_terraform_prints(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDER
            + """
module "cache" {
  for_each = toset(["eu", "u\\"s"])
  source   = "../cache"
  rules    = { "a/b" = { host = "quay.io" }, "$${x}" = { host = "quay.io" } }
}
module "one" {
  source = "../cache"
  rules  = { quay = { host = "quay.io" } }
}
module "many" {
  count  = 2
  source = "../cache"
  rules  = { quay = { host = "quay.io" } }
}
resource "aws_ecr_account_setting" "s" {
  count = 2
  name  = "BASIC${count.index}"
}
resource "aws_ecr_account_setting" "none" {
  count = 0
  name  = "NONE"
}
""",
            "cache/main.tf": RULE,
        }
    )

    rule = "aws_ecr_pull_through_cache_rule.this"
    assert addresses(reading) == sorted(
        [
            f'module.cache["eu"].{rule}["a/b"]',
            f'module.cache["eu"].{rule}["$${{x}}"]',
            f'module.cache["u\\"s"].{rule}["a/b"]',
            f'module.cache["u\\"s"].{rule}["$${{x}}"]',
            f'module.one.{rule}["quay"]',
            f'module.many[0].{rule}["quay"]',
            f'module.many[1].{rule}["quay"]',
            "aws_ecr_account_setting.s[0]",
            "aws_ecr_account_setting.s[1]",
        ]
    )


@pytest.mark.parametrize("argument", ["for_each = var.given", "count = var.given"])
def test_an_unknown_number_of_instances_is_one_record_with_an_unknown_key(
    read: Read, argument: str
) -> None:
    key = "each.key" if "for_each" in argument else "count.index"
    reading = read(
        {
            "main.tf": 'variable "given" {}\nresource "aws_ecr_pull_through_cache_rule" "r" {\n'
            f'  {argument}\n  ecr_repository_prefix = "p${{{key}}}"\n'
            '  upstream_registry_url = "quay.io"\n}\n'
        }
    )

    record = only(reading)
    assert record.address == "aws_ecr_pull_through_cache_rule.r[?]"
    assert isinstance(record.key, Unknown)
    assert record.key.parts == ("p", None)
    assert record.identity is None


def test_known_members_of_a_set_are_instances_beside_an_unknown_one(read: Read) -> None:
    reading = read(
        {
            "main.tf": 'variable "given" {}\nresource "aws_ecr_pull_through_cache_rule" "r" {\n'
            '  for_each = toset(["quay", var.given])\n  ecr_repository_prefix = each.key\n}\n'
        }
    )

    assert addresses(reading) == [
        'aws_ecr_pull_through_cache_rule.r["quay"]',
        "aws_ecr_pull_through_cache_rule.r[?]",
    ]


def test_outputs_locals_and_inputs_lead_through_nested_modules(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDER
            + """
locals {
  hosts = { quay = "quay.io" }
}
module "names" {
  source = "../names"
  hosts  = local.hosts
}
module "cache" {
  source = "../outer"
  rules  = { for name, host in module.names.upper : lower(name) => { host = host } }
}
""",
            "names/main.tf": 'variable "hosts" {}\noutput "upper" {\n'
            "  value = { for k, v in var.hosts : upper(k) => v }\n}\n",
            "outer/main.tf": 'variable "rules" {}\nmodule "inner" {\n  source = "../cache"\n'
            "  rules = var.rules\n}\n",
            "cache/main.tf": RULE,
        }
    )

    assert addresses(reading) == [
        'module.cache.module.inner.aws_ecr_pull_through_cache_rule.this["quay"]'
    ]


def test_a_dynamic_block_becomes_its_blocks(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER
            + """
resource "aws_ecr_repository_creation_template" "t" {
  prefix = "quay"
  dynamic "encryption_configuration" {
    for_each = ["alias/a", "alias/b"]
    iterator = key
    content {
      encryption_type = "KMS"
      kms_key         = "${key.key}:${key.value}"
    }
  }
}
"""
        }
    )

    encryption = only(reading).get("encryption_configuration")
    assert getattr(encryption, "value", None) == (
        {"encryption_type": "KMS", "kms_key": "0:alias/a"},
        {"encryption_type": "KMS", "kms_key": "1:alias/b"},
    )


def test_a_module_that_is_not_on_disk_is_told_and_its_outputs_are_unknown(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER
            + 'module "far" {\n  source = "terraform-aws-modules/ecr/aws"\n  version = "0.9.0"\n}\n'
            'module "git" {\n  source = "git::https://example.com/x.git"\n}\n'
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
            "  ecr_repository_prefix = module.far.prefix\n}\n"
        }
    )

    assert isinstance(only(reading).key, Unknown)
    assert [module.address for module in reading.unread_modules] == ["module.far", "module.git"]
    assert "is not on disk" in reading.unread_modules[0].reason


def test_a_module_that_terraform_init_has_fetched_is_read_where_it_lies(read: Read) -> None:
    manifest = {
        "Modules": [
            {"Key": "", "Dir": "."},
            {
                "Key": "far",
                "Dir": ".terraform/modules/f",
                "Source": "registry.terraform.io/acme/cache/aws",
                "Version": "1.2.3",
            },
        ]
    }
    reading = read(
        {
            "main.tf": PROVIDER + 'module "far" {\n  source = "acme/cache/aws"\n'
            '  rules = { quay = { host = "quay.io" } }\n}\n',
            ".terraform/modules/modules.json": json.dumps(manifest),
            ".terraform/modules/f/main.tf": RULE,
        }
    )

    assert addresses(reading) == ['module.far.aws_ecr_pull_through_cache_rule.this["quay"]']
    assert reading.unread_modules == ()


def test_a_module_that_calls_itself_ends(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDER + 'module "m" {\n  source = "../m"\n}\n',
            "m/main.tf": 'module "again" {\n  count = 2\n  source = "../m"\n}\n',
        }
    )

    (unread,) = reading.unread_modules
    assert unread.address == "module.m.module.again"
    assert unread.reason == "it calls itself"


@pytest.mark.parametrize(
    ("written", "noted", "is_read"),
    [
        ('source = "acme/c/aws"', ("registry.terraform.io/acme/c/aws", "1.2.3"), True),
        ('source = "acme/c/aws"', ("registry.opentofu.org/acme/c/aws", "1.2.3"), True),
        ('source = "h.io/acme/c/aws"', ("h.io/acme/c/aws", "1.2.3"), True),
        ('source = "acme/c/aws//m/x"', ("registry.terraform.io/acme/c/aws//m/x", "1.2.3"), True),
        ('source = "acme/c/aws"\nversion = "~> 1.2"', ("registry.terraform.io/acme/c/aws", "1.9.0"), True),
        ('source = "acme/c/aws"\nversion = ">= 1, < 2"', ("registry.terraform.io/acme/c/aws", "1.9.0"), True),
        ('source = "github.com/acme/c?ref=v1"', ("git::https://github.com/acme/c.git?ref=v1", ""), True),
        ('source = "git@h.io:acme/c.git//m?ref=v1"', ("git::ssh://git@h.io/acme/c.git//m?ref=v1", ""), True),
        ('source = "git::https://h.io/c.git?ref=v1"', ("git::https://h.io/c.git?ref=v1", ""), True),
        ('source = "acme/c/aws"', ("", ""), False),
        ('source = "acme/c/aws"', ("registry.terraform.io/evil/c/aws", "1.2.3"), False),
        ('source = "acme/c/aws"\nversion = "2.0.0"', ("registry.terraform.io/acme/c/aws", "1.2.3"), False),
        ('source = "acme/c/aws"\nversion = "~> 1.2.0"', ("registry.terraform.io/acme/c/aws", "1.3.0"), False),
        ('source = "acme/c/aws"\nversion = "nonsense"', ("registry.terraform.io/acme/c/aws", "1.3.0"), False),
        ('source = "git::https://h.io/c.git?ref=v1"', ("git::http://h.io/c.git?ref=v1", ""), False),
        ('source = "git::https://h.io/c.git?ref=v1"', ("git::https://h.io/c.git?ref=v2", ""), False),
    ],
)  # fmt: skip
def test_a_fetched_module_counts_only_when_it_is_what_the_call_names(
    read: Read, written: str, noted: tuple[str, str], is_read: bool
) -> None:
    source, version = noted
    entry = {"Key": "far", "Dir": "far", "Source": source, "Version": version}
    reading = read(
        {
            "root/main.tf": PROVIDER + f'module "far" {{\n{written}\n}}\n',
            "root/.terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
            "root/far/main.tf": 'resource "aws_ecr_account_setting" "s" {\n  name = "BASIC"\n}\n',
        }
    )

    made = [record.address for record in reading.estate.records if record.root == "root"]
    assert made == (["module.far.aws_ecr_account_setting.s"] if is_read else [])
    assert len(reading.unread_modules) == (0 if is_read else 1)


DENY = """  statement {
    sid       = "Deny"
    effect    = "Deny"
    actions   = ["ecr:*"]
    resources = ["*"]
  }
"""
ALLOW = """  dynamic "statement" {
    for_each = ["*"]
    content {
      sid       = "Allow"
      actions   = ["ecr:*"]
      resources = [statement.value]
    }
  }
"""


@pytest.mark.parametrize(
    ("base", "override", "sids"),
    [(DENY, ALLOW, ["Allow"]), (ALLOW, DENY, ["Deny"]), (DENY + ALLOW, ALLOW, ["Allow"]), (ALLOW, "", ["Allow"])],
)  # fmt: skip
def test_blocks_of_an_override_file_replace_dynamic_ones_and_are_replaced_by_them(
    read: Read, base: str, override: str, sids: list[str]
) -> None:
    document = 'data "aws_iam_policy_document" "d" {{\n{}}}\n'
    reading = read(
        {
            "main.tf": PROVIDER
            + document.format(base)
            + 'resource "aws_ecr_registry_policy" "p" {\n'
            + "  policy = data.aws_iam_policy_document.d.json\n}\n",
            "z_override.tf": document.format(override),
        }
    )

    policy = only(reading).get("policy")
    assert isinstance(policy, Known)
    assert isinstance(policy.value, dict)
    statements = policy.value["Statement"]
    assert isinstance(statements, tuple)
    assert [statement["Sid"] for statement in statements if isinstance(statement, dict)] == sids


def test_an_override_file_changes_the_arguments_it_names(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER + 'resource "aws_ecr_account_setting" "s" {\n'
            '  name = "REGISTRY_POLICY_SCOPE"\n  value = "V1"\n}\n',
            "x_override.tf": 'resource "aws_ecr_account_setting" "s" {\n  value = "V2"\n}\n',
        }
    )

    assert getattr(only(reading).get("value"), "value", None) == "V2"
    assert only(reading).key == "REGISTRY_POLICY_SCOPE"


PROVIDERS = """
provider "aws" {
  region              = local.region
  allowed_account_ids = [var.account]
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/${var.unknown_role}"
  }
}
provider "aws" {
  alias               = "two"
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333", "222233334444"]
}
locals {
  region = "eu-west-1"
}
variable "account" {
  default = "111122223333"
}
variable "unknown_role" {}
"""


@pytest.mark.parametrize(
    ("code", "account", "region"),
    [
        ("", "111122223333", "eu-west-1"),
        ('region = "us-west-2"', "111122223333", "us-west-2"),
        ("provider = aws.us", "444455556666", "us-east-1"),
        ("provider = aws.us\n  region = local.region", "444455556666", "eu-west-1"),
        ("provider = aws.two", None, "eu-west-1"),
        ("provider = aws.missing", None, None),
        ('region = "mars-1"', "111122223333", None),
        ("region = var.unknown_role", "111122223333", None),
    ],
)
def test_account_and_region_come_from_the_resource_s_provider(
    read: Read, code: str, account: str | None, region: str | None
) -> None:
    reading = read(
        {
            "main.tf": f"{PROVIDERS}\n"
            f'resource "aws_ecr_account_setting" "s" {{\n  name = "BASIC"\n  {code}\n}}\n'
        }
    )

    record = only(reading)
    assert (None if isinstance(record.account, Unknown) else record.account) == account
    assert (None if isinstance(record.region, Unknown) else record.region) == region


def test_a_module_acts_through_the_providers_it_is_given(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": PROVIDERS
            + """
module "given" {
  source    = "../m"
  providers = { aws = aws.us, aws.other = aws }
}
module "inherited" {
  source = "../n"
}
""",
            "m/main.tf": 'resource "aws_ecr_account_setting" "a" {\n  name = "A"\n}\n'
            'resource "aws_ecr_account_setting" "b" {\n  name = "B"\n  provider = aws.other\n}\n'
            'module "deeper" {\n  source = "../n"\n}\n',
            "n/main.tf": 'resource "aws_ecr_account_setting" "n" {\n  name = "N"\n}\n',
        }
    )

    found = {record.address: (record.account, record.region) for record in reading.estate.records}
    assert found == {
        "module.given.aws_ecr_account_setting.a": ("444455556666", "us-east-1"),
        "module.given.aws_ecr_account_setting.b": ("111122223333", "eu-west-1"),
        "module.given.module.deeper.aws_ecr_account_setting.n": ("444455556666", "us-east-1"),
        "module.inherited.aws_ecr_account_setting.n": ("111122223333", "eu-west-1"),
    }


def test_caller_region_and_partition_are_known_where_the_provider_says_so(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDERS
            + """
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "this" {}
resource "aws_ecr_account_setting" "s" {
  name  = "BASIC"
  value = "${data.aws_partition.this.partition}/${data.aws_region.here.region}/${data.aws_caller_identity.me.account_id}/${data.aws_partition.this.dns_suffix}"
}
"""
        }
    )

    value = getattr(only(reading).get("value"), "value", None)
    assert value == "aws/eu-west-1/111122223333/amazonaws.com"


def test_records_of_a_folder_are_kept_although_a_module_is_wrong(
    write: Callable[[Files], Path],
) -> None:
    folder = write(
        {
            "main.tf": 'module "m" {\n  source = "./gone"\n}\n'
            'resource "aws_ecr_account_setting" "s" {\n  name = "BASIC"\n}\n'
        }
    )

    records = list(RootRecords("", root_module(folder)).records())

    assert [record.key for record in records] == ["BASIC"]
