"""What is told to be a root before anything is parsed is one, and ordinary roots are told."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.hcl.code_tree import code_tree
from generator.hcl.layout import code_layout
from generator.hcl.relevance import code_folder
from generator.hcl.root import RootReader, RootSetup
from generator.hcl.settings import ReadingSettings
from generator.hcl.sure_roots import sure_roots

if TYPE_CHECKING:
    from collections.abc import Callable

    from hcl_support import Files

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def told_and_true(project: Path) -> tuple[set[str], set[str]]:
    """The roots that the text tells, and those that parsing tells."""
    tree = code_tree(project, project)
    reader = RootReader(
        RootSetup(
            code=project,
            project_root=project,
            layout=code_layout(None),
            cache_folder=None,
            settings=ReadingSettings(),
            links=tree.links,
        )
    )
    folders = [code_folder(folder, reader.project) for folder in tree.folders]
    folders = [entry for entry in folders if entry.files]
    told = sure_roots(folders, (), tree.links)
    true = reader.roots(reader.calls([entry.folder for entry in folders]))
    named = [{folder.relative_to(project).as_posix() for folder in found} for found in (told, true)]
    return named[0], named[1]


WAYS_TO_CALL = {
    "first": 'module "m" {\n  source = "../b"\n}\n',
    "behind others": 'module "m" {\n  count = 2\n  source = "../b"\n}\n',
    "behind a comment": 'module /* of ours */ "m" {\n  source = /* "../c" */ "../b"\n}\n',
    "on one line": 'module "m" { source = "../b" }\n',
    "in brackets": 'module "m" {\n  source = ("../b")\n}\n',
    "by another way round": 'module "m" {\n  source = "./../a/.././b/"\n}\n',
    "by escapes": 'module "m" {\n  source = "\\u002e./b"\n}\n',
    "by escapes within": 'module "m" {\n  source = "../\\u0062"\n}\n',
    "in an override": ("main_override.tf", 'module "m" {\n  source = "../b"\n}\n'),
    "in JSON": ("m.tf.json", '{"module": {"m": {"source": "../b"}}}'),
}


@pytest.mark.parametrize("way", WAYS_TO_CALL)
def test_a_folder_that_another_calls_is_no_sure_root(
    write: Callable[[Files], Path], way: str
) -> None:
    call = WAYS_TO_CALL[way]
    name, text = call if isinstance(call, tuple) else ("main.tf", call)
    first = 'module "m" {\n  source = "../c"\n}\n' if "override" in name else PROVIDER
    files: Files = {"a/first.tf": first, f"a/{name}": text, "b/main.tf": PROVIDER}

    told, true = told_and_true(write(files | {"c/main.tf": PROVIDER}))

    assert "b" not in true
    assert "b" not in told


def test_a_folder_that_terraform_init_noted_is_no_sure_root(
    write: Callable[[Files], Path],
) -> None:
    entry = {"Key": "m", "Source": "git::https://example.com/b.git", "Dir": "../b"}
    call = 'module "m" {\n  source = "git::https://example.com/b.git"\n}\n'
    manifest = {
        "a/.terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
        "a/main.tf": call,
        "b/main.tf": PROVIDER,
    }

    told, true = told_and_true(write(manifest))

    assert true == told == {"a"}


def test_ordinary_roots_are_sure(write: Callable[[Files], Path]) -> None:
    text = PROVIDER + 'module "m" {\n  source = "../lib"\n}\nlocals {\n  digits = "\\\\d+\\n"\n}\n'
    far = 'module "f" {\n  source = "somebody/far/aws"\n}\n'

    told, true = told_and_true(
        write({"a/main.tf": text, "b/main.tf": text + far, "lib/main.tf": "locals {}\n"})
    )

    assert told == true == {"a", "b"}


PIECES = st.sampled_from(
    [PROVIDER, "locals {\n  a = 1\n}\n", *(call for call in WAYS_TO_CALL.values() if isinstance(call, str))]
).map(lambda text: text.replace('"m"', f'"m{len(text)}"'))  # fmt: skip
PLACES = ("../a", "../b", "../c", ".", "./d", "../d")


@settings(max_examples=80, deadline=None)
@given(
    project=st.fixed_dictionaries(
        {
            f"{folder}/main.tf": st.lists(
                st.tuples(PIECES, st.sampled_from(PLACES)), max_size=3, unique_by=lambda it: it[0]
            )
            for folder in ("a", "b", "c", "a/d", "d")
        }
    )
)
def test_sure_roots_are_roots(project: dict[str, list[tuple[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for file, pieces in project.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            text = "".join(piece.replace("../b", place) for piece, place in pieces)
            (folder / file).write_text(text, encoding="utf-8")

        told, true = told_and_true(folder)

    assert told <= true
