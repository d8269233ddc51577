"""The YAML that `import` writes means what it was made from."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.imported.lines import Entry, Item, Listed, Nested, Page, Yaml, flow, scalar
from generator.model.span import Span

PROPERTY = settings(max_examples=200, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "yes",
        "No",
        "null",
        "~",
        "012",
        "1e3",
        "2024-01-01",
        "- a",
        "a: b",
        "#c",
        "{region}",
        "*",
        "<<",
        "=",
    ]
)
values: st.SearchStrategy[Yaml] = st.recursive(
    texts | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@PROPERTY
@given(value=values)
def test_every_value_is_read_as_it_was(value: Yaml) -> None:
    assert yaml.safe_load(flow(value)) == value


@PROPERTY
@given(text=texts)
def test_a_plain_text_is_one_that_every_reader_takes_for_a_text(text: str) -> None:
    for loader in (yaml.SafeLoader, yaml.BaseLoader):
        assert yaml.load(f"key: {scalar(text)}", loader) == {"key": text}  # noqa: S506


@PROPERTY
@given(key=texts, value=values, file=texts, words=texts)
def test_a_page_is_read_as_it_was_whatever_its_comments_say(
    key: str, value: Yaml, file: str, words: str
) -> None:
    span = Span(file=Path(file.replace("\0", "")), line=3, column=1, end_line=3, end_column=2)
    page = Page()
    page.comment(words)
    page.write(
        (
            Entry(key="nested", value=Nested((Entry(key=key, value=value, sources=(span,)),))),
            Entry(key="listed", value=Listed((Item(value=value, sources=(span,)),))),
        )
    )

    assert yaml.safe_load(page.text()) == {"nested": {key: value}, "listed": [value]}


@PROPERTY
@given(value=st.lists(st.text("abc", min_size=1, max_size=20), min_size=1, max_size=40))
def test_lines_end_before_they_are_too_long_and_all_belong_to_their_thing(value: list[str]) -> None:
    page = Page()
    page.write((Entry(key="key", value=value, owners=frozenset({"owner"})),))

    assert all(len(line) <= 100 for line in page.lines)
    assert all(owners == {"owner"} for owners in page.owners)
    assert page.owners_at(1, len(page.lines)) == {"owner"}
