"""How code is read: as which program reads it, and with which values for its variables."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.values import AccountId, Region


class Engine(StrEnum):
    """The program that runs the code; they differ in which files of a folder they read."""

    TERRAFORM = "terraform"
    TOFU = "tofu"


@frozen
class ReadingSettings:
    """What the person who runs the program would tell it on its command line.

    `variable_files` are read in their order, wherever they lie; `variables` are texts as `-var` takes
    them, and win over every file. `accounts` says whose root modules are whose, by their folders below
    the code folder (`.` is that one), whatever their providers say; `regions` where they act, by folder
    likewise, and under `""` for all that do not say it. With `infers_accounts`, ARNs that can only be of a
    root's own account tell it where nothing else does.
    """

    engine: Engine = Engine.TERRAFORM
    variable_files: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, AccountId] = field(default_factory=dict)
    workspace: str = ""
    is_engine_chosen: bool = True
    regions: Mapping[str, Region] = field(default_factory=dict)
    infers_accounts: bool = False


_ENDINGS = (".tf.json", ".tf")
_TOFU_ENDINGS = (".tofu.json", ".tofu", *_ENDINGS)


def is_code(name: str, engine: Engine) -> bool:
    """Whether the program reads a file of this name as code, if nothing else replaces it.

    Both leave out files whose names begin with a dot or end with `~`, and those of Emacs: `#…#`.
    """
    if name.startswith("."):
        return False
    return name.endswith(_TOFU_ENDINGS if engine is Engine.TOFU else _ENDINGS)


def is_override(name: str) -> bool:
    """Whether a code file changes what the other files declare."""
    ending = next((ending for ending in _TOFU_ENDINGS if name.endswith(ending)), "")
    stem = name.removesuffix(ending)
    return stem == "override" or stem.endswith("_override")


def is_replaced(name: str, names: frozenset[str], engine: Engine) -> bool:
    """Whether OpenTofu leaves a code file out, for the `.tofu` file of the same name beside it."""
    if engine is Engine.TERRAFORM:
        return False
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending) + ending.replace(".tf", ".tofu") in names
    return False
