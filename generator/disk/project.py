"""Where the project ends: no code outside the project root is ever read."""

from pathlib import Path

from generator.model.errors import ToolError


def project_root(code: Path, root: Path | None) -> Path:
    """The folder that code may be read from, links resolved.

    It is `root` when one is given, else the nearest folder with `.git` from `code` upwards, else
    `code` itself.
    """
    resolved = code.resolve()
    if root is None:
        above = (resolved, *resolved.parents)
        # In a worktree or a submodule `.git` is a file.
        return next((folder for folder in above if (folder / ".git").exists()), resolved)
    chosen = root.resolve()
    if not chosen.is_dir():
        raise ToolError("the project root is not a folder", f"There is no folder `{root}`.")
    if not resolved.is_relative_to(chosen):
        raise ToolError(
            "the code lies outside the project root",
            f"`{code}` is not below `{root}`, and nothing outside the project root is read. "
            "Name a folder above the code with `--root`, or leave the option out.",
            place=code,
        )
    return chosen
