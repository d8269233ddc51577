"""What another program hands to a root module beside its files."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.values import UnknownContent, Value


@frozen
class GivenValues:
    """Values of variables, and where more of them stand.

    `rest` is what every other variable may have been given, where that is not known. `folders` hold
    values in files that Terraform loads by itself, `variable_files` are named to it. `locals` are names
    that stand for an unknown piece of generated code. `files` are those of the other program.
    """

    values: Mapping[str, Value]
    files: frozenset[Path]
    rest: UnknownContent | None = None
    folders: tuple[Path, ...] = ()
    variable_files: tuple[Path, ...] = ()
    locals: Mapping[str, UnknownContent] = field(default_factory=dict)
