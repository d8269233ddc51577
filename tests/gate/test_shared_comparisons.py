"""Policies of accounts that differ in their digits alone are compared once, and say the same of each."""

from __future__ import annotations

import json
import re
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.drift import meetings
from generator.drift.meetings import Meeting, Meetings, Outcome, StatementChange
from generator.iam import PolicyKind, Request, decide, parse_policy
from generator.model.estate import json_of
from generator.model.values import AccountId, Region

HERE, THERE = "111122223333", "444455556666"
OTHER = "777788889999"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def document(account: str, caller: str, **changes: object) -> dict[str, Any]:
    statement = {
        "Sid": "Pull",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{caller}:root"]},
        "Action": PULL,
        "Resource": f"arn:aws:ecr:eu-west-1:{account}:repository/quay/*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{caller}:role/node"}},
        **changes,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


CHANGES: dict[str, dict[str, object]] = {
    "nothing": {},
    "wider": {"Action": "ecr:*"},
    "narrower": {"Action": "ecr:BatchGetImage"},
    "everybody": {"Principal": "*", "Condition": {}},
    "deny": {"Effect": "Deny"},
    "another-account": {"Principal": {"AWS": "345678901234"}},
    "unknown-operator": {"Condition": {"Strange": {"aws:PrincipalArn": "x"}}},
}


def meeting(account: str, caller: str, changes: dict[str, object]) -> Meeting:
    return Meeting(
        wanted=json_of(document(account, caller)),
        found=json_of(document(account, caller, **changes)),
        kind=PolicyKind.REGISTRY,
        account=AccountId(account),
        region=Region.parse("eu-west-1"),
    )


def asked(one: Meetings, *questions: Meeting) -> tuple[list[Outcome], int]:
    """What comes out of each question, and how many were worked out."""
    with mock.patch.object(meetings, "_compared", wraps=meetings._compared) as worked:
        return [one.of(question) for question in questions], worked.call_count


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("account", "caller"), [(THERE, HERE), (HERE, THERE), (OTHER, HERE)])
def test_what_is_shared_is_what_comes_out_alone(change: str, account: str, caller: str) -> None:
    first = meeting("123456789012", "210987654321", CHANGES[change])
    second = meeting(account, caller, CHANGES[change])

    (_, shared), worked = asked(Meetings(), first, second)
    (alone,), _ = asked(Meetings(), second)

    assert worked == 1
    assert shared == alone
    assert "123456789012" not in json.dumps([one.reason for one in shared.differences])


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"AWS": "*"}, "Condition": {"StringLike": {"aws:PrincipalAccount": "1111*"}}},
        {"Condition": {"NumericLessThan": {"aws:PrincipalAccount": "222233334444"}}},
        {"Resource": "arn:aws:ecr:eu-west-1:1111222233??:repository/quay/*"},
    ],
    ids=["beginning", "number", "end"],
)
def test_where_digits_matter_each_account_is_asked(changes: dict[str, object]) -> None:
    questions = [meeting(account, OTHER, changes) for account in (HERE, THERE)]

    _, worked = asked(Meetings(), *questions)

    assert worked == 2


def test_one_account_in_two_places_is_not_two_accounts() -> None:
    _, worked = asked(Meetings(), meeting(HERE, HERE, {}), meeting(HERE, THERE, {}))

    assert worked == 2


def test_an_account_that_an_example_made_up_is_not_taken_for_one_that_is_there() -> None:
    change = StatementChange(rule="different", statement=0, reason=f"`{OTHER}` may, of {HERE}")
    outcome = Outcome(differences=(change,))

    renamed = meetings._renamed(outcome, (HERE,), (THERE,))

    assert renamed is not None
    assert renamed.differences[0].reason == f"`{OTHER}` may, of {THERE}"
    assert meetings._renamed(outcome, (HERE,), (OTHER,)) is None


@given(text=st.text(st.sampled_from("0123456789aZ*?:\0")))
def test_digits_are_an_account_s_or_matter_by_what_stands_beside_them(text: str) -> None:
    runs = re.finditer(r"[0-9A-Za-z]+", text)
    accounts = [run[0] for run in runs if len(run[0]) == 12 and run[0].isdigit()]
    beside = any(
        sign in "*?"
        and (set(text[max(at - 1, 0) : at] + text[at + 1 : at + 2]) & {*"0123456789\0"})
        for at, sign in enumerate(text)
    )

    assert meetings._ID.findall(text) == accounts
    assert bool(meetings._DIGITS_MATTER.search(text)) == beside


def test_a_statement_that_gives_what_is_declared_once_more_is_not_unexpected() -> None:
    pull = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Resource": "*"}
    listed = {**pull, "Action": ["ecr:BatchGetImage", "ecr:BatchGetImage"]}
    wider = {**pull, "Action": "ecr:PutImage"}
    one = Meeting(
        wanted=json_of({"Version": "2012-10-17", "Statement": [pull]}),
        found=json_of({"Version": "2012-10-17", "Statement": [listed, wider, pull]}),
        kind=PolicyKind.REGISTRY,
        account=AccountId(HERE),
        region=Region.parse("eu-west-1"),
    )

    outcome = Meetings().of(one)

    assert [(change.rule, change.statement) for change in outcome.differences] == [
        ("unexpected", 1),
    ]


def test_what_stands_for_an_action_and_is_none_is_not_harmless() -> None:
    odd = {"Effect": "Allow", "Principal": "*", "Action": [{"a": 1}, "ecr:DescribeImages"]}
    found = json_of({"Version": "2012-10-17", "Statement": [odd]})

    one = Meeting(
        wanted=json_of(document(HERE, THERE)),
        found=found,
        kind=PolicyKind.REGISTRY,
        account=AccountId(HERE),
        region=Region.parse("eu-west-1"),
    )

    outcome = Meetings().of(one)

    assert outcome.undecided or outcome.differences


def test_a_service_that_looks_like_an_arn_is_the_name_of_nobody() -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "arn:aws:iam::x"},
        "Action": "sts:AssumeRole",
    }
    policy = parse_policy(json_of({"Version": "2012-10-17", "Statement": [trust]}), source="trust")
    role = f"arn:aws:iam::{HERE}:role/a"
    request = Request(
        principal="arn:aws:iam::x", action="sts:AssumeRole", resource=role, context={}
    )

    assert (
        decide(
            request, resource_account=HERE, resource_policies=[policy], kind=PolicyKind.TRUST
        ).allowed
        is not None
    )
