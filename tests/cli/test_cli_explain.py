"""`explain`: the page of a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from generator.cli.words import pages_of, words

if TYPE_CHECKING:
    from pathlib import Path


def test_every_word_has_a_page_with_words_on_it() -> None:
    for word in words():
        pages = pages_of(word)
        assert pages, word
        assert all(len(page.text) > 20 for page in pages), word


@pytest.mark.parametrize(
    ("word", "kind", "says"),
    [
        ("first-pull", "level of a grant", "ecr:CreateRepository"),
        ("grant-missing", "rule", "reported by `check`"),
        ("registries.NAME.caches", "key of a topology", "`registries.NAME.caches`"),
        ("grants[].allow", "key of a topology", "`registries.NAME.grants[].allow`"),
        ("docker-hub", "upstream", "registry-1.docker.io"),
        ("kubernetes", "upstream", "registry.k8s.io"),
        ("3", "exit code", "could not be decided"),
        ("130", "exit code", "Ctrl-C"),
    ],
)
def test_a_word_is_explained_as_what_it_is(word: str, kind: str, says: str, tmp_path: Path) -> None:
    ran = forebay(tmp_path, "explain", word)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{word} ({kind})\n")
    assert says in ran.out
    assert ran.out.endswith("\n")


def test_a_key_that_stands_in_several_places_is_explained_at_each(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "explain", "id", "--format", "json")

    (page,) = ran.document["pages"]
    assert "`organization.id`" in page["text"]
    assert "`accounts.NAME.id`" in page["text"]


def test_an_unknown_word_is_refused_with_the_likely_one(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "explain", "frist-pull")

    assert ran.code == 1
    assert "Did you mean `first-pull`?" in ran.err


def test_no_word_at_all_is_shown_as_it_was_typed(tmp_path: Path) -> None:
    assert "`''` is no rule" in forebay(tmp_path, "explain", "").err
    assert "`''` is not an example" in forebay(tmp_path, "init", "--example", "").err


def test_the_words_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    from generator.cli.main import forebay as command

    monkeypatch.chdir(tmp_path)
    found = ShellComplete(command, {}, "forebay", "_FOREBAY_COMPLETE").get_completions(
        ["explain"], "first-"
    )

    assert [item.value for item in found] == ["first-pull"]
