"""The results about a record, found by one pass, are those that asking each result would find."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from generator.drift.subjects import ResultsByRecord
from generator.drift.words import described
from generator.model.estate import Kind, Record
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Source
from generator.model.values import AccountId, Region

KEYS = ("a", "a b", "a b c", "the cache rule a", "ab")


def rule(account: str, key: str) -> Record:
    return Record(
        kind=Kind.CACHE_RULE,
        account=AccountId(account),
        region=Region("eu-west-1"),
        key=key,
        attributes={},
        address="x",
    )


RECORDS = [rule(account, key) for account in ("111111111111", "222222222222") for key in KEYS]
SUBJECTS = st.sampled_from([described(record).subject for record in RECORDS])
WORDS = st.sampled_from([described(record).what for record in RECORDS])


@st.composite
def findings(draw: st.DrawFn, source: Source) -> Finding:
    before = draw(st.sampled_from(["", f"{source} ", "x "]))
    after = draw(st.sampled_from(["", " policy", "x", " ", " b"]))
    return Finding(
        kind=draw(st.sampled_from([FindingKind.DRIFT, FindingKind.UNDECIDED])),
        rule="different",
        severity=Severity.HIGH,
        title="title",
        message=draw(st.sampled_from(["", "the the ", "perhaps "])) + draw(WORDS) + after,
        subject=f"{before}{draw(SUBJECTS)}{after}",
    )


def asked_one_by_one(
    record: Record, some: list[Finding], source: Source, *, is_found: bool
) -> tuple[str, ...]:
    what, subject = described(record).what, described(record).subject
    about = []
    for finding in some:
        own = finding.subject
        if source is not Source.CODE:
            own = own.removeprefix(f"{source} ")
        if (
            own == subject
            or own.startswith(f"{subject} ")
            or (not is_found and finding.kind is FindingKind.UNDECIDED and what in finding.message)
        ):
            about.append(finding.fingerprint)
    return tuple(about)


@given(data=st.data(), source=st.sampled_from([Source.CODE, Source.PLAN]))
def test_one_pass_finds_what_asking_each_finds(data: st.DataObject, source: Source) -> None:
    some = data.draw(st.lists(findings(source), max_size=6))

    results = ResultsByRecord([described(record) for record in RECORDS], some, source)

    for record in RECORDS:
        for is_found in (True, False):
            expected = asked_one_by_one(record, some, source, is_found=is_found)
            found = results.fingerprints(described(record), partial(bool, is_found))
            assert found == expected
