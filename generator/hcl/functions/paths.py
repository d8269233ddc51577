"""Functions of file paths."""

import posixpath
from collections.abc import Mapping

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function


def _basename(arguments: Arguments) -> str:
    path = as_text(arguments[0]).rstrip("/")
    return posixpath.basename(path) if path else ("/" if as_text(arguments[0]) else ".")


def _dirname(arguments: Arguments) -> str:
    return posixpath.normpath(posixpath.dirname(as_text(arguments[0])) or ".")


FUNCTIONS: Mapping[str, Function] = {
    "basename": function(_basename, 1),
    "dirname": function(_dirname, 1),
}
