"""The files that `generate` wants to see on disk, before anything is compared or written."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLine:
    """One cache rule of a root as its manifest remembers it; a change of upstream replaces it."""

    region: str
    prefix: str
    upstream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFiles:
    """One root module: its account, its folder below the output folder, its files by name."""

    account: str
    account_id: str
    folder: str
    files: Mapping[str, str]
    caches: tuple[CacheLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTree:
    """Everything `generate` writes: the roots, and the shared files by path (the module copies)."""

    roots: tuple[RootFiles, ...]
    shared: Mapping[str, str]
