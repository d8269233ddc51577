"""Account and region through aliases, providers passed to modules, and providers with instances."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hcl_support import Files

from generator.hcl import ReadingSettings
from generator.hcl.reader import CodeReading, read_code
from generator.model.estate import Unknown
from generator.model.values import AccountId

Read = Callable[[Files], CodeReading]

SETTING = 'resource "aws_ecr_account_setting" "{}" {{\n  name = "{}"\n{}\n}}\n'
BY_REGION = """
locals {
  regions = { ireland = "eu-west-1", virginia = "us-east-1" }
}
provider "aws" {
  for_each            = local.regions
  alias               = "by_region"
  region              = each.value
  allowed_account_ids = ["111122223333"]
}
"""


def places(reading: CodeReading) -> dict[str, tuple[str | None, str | None]]:
    return {
        record.address: (
            None if isinstance(record.account, Unknown) else str(record.account),
            None if isinstance(record.region, Unknown) else str(record.region),
        )
        for record in reading.estate.records
    }


def test_a_resource_acts_through_one_instance_of_a_provider(read: Read) -> None:
    reading = read(
        {
            "main.tf": BY_REGION
            + SETTING.format("one", "A", '  provider = aws.by_region["virginia"]')
            + SETTING.format(
                "each", "B", "  for_each = local.regions\n  provider = aws.by_region[each.key]"
            )
            + SETTING.format("none", "C", '  provider = aws.by_region["mars"]')
            + SETTING.format("all", "D", "  provider = aws.by_region")
            + SETTING.format("which", "E", "  provider = aws.by_region[var.which]")
            + 'variable "which" {}\n'
        }
    )

    assert places(reading) == {
        "aws_ecr_account_setting.one": ("111122223333", "us-east-1"),
        'aws_ecr_account_setting.each["ireland"]': ("111122223333", "eu-west-1"),
        'aws_ecr_account_setting.each["virginia"]': ("111122223333", "us-east-1"),
        "aws_ecr_account_setting.none": (None, None),
        "aws_ecr_account_setting.all": (None, None),
        "aws_ecr_account_setting.which": (None, None),
    }


def test_each_instance_of_a_module_may_have_its_own_provider(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": BY_REGION
            + 'module "m" {\n  source    = "../m"\n  for_each  = local.regions\n'
            "  providers = { aws = aws.by_region[each.key] }\n}\n"
            + 'module "which" {\n  source    = "../m"\n'
            "  providers = { aws = aws.by_region[var.which] }\n}\n" + 'variable "which" {}\n',
            "m/main.tf": SETTING.format("s", "A", ""),
        }
    )

    assert places(reading) == {
        'module.m["ireland"].aws_ecr_account_setting.s': ("111122223333", "eu-west-1"),
        'module.m["virginia"].aws_ecr_account_setting.s': ("111122223333", "us-east-1"),
        "module.which.aws_ecr_account_setting.s": (None, None),
    }


TWO = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias               = "shop"
  region              = "us-east-1"
  allowed_account_ids = ["222233334444"]
}
"""


@pytest.mark.parametrize(
    "declared",
    [
        # How modules say it now, and how they said it before Terraform 0.15.
        "terraform {\n  required_providers {\n    aws = { configuration_aliases = [aws.owner] }\n  }\n}\n",
        'provider "aws" {\n  alias = "owner"\n}\nprovider "aws" {}\n',
    ],
)
def test_a_module_that_needs_two_accounts_is_given_both(read: Read, declared: str) -> None:
    reading = read(
        {
            "root/main.tf": TWO + 'module "m" {\n  source    = "../m"\n'
            "  providers = { aws = aws.shop, aws.owner = aws }\n}\n"
            + 'module "inherits" {\n  source = "../m"\n}\n',
            "m/main.tf": declared
            + SETTING.format("mine", "A", "")
            + SETTING.format("owner", "B", "  provider = aws.owner"),
        }
    )

    assert places(reading) == {
        "module.m.aws_ecr_account_setting.mine": ("222233334444", "us-east-1"),
        "module.m.aws_ecr_account_setting.owner": ("111122223333", "eu-west-1"),
        "module.inherits.aws_ecr_account_setting.mine": ("111122223333", "eu-west-1"),
        "module.inherits.aws_ecr_account_setting.owner": (None, None),
    }


def test_a_module_with_a_provider_of_its_own_acts_through_that(read: Read) -> None:
    reading = read(
        {
            "root/main.tf": TWO + 'module "m" {\n  source = "../m"\n}\n',
            "m/main.tf": 'provider "aws" {\n  region = "ap-south-1"\n'
            '  assume_role_with_web_identity {\n    role_arn = "arn:aws:iam::333344445555:role/ci"\n'
            "  }\n}\n" + SETTING.format("s", "A", ""),
        }
    )

    assert places(reading) == {"module.m.aws_ecr_account_setting.s": ("333344445555", "ap-south-1")}


@pytest.mark.parametrize(
    ("default", "named", "is_known"),
    [
        ('profile = "hub"', 'profile = "hub"', True),
        ("profile = var.who", "profile = var.who", True),
        ('profile = "hub"', "", True),
        ('profile = "hub"', 'profile = "app"', False),
        ("", 'profile = "app"', False),
        ("profile = var.who", 'profile = "app"', False),
        ('profile = "hub"', 'profile = "app"\n  allowed_account_ids = ["222233334444"]', True),
    ],
)
def test_a_provider_that_signs_in_as_somebody_else_may_act_in_another_account(
    write: Callable[[Files], Path], default: str, named: str, *, is_known: bool
) -> None:
    project = write(
        {
            "main.tf": 'variable "who" {}\n'
            f'provider "aws" {{\n  region = "eu-west-1"\n  {default}\n}}\n'
            f'provider "aws" {{\n  alias = "b"\n  region = "us-east-1"\n  {named}\n}}\n'
            + SETTING.format("a", "a", "")
            + SETTING.format("b", "b", "  provider = aws.b")
        }
    )
    settings = ReadingSettings(accounts={".": AccountId.parse("111122223333")})

    found = places(read_code(project, project_root=project, topology=None, settings=settings))

    assert found["aws_ecr_account_setting.a"][0] == "111122223333"
    assert (found["aws_ecr_account_setting.b"][0] is not None) == is_known
