"""Runs the command line inside the test's process, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
consumers:
  shop-nodes: {account: shop, role: "eks-*"}
registries:
  main:
    caches:
      quay: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants:
      - {to: {role: node}, allow: first-pull}
      - {to: shop-nodes, allow: pull, caches: [quay]}
"""

MISTAKE = TOPOLOGY.replace("allow: pull,", "allow: push,")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


def forebay(folder: Path, *arguments: str) -> Ran:
    """Run a command in the folder, which need not hold a topology."""
    out, err = io.StringIO(), io.StringIO()
    with inside(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


def write_topology(folder: Path, text: str = TOPOLOGY) -> Path:
    file = folder / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = os.getcwd()  # noqa: PTH109 - to go back to
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
