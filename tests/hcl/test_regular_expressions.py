"""Patterns are matched as Go matches them, in time that grows with the text alone."""

import contextlib
import time

import pytest

from generator.hcl.regular_expressions import pattern_of
from generator.hcl.values import EvaluationError


def found(pattern: str, text: str) -> list[str]:
    return [
        text[match[0] : match[1]] for match in pattern_of(pattern).matches(text, all_of_them=True)
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*", "baaac", ["", "aaa", ""]),
        (r"\s", "a\x0bc", []),
        ("(?i)sK", "xSk", ["Sk"]),
        ("a|ab", "ab", ["a"]),
        ("a{2,3}", "aaaaa", ["aaa", "aa"]),
        ("a{2,3}?", "aaaaa", ["aa", "aa"]),
        ("(?U)a+", "aa", ["a", "a"]),
        ("^b|^a", "ab", ["a"]),
        ("(?m)^.$", "a\nb", ["a", "b"]),
        ("a$", "a\n", []),
        (r"\ba", "a ba a", ["a", "a"]),
        ("[]a]+", "]a[", ["]a"]),
        ("[[:upper:]-]+", "aB-C", ["B-C"]),
        ("[^a]", "\n", ["\n"]),
        (".", "\n", []),
        ("(?s).", "\n", ["\n"]),
        ("x{,2}", "x{,2}", ["x{,2}"]),
    ],
)
def test_a_pattern_finds_what_go_finds(pattern: str, text: str, matches: list[str]) -> None:
    assert found(pattern, text) == matches


def test_a_group_keeps_what_an_earlier_round_took() -> None:
    (match,) = pattern_of("((a)|(b))*").matches("ab", all_of_them=False)

    assert match == (0, 2, 1, 2, 0, 1, 1, 2)


@pytest.mark.parametrize(
    "pattern",
    [r"\pL", r"(?=a)", r"(a)\1", "a**", "[b-a]", "a{1001}", "(?P<x>a)(?P<x>b)", "(", "a(?i)b"],
)
def test_what_is_not_understood_or_wrong_is_said(pattern: str) -> None:
    with pytest.raises(EvaluationError):
        found(pattern, "a")


def test_a_letter_that_folds_to_one_of_ascii_is_not_guessed() -> None:
    with pytest.raises(EvaluationError):
        found("(?i)s", "\u017f")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("((a?)?)?" * 15 + "c", "a" * 18),
        ("(a|aa)*" * 28 + "c", "a" * 40),
        ("a?" * 30 + "a" * 30, "a" * 30),
        ("(a+)+$", "a" * 5000 + "b"),
        ("(a*)*(a*)*b", "a" * 3000),
        ("((a{1,100}){1,100}){1,100}", "a" * 100),
    ],
)
def test_no_pattern_takes_for_ever(pattern: str, text: str) -> None:
    started = time.process_time()

    with contextlib.suppress(EvaluationError):
        found(pattern, text)

    assert time.process_time() - started < 10
