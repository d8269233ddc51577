"""Languages and the pattern automaton, against `re` and a recursive matcher."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.iam.automaton import Automaton, heads, representatives
from generator.iam.document import Exact, Gap, Text
from generator.iam.globs import (
    Glob,
    TooComplexError,
    arn_glob,
    ignoring_case,
    like_glob,
    literal_glob,
    matches,
    text_glob,
)
from generator.iam.language import (
    Language,
    account_number,
    any_arn,
    organization_path,
    principal_name,
    registry_head,
    repository_name,
    service_name,
)

_quick = settings(max_examples=300, deadline=None)
_patterns = st.text(alphabet="ab/-*?", max_size=7)


def recursive_match(pattern: str, text: str) -> bool:
    """The definition of a wildcard pattern, word for word."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return recursive_match(pattern[1:], text) or (
            bool(text) and recursive_match(pattern, text[1:])
        )
    return bool(text) and pattern[0] in {"?", text[0]} and recursive_match(pattern[1:], text[1:])


@_quick
@given(pattern=_patterns, text=st.text(alphabet="ab/-", max_size=7))
def test_the_automaton_and_the_expression_agree_with_the_definition(
    pattern: str, text: str
) -> None:
    glob = like_glob(pattern)
    automaton = Automaton([glob], "ab/-")

    found = bool(automaton.accepted(automaton.run(text)))

    assert found == matches(glob, text) == recursive_match(pattern, text)


@_quick
@given(patterns=st.lists(_patterns, max_size=4), text=st.text(alphabet="ab/-", min_size=2))
def test_every_text_matches_what_its_representative_matches(patterns: list[str], text: str) -> None:
    language = Language("[ab/-]{2,}")
    globs = [like_glob(pattern) for pattern in patterns]

    found = representatives(globs, language)

    vectors = [tuple(matches(glob, one) for glob in globs) for one in found]
    assert len(set(vectors)) == len(vectors)
    assert tuple(matches(glob, text) for glob in globs) in vectors


@_quick
@given(patterns=st.lists(_patterns, max_size=4), head=st.text(alphabet="ab/-", max_size=3))
def test_what_remains_behind_a_beginning_matches_what_the_whole_matches(
    patterns: list[str], head: str
) -> None:
    globs = [like_glob(pattern) for pattern in patterns]
    automaton = Automaton(globs, "ab/-")

    left = automaton.remainders(automaton.run(head))

    for rest in ("", "a", "b/", "ab-a", "-/"):
        whole = any(matches(glob, head + rest) for glob in globs)
        assert whole == any(matches(glob, rest) for glob in left)


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:iam::*:role/ci", "arn:aws:iam::111122223333:role/ci", True),
        ("arn:aws:iam::*:role/ci", "arn:aws:iam::111122223333:role/x:role/ci", False),
        ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/x:role/ci", True),
        ("arn:aws:iam::11112222333?:role/ci", "arn:aws:iam::111122223333:role/ci", True),
        ("arn:aws:iam:?:1:role/ci", "arn:aws:iam:::1:role/ci", False),
    ],
)
def test_a_wildcard_in_the_head_of_an_arn_does_not_reach_over_a_colon(
    pattern: str, arn: str, expected: bool
) -> None:
    assert matches(arn_glob(pattern), arn) is expected


def test_a_plain_text_pattern_reaches_over_colons() -> None:
    glob = like_glob("arn:aws:iam::*:role/ci")

    assert matches(glob, "arn:aws:iam::111122223333:role/x:role/ci")


@pytest.mark.parametrize(
    ("make", "expected"), [(literal_glob, False), (like_glob, True), (arn_glob, True)]
)
def test_a_gap_stands_for_anything_and_an_exact_star_for_itself(
    make: Callable[[str], Glob], expected: bool
) -> None:
    text = Text(pieces=("a*", Gap(reason="unknown"), Exact(text="*")))

    assert matches(text_glob(text, make), "axx*") is expected
    assert matches(text_glob(text, make), "a*:x*")
    assert not matches(text_glob(text, make), "a*xx")


def test_case_can_be_ignored() -> None:
    glob = ignoring_case(literal_glob("vpce-A1*"))

    assert matches(glob, "VPCE-a1*")
    assert not matches(glob, "VPCE-a12")
    automaton = Automaton([glob], "vpceVPCE-aA1*")
    assert automaton.accepted(automaton.run("Vpce-a1*"))


