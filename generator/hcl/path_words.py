"""What `path.module`, `path.root` and `path.cwd` are."""

import posixpath
from pathlib import Path

from generator.hcl.values import Value, unknown
from generator.model.span import Span


def path_word(word: str, span: Span, *, module: Path, root: Path) -> Value:
    """The value of `path.` and a word, in the folder of a module that a root's folder leads to."""
    match word:
        case "module":
            return Value(_relative_path(module, root), span)
        case "root":
            return Value(".", span)
        case "cwd":
            # Where Terraform runs, unless it is told another folder with `-chdir`.
            return Value(root.absolute().as_posix(), span)
        case _:
            return unknown("it depends on where Terraform runs", f"path.{word}", span)


def _relative_path(folder: Path, root: Path) -> str:
    up = 0
    while not folder.is_relative_to(root) and root != root.parent:
        root, up = root.parent, up + 1
    return posixpath.join(*[".."] * up, folder.relative_to(root).as_posix())
