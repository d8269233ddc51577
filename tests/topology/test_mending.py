"""`--fix` in the text of a topology: what it writes, what it leaves alone, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.edit import Edit
from generator.model.span import Span
from generator.topology import read_topology
from generator.topology.editing import with_edits
from generator.topology.mending import Mended, mended
from generator.topology.slips import certain_word

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = """\
# The platform team's registries: ask before you change it.
version: 1
defaults: {regions: [eu-west-1]}   # one region, for now
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop:
    id: '012345678901'   # the zero belongs to it
    managed: false
  data: {id: 333344445555}
consumers:
  shop-nodes: {account: shop, role: "eks-*"}

creation_templates:
  short:
    mutability: MUTABLE
    encryption: {kms_key: "arn:{partition}:kms:{region}:{account_id}:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
    lifecycle: {expire_after_days: 60}
registries:
  main:
    creation_templates: {quay: short}
    caches:
      quay: {}
      docker-hub:   # what most images come from
        credential: ecr-pullthroughcache/docker-hub
    grants:
      - {to: {role: node}, allow: first-pull}
      - to: shop-nodes
        allow: pull
        caches: [quay, docker-hub]
"""

# What is right, and what people write instead of it.
SLIPS = (
    ("regions: [eu-west-1]", "regions: [eu_west_1]"),
    ("accounts:\n", "acounts:\n"),
    ("registry_policy: create", "registry-policy: create"),
    ("registry_policy: create", "registry_policy: Create"),
    ('"111122223333"', '"1111-2222-3333"'),
    ("333344445555", "3333 4444 5555"),
    ("managed: false", "managed: No"),
    ("managed: false", "managed: 'false'"),
    ("account: shop", "account: shpo"),
    ('role: "eks-*"', 'rol: "eks-*"'),
    ("mutability: MUTABLE", "mutability: mutable"),
    ("expire_after_days: 60", 'expire_after_days: "60"'),
    ("expire_after_days: 60", "expire_after_day: 60"),
    ("credential: ecr-pullthroughcache/docker-hub", "credential: docker-hub"),
    ("allow: first-pull", "allow: First_Pull"),
    ("allow: pull", "alow: pull"),
    ("to: shop-nodes", "to: shop-nodse"),
    ("caches: [quay, docker-hub]", 'caches: [quay, "docker_hub"]'),
)


def write(folder: Path, text: str, *, newline: str = "\n", bom: bool = False) -> Path:
    file = folder / "topology.yaml"
    content = text.replace("\n", newline).encode()
    file.write_bytes((b"\xef\xbb\xbf" if bom else b"") + content)
    return file


def mend(file: Path) -> Mended:
    return mended(file, lambda _: True)


def result(file: Path) -> str:
    """The text of the topology after `--fix`."""
    changed = mend(file).files.get(file)
    return (file.read_bytes() if changed is None else changed[1]).decode()


def test_the_topology_of_these_tests_is_right(tmp_path: Path) -> None:
    assert read_topology(write(tmp_path, RIGHT)).topology is not None
    assert mend(write(tmp_path, RIGHT)).files == {}


@pytest.mark.parametrize(("right", "wrong"), SLIPS, ids=[wrong.strip() for _, wrong in SLIPS])
def test_a_slip_is_mended_in_its_place_alone(tmp_path: Path, right: str, wrong: str) -> None:
    file = write(tmp_path, RIGHT.replace(right, wrong, 1))

    mending = mend(file)

    assert read_topology(file, {file: mending.files[file][1]}).topology is not None
    before, after = (content.decode().split("\n") for content in mending.files[file])
    differing = [
        number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]
    ]
    assert differing == [number for number, line in enumerate(before) if wrong.strip() in line]
    assert len(mending.fixed) == 1


@settings(max_examples=60, deadline=None)
@given(
    slips=st.sets(st.sampled_from(SLIPS)),
    newline=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    before=st.sampled_from(["", "# ümläut \U0001f433\n", "---\n", "%YAML 1.1\n---\n"]),
)
def test_every_other_byte_stays_and_nothing_is_left_to_fix(
    tmp_path_factory: pytest.TempPathFactory,
    slips: set[tuple[str, str]],
    newline: str,
    bom: bool,
    before: str,
) -> None:
    text = before + RIGHT
    for right, wrong in sorted(slips):
        text = text.replace(right, wrong, 1)
    file = write(tmp_path_factory.mktemp("fix"), text, newline=newline, bom=bom)
    was = file.read_bytes()
    named: set[int] = set()

    mending = mend(file)

    assert file.read_bytes() == was
    now = mending.files[file][1] if mending.files else was
    file.write_bytes(now)
    named = {finding.location.line for finding in mending.fixed if finding.location is not None}
    old, new = was.split(b"\n"), now.split(b"\n")
    changed = {
        number for number, (one, two) in enumerate(zip(old, new, strict=True), 1) if one != two
    }
    assert changed <= named
    left = {finding.fingerprint for finding in read_topology(file).findings}
    assert not left & {finding.fingerprint for finding in mending.fixed}
    assert mend(file).files == {}
    assert now.startswith(b"\xef\xbb\xbf") == bom


def test_what_lies_behind_a_misspelled_key_is_mended_in_the_same_run(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        RIGHT.replace("accounts:", "acounts:").replace("registry_policy: c", "registry_policy: C"),
    )

    assert result(file) == RIGHT


def test_an_included_file_is_mended_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("consumers:\n  ci: {acount: shop, role: ci}\n", "utf-8")
    file = write(tmp_path, RIGHT.replace("version: 1\n", "version: 1\ninclude: [more.yaml]\n"))

    mending = mend(file)

    (changed,) = mending.files.values()
    assert list(mending.files) == [tmp_path / "more.yaml"]
    assert changed[1].decode() == "consumers:\n  ci: {account: shop, role: ci}\n"


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        # Two names that people gave, one letter apart, are two.
        ("to: shop-nodes", "to: shop-modes", "It is not certain that `shop-nodes` is meant."),
        ("account: shop", "account: shop2", ""),
        ("allow: pull\n", "allow: pull\n        alow: pull\n", "The key `allow` is there already."),
        ("regions: [eu-west-1]", "regions: [eu-west-9]", "It is not certain"),
        ("regions: [eu-west-1]", "regions: [eu-north-2]", "It is not certain"),
        # The only region that is a letter apart lies on another continent.
        ("regions: [eu-west-1]", "regions: [ca-east-1]", "It is not certain"),
        ("managed: false", "unmanaged: false", "It is not certain that `managed` is meant."),
        ("expire_after_days: 60", "expire_after_days: 060", ""),
        (
            "kms:{region}:{account_id}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "kms:eu-west-1:111122223333:alias/ecr",
            "",
        ),
    ],
)
def test_what_may_be_meant_otherwise_stays(
    tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    file = write(tmp_path, RIGHT.replace(right, wrong, 1))

    mending = mend(file)

    assert mending.files == {}
    assert mending.fixed == ()
    assert why in " ".join(mending.refused.values())


@pytest.mark.parametrize(
    "text",
    [
        RIGHT.replace("allow: first-pull", "allow: &level Pull").replace(
            "allow: pull", "allow: *level"
        ),
        RIGHT.replace(
            "{to: {role: node}, allow: first-pull}", "&all {to: {role: node}, allow: Pull}"
        ).replace(
            "      - to: shop-nodes\n        allow: pull\n        caches: [quay, docker-hub]\n",
            "      - *all\n",
        ),
    ],
    ids=["a value", "a mapping"],
)
def test_what_an_alias_uses_again_is_not_edited_in_silence(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, text)

    mending = mend(file)

    assert mending.files == {}
    assert any("anchor" in why for why in mending.refused.values())


def test_a_wrong_value_that_came_by_an_alias_alone_is_not_edited(tmp_path: Path) -> None:
    text = RIGHT.replace("mutability: MUTABLE", "mutability: &word immutable_x").replace(
        "allow: pull", "allow: *word"
    )

    assert mend(write(tmp_path, text)).files == {}


@pytest.mark.parametrize(
    "value",
    [
        "|\n          First-Pull",
        ">-\n          First-Pull",
        "!!str First-Pull",
        '"First\\x2dPull"',
        "&a First-Pull",
    ],
    ids=["literal", "folded", "tag", "escape", "anchor"],
)
def test_a_value_in_an_unusual_form_is_left_alone(tmp_path: Path, value: str) -> None:
    text = RIGHT.replace("allow: pull\n", f"allow: {value}\n")

    assert mend(write(tmp_path, text)).files == {}


def test_two_edits_of_the_same_text_are_both_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "key: value\n")

    def edit(start: int, end: int, before: str, after: str) -> Edit:
        span = Span(file=file, line=1, column=start, end_line=1, end_column=end)
        return Edit(span=span, before=before, after=after)

    one, two = edit(6, 11, "value", "other"), edit(6, 11, "value", "another")
    third = edit(1, 4, "key", "word")

    edited = with_edits((one, two, third, third), {file: file.read_bytes()})

    assert edited.files == {file: b"word: value\n"}
    assert set(edited.refused) == {one, two}


def test_an_edit_whose_text_is_not_there_any_more_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "key: value\n")
    span = Span(file=file, line=1, column=6, end_line=1, end_column=11)

    edited = with_edits((Edit(span=span, before="other", after="x"),), {file: file.read_bytes()})

    assert edited.files == {file: file.read_bytes()}
    assert len(edited.refused) == 1


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("Docker_Hub", ("docker-hub", "docker-hub2"), "docker-hub"),
        ("paymets", ("payments", "platform"), "payments"),
        ("paymentss", ("payments", "platform"), "payments"),
        ("paymenst", ("payments", "platform"), "payments"),
        ("paymants", ("payments", "platform"), None),
        ("payments1", ("payments", "payments2"), None),
        ("ci-eu", ("ci-us",), None),
        ("prd", ("prod",), None),
        ("data-a", ("data-a1", "data-ab"), None),
        ("data-", ("data-b", "data-c"), None),
        # Codes of a letter or two, plurals, and what stands between digits.
        ("team-a", ("team-aa",), None),
        ("team-ba", ("team-ab",), None),
        ("team-a-b", ("team-ab",), None),
        ("shop-node", ("shop-nodes",), None),
        ("nodes", ("node",), None),
        ("shop-11-2", ("shop-1-12",), None),
        ("ci-11", ("ci-1-1",), None),
        ("team-a1", ("team-1a",), None),
        ("shopnodes", ("shop-nodes",), "shop-nodes"),
        ("shop1", ("shop-1",), "shop-1"),
    ],
)
def test_only_a_slip_of_the_pen_stands_for_another_name(
    word: str, names: tuple[str, ...], meant: str | None
) -> None:
    assert certain_word(word, names, are_names=True) == meant
