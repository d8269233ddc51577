"""How the generated Terraform code looks: the `terraform` section of a topology, typed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.model.values import AccountId, Region


class ProviderBlock(StrEnum):
    """Who writes the provider block of a root."""

    GENERATE = "generate"
    NONE = "none"


Argument: TypeAlias = str | int | bool | tuple["Argument", ...] | Mapping[str, "Argument"]
"""An argument of Terraform; its texts may hold {account}, {account_id} and {partition}."""


@frozen
class Backend:
    """Where each root keeps its state: a type that Terraform knows, and that type's arguments.

    `blocks` are those that Terraform takes as blocks, by name; one can stand there repeatedly.
    """

    type: str
    arguments: Mapping[str, Argument]
    blocks: tuple[tuple[str, Mapping[str, Argument]], ...] = ()


@frozen
class GitModules:
    """A git repository that roots take the modules from, in place of copies beside them.

    `folder` ends in the folder of the modules (`git::https://host/repo.git//modules`), `query`
    begins with `ref=`.
    """

    folder: str
    query: str

    def source(self, module: str) -> str:
        """The source of one module, as Terraform takes it."""
        return f"{self.folder}/{module}?{self.query}"


@frozen
class TerraformSettings:
    """The `terraform` section.

    `assume_role` has the arguments of the provider's block of that name, `modules` is `None` for
    copies beside the roots.
    """

    required_version: str
    aws_provider: str
    time_provider: str
    layout: str
    assume_role: Mapping[str, Argument] | None
    provider: ProviderBlock = ProviderBlock.GENERATE
    backend: Backend | None = None
    modules: GitModules | None = None


def placeholder_words(name: str, account_id: AccountId, region: Region) -> Mapping[str, str]:
    """What stands for the words in braces of the `terraform` section."""
    return {
        "{account_id}": account_id,
        "{account}": name,
        "{partition}": region.aws_partition.id,
    }


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with the words in braces put in."""
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text


def fill_argument(value: Argument, words: Mapping[str, str]) -> Argument:
    """An argument with the words in braces put into each of its texts."""
    match value:
        case bool() | int():
            return value
        case str():
            return fill(value, words)
        case tuple():
            return tuple(fill_argument(item, words) for item in value)
        case _:
            return {key: fill_argument(item, words) for key, item in value.items()}
