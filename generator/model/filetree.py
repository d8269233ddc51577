"""The files that `generate` wants to see on disk, before anything is compared or written."""

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from generator.frozen_data import frozen

Adopted: TypeAlias = Mapping[str, str | None]
"""What a root takes over: its address there, and the one that it moves from in the same state."""


@frozen
class CacheLine:
    """One cache rule of a root as its manifest remembers it; a change of upstream replaces it."""

    region: str
    prefix: str
    upstream: str


@frozen
class RootFiles:
    """One root module: its account, its folder below the output folder, its files by name.

    `modules` are the folders below the output folder whose files it calls. `adopted` are the addresses
    of what was there before the root, each with the address in the same state that it moves from, `None`
    where it is imported.
    """

    account: str
    account_id: str
    folder: str
    files: Mapping[str, str]
    caches: tuple[CacheLine, ...]
    modules: tuple[str, ...] = ()
    adopted: Adopted = field(default_factory=dict)


@frozen
class FileTree:
    """Everything `generate` writes: the roots, and the shared files by path (the module copies).

    `only` is `None` for everything, else the ids of the accounts that are looked at: what belongs
    to others stays as it is.
    """

    roots: tuple[RootFiles, ...]
    shared: Mapping[str, str]
    only: frozenset[str] | None = None

    @property
    def needed_modules(self) -> tuple[str, ...]:
        """The folders of the modules that the roots call, sorted."""
        return tuple(sorted({folder for root in self.roots for folder in root.modules}))


def narrowed(tree: FileTree, account_ids: frozenset[str]) -> FileTree:
    """The part of a tree that some accounts need: their roots, and the modules that these call."""
    roots = tuple(root for root in tree.roots if root.account_id in account_ids)
    part = FileTree(roots=roots, shared={}, only=account_ids)
    folders = set(part.needed_modules)
    shared = {
        path: text for path, text in tree.shared.items() if path.rpartition("/")[0] in folders
    }
    return FileTree(roots=roots, shared=shared, only=account_ids)
