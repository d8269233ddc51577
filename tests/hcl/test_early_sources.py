"""OpenTofu works out the sources of modules from variables and locals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.hcl import Engine, ReadingSettings, read_code
from generator.model.estate import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hcl_support import Files

    from generator.model.reading import Reading

    Write = Callable[[Files], Path]

ROOT = """
variable "folder" { default = "cache" }
locals { source = "./modules/${var.folder}" }
provider "aws" { region = "eu-west-1" }
module "cache" {
  source = local.source
  prefix = "quay"
}
"""
CACHE = """
variable "prefix" {}
resource "aws_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = var.prefix
  upstream_registry_url = "quay.io"
}
"""


def read(folder: Path, engine: Engine) -> Reading:
    return read_code(
        folder,
        project_root=folder,
        topology=None,
        settings=ReadingSettings(engine=engine, is_engine_chosen=True),
    )


def test_a_source_of_a_local_is_read_as_opentofu_does(write: Write) -> None:
    reading = read(write({"main.tf": ROOT, "modules/cache/main.tf": CACHE}), Engine.TOFU)

    assert [(each.kind, each.key) for each in reading.estate.records] == [(Kind.CACHE_RULE, "quay")]
    # What is called is no root by itself.
    assert [root.name for root in reading.estate.roots] == [""]
    assert reading.unread_modules == ()


@pytest.mark.parametrize(
    ("engine", "default"), [(Engine.TERRAFORM, 'default = "cache"'), (Engine.TOFU, "")]
)
def test_a_source_that_nobody_can_tell_is_not_read(
    write: Write, engine: Engine, default: str
) -> None:
    """Terraform takes no other than a plain text."""
    root = ROOT.replace('default = "cache"', default)

    reading = read(write({"main.tf": root, "modules/cache/main.tf": CACHE}), engine)

    assert [each.address for each in reading.unread_modules] == ["module.cache"]
