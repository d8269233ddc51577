"""How many questions about ordinary policies the grant engine leaves open, and why.

Run it with `make bench`, or `python tests/bench/bench_undecided.py`. Each policy is one of the common ways to
grant a pull, with one of the common statements beside it; both questions are counted, too much and
too little. What depends on where a call comes from is open by right.
Nothing is asserted.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

from generator.iam import Access, Organization, Question, judge_resource_policy, parse_policy
from generator.model.levels import Level
from generator.model.values import AccountId, Region

if TYPE_CHECKING:
    from generator.model.estate import Json

HUB, SHOP = AccountId("111122223333"), AccountId("222233334444")
REGION = Region("eu-west-1")
ORGANIZATION = "o-a1b2c3d4e5"
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"
QUAY = f"arn:aws:ecr:{REGION}:{HUB}:repository/quay/*"
ROLE = f"arn:aws:iam::{SHOP}:role/puller"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def statement(effect: str, principal: Json, test: Json = None, **changes: Json) -> dict[str, Json]:
    made: dict[str, Json] = {
        "Effect": effect,
        "Principal": principal,
        "Action": tuple(Level.PULL.actions),
        "Resource": QUAY,
        **changes,
    }
    if test is not None:
        made["Condition"] = test
    return made


GRANTS: dict[str, dict[str, Json]] = {
    "the account": statement("Allow", {"AWS": SHOP}),
    "the role": statement("Allow", {"AWS": ROLE}),
    "the role, by its ARN": statement(
        "Allow", {"AWS": SHOP}, {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    ),
    "the role of an organization": statement(
        "Allow",
        "*",
        {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
            "ArnLike": {"aws:PrincipalArn": ROLE},
        },
    ),
    "a unit": statement(
        "Allow", "*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{UNIT}*"}}
    ),
    "too little": statement("Allow", {"AWS": SHOP}, Action="ecr:BatchGetImage"),
    "too much": statement("Allow", {"AWS": SHOP}, Action="ecr:*"),
}
_LAMBDA: Json = {"Service": "lambda.amazonaws.com"}
_FUNCTION = f"arn:aws:lambda:{REGION}:{SHOP}:function:*"
_EVERYTHING: dict[str, Json] = {"Action": "ecr:*", "Resource": "*"}
BESIDE: dict[str, dict[str, Json] | None] = {
    "nothing": None,
    "a service for an account": statement(
        "Allow", _LAMBDA, {"StringEquals": {"aws:SourceAccount": SHOP}}
    ),
    "a service for its functions": statement(
        "Allow", _LAMBDA, {"ArnLike": {"aws:SourceArn": _FUNCTION}}
    ),
    "a service for both": statement(
        "Allow",
        _LAMBDA,
        {
            "StringEquals": {"aws:SourceAccount": SHOP},
            "ArnLike": {"aws:SourceArn": _FUNCTION},
        },
    ),
    "TLS": statement("Deny", "*", {"Bool": {"aws:SecureTransport": "false"}}, **_EVERYTHING),
    "a region": statement(
        "Deny", "*", {"StringNotEquals": {"aws:RequestedRegion": REGION}}, **_EVERYTHING
    ),
    "an organization": statement(
        "Deny",
        "*",
        {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
        **_EVERYTHING,
    ),
    "an end": statement(
        "Allow", {"AWS": "999988887777"}, {"DateLessThan": {"aws:CurrentTime": "2024-01-01"}}
    ),
    "tags at creation": statement(
        "Deny", "*", {"Null": {"aws:RequestTag/team": "true"}}, Action="ecr:TagResource"
    ),
    "no pushes": statement(
        "Deny", "*", {"ArnNotLike": {"aws:PrincipalArn": ROLE}}, Action="ecr:PutImage"
    ),
    "an address": statement(
        "Deny", "*", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, **_EVERYTHING
    ),
    "an endpoint": statement(
        "Deny", "*", {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}, **_EVERYTHING
    ),
}


def main() -> None:
    access = Access(
        account=SHOP,
        role="puller",
        actions=frozenset(Level.PULL.actions),
        repositories="quay/*",
        region=REGION,
        registry_account=HUB,
    )
    members = Organization(id=ORGANIZATION, paths={HUB: UNIT, SHOP: UNIT})
    open_ones: dict[Question, Counter[str]] = {
        question: Counter() for question in (Question.OVER_GRANT, Question.UNDER_GRANT)
    }
    asked = 0
    for grant, (beside, extra) in product(GRANTS.values(), BESIDE.items()):
        entries = (grant,) if extra is None else (grant, extra)
        judgement = judge_resource_policy(
            parse_policy({"Version": "2012-10-17", "Statement": entries}, source="policy"),
            registry_account=HUB,
            region=REGION,
            intended=(access,),
            known_accounts=(SHOP,),
            organization=members,
            now=NOW,
        )
        asked += 1
        for question, causes in open_ones.items():
            if any(one.question is question for one in judgement.undecided):
                causes[beside] += 1
    for question, causes in open_ones.items():
        share = 100 * causes.total() / asked
        sys.stdout.write(f"{question}: {causes.total()} of {asked} are open, {share:.1f} %\n")
        for beside, count in causes.most_common():
            sys.stdout.write(f"  {count:4} beside {beside}\n")


if __name__ == "__main__":
    main()
