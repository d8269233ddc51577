"""Small file trees that the tests of writing share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.model.filetree import CacheLine, FileTree, RootFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUAY = CacheLine(region="eu-west-1", prefix="quay", upstream="quay.io")


def root(
    account: str = "main",
    *,
    account_id: str = "111122223333",
    folder: str | None = None,
    files: Mapping[str, str] | None = None,
    caches: tuple[CacheLine, ...] = (QUAY,),
    modules: tuple[str, ...] = (),
) -> RootFiles:
    return RootFiles(
        account=account,
        account_id=account_id,
        folder=account if folder is None else folder,
        files={"main.tf": "# main\n", "README.md": "# read me\n"} if files is None else files,
        caches=caches,
        modules=modules,
    )


def tree(*roots: RootFiles, shared: Mapping[str, str] | None = None) -> FileTree:
    return FileTree(
        roots=roots or (root(),),
        shared={"modules/cache/main.tf": "# module\n"} if shared is None else shared,
    )


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, hidden ones included, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