def test_patterns_beyond_the_limit_are_refused_not_sampled() -> None:
    globs = [like_glob(f"*{letter}{other}*") for letter in "abcdefgh" for other in "abcd"]

    with pytest.raises(TooComplexError):
        representatives(globs, repository_name(), limit=2_000)


_ends = st.text(alphabet="ab?", min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    tails=st.lists(_ends, min_size=1, max_size=3),
    others=st.lists(_patterns, max_size=2),
    text=st.text(alphabet="ab/-", min_size=2, max_size=40),
)
def test_a_long_run_of_signs_at_the_end_of_a_pattern_is_no_obstacle(
    tails: list[str], others: list[str], text: str
) -> None:
    language = Language("[ab/-]{2,}")
    globs = [like_glob(f"*a{tail}{'?' * 16}") for tail in tails] + [
        like_glob(one) for one in others
    ]

    found = representatives(globs, language, limit=4_000)

    vectors = [tuple(matches(glob, one) for glob in globs) for one in found]
    assert len(set(vectors)) == len(vectors)
    assert tuple(matches(glob, text) for glob in globs) in vectors


def test_roles_of_permission_sets_are_told_apart_by_their_exact_suffix() -> None:
    reserved, suffix = "role/aws-reserved/sso.amazonaws.com", "?" * 16
    globs = [
        like_glob(f"{reserved}/{region}AWSReservedSSO_{name}_{suffix}")
        for name in ("Developer", "Dev", "Operator_Read")
        for region in ("", "*/")
    ]

    found = representatives([*globs, like_glob(f"role/*-{suffix}")], principal_name())

    named = f"{reserved}/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef"
    vector = [matches(glob, named) for glob in globs]
    assert vector == [False, False, False, True, False, False]
    assert any([matches(glob, one) for glob in globs] == vector for one in found)


@pytest.mark.parametrize(
    "language",
    [
        account_number(),
        any_arn(),
        organization_path(),
        principal_name(),
        registry_head(),
        repository_name(),
        service_name(),
    ],
    ids=lambda language: language.pattern[:20],
)
def test_a_language_holds_what_its_expression_matches(language: Language) -> None:
    @_quick
    @given(
        st.one_of(
            st.text(alphabet=language.alphabet, max_size=30),
            st.from_regex(language.pattern, fullmatch=True, alphabet=language.alphabet),
        )
    )
    def agrees(text: str) -> None:
        assert language.contains(text) == bool(re.fullmatch(language.pattern, text))

    agrees()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker-hub/library/nginx", True),
        ("a1", True),
        ("a__b", True),
        ("a---b", True),
        ("a", False),
        ("docker-hub/", False),
        ("a___b", False),
        ("a..b", False),
        ("A", False),
        ("/ab", False),
    ],
)
def test_repository_names_are_what_ecr_takes(name: str, expected: bool) -> None:
    assert repository_name().contains(name) is expected


def test_a_name_that_no_repository_can_have_makes_no_difference() -> None:
    found = representatives(
        [like_glob("docker-hub/*"), like_glob("docker-hub/?*")], repository_name()
    )

    assert {name.startswith("docker-hub/") for name in found} == {True, False}
    assert len(found) == 2


def test_a_preferred_text_stands_for_its_class() -> None:
    found = representatives(
        [like_glob("a*")], repository_name(), preferred=("apple/pie", "pear", "NO NAME")
    )

    assert set(found) == {"apple/pie", "pear"}


def test_heads_never_answer_with_a_text_that_is_taken() -> None:
    digits = "0123456789"
    prefix = "arn:"
    automaton = Automaton([like_glob("arn:00000000000?:x")], digits + "arn:x")
    taken = {f"00000000000{digit}" for digit in "012345678"}

    found = heads(automaton, account_number(), prefix=prefix, suffix=":", without=taken)

    matching = [text for text in found if text.startswith("00000000000")]
    assert matching == ["000000000009"]
    assert len(found) == 2


def test_a_class_whose_every_text_is_taken_has_no_head() -> None:
    automaton = Automaton([like_glob("arn:00000000000?:x")], "0123456789arn:x")
    taken = {f"00000000000{digit}" for digit in "0123456789"}

    found = heads(automaton, account_number(), prefix="arn:", suffix=":", without=taken)

    assert len(found) == 1
    assert not found[0].startswith("00000000000")


@pytest.mark.parametrize("pattern", ["(a", "a)", "[a"])
def test_a_malformed_language_is_refused(pattern: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Language(pattern)
