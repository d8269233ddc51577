"""Policies compared by meaning: what makes a difference, what does not, what cannot be told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_worlds import ACCOUNTS, HUB, REGION, STRANGER, arn, documents, unknown

from generator.iam import (
    PolicyKind,
    Undecided,
    parse_policy,
    same_meaning,
    statement_difference,
)
from generator.model.estate import Json

REPOSITORY = f"arn:aws:ecr:{REGION}:{HUB}:repository/docker-hub/*"
GOOD: dict[str, Json] = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNTS},
    "Action": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    "Resource": REPOSITORY,
}


def compare(
    first: tuple[Json, ...],
    second: tuple[Json, ...],
    kind: PolicyKind = PolicyKind.REGISTRY,
) -> bool | Undecided:
    one, other = (
        parse_policy({"Version": "2012-10-17", "Statement": statements}, source=source)
        for statements, source in ((first, "one"), (second, "other"))
    )
    answer = same_meaning(one, other, kind=kind, account=HUB, region=REGION)
    back = same_meaning(other, one, kind=kind, account=HUB, region=REGION)
    assert isinstance(answer, bool) == isinstance(back, bool)
    if isinstance(answer, bool):
        assert answer is back
    return answer


def good(**changes: Json) -> dict[str, Json]:
    return {**GOOD, **changes}


ROOTS: Json = tuple(f"arn:aws:iam::{account}:root" for account in ACCOUNTS)


@pytest.mark.parametrize(
    "statements",
    [
        (good(Sid="Other"),),
        (good(Principal={"AWS": tuple(reversed(ACCOUNTS))}),),
        (good(Principal={"AWS": ROOTS}),),
        (good(Principal={"AWS": (*ACCOUNTS, ACCOUNTS[0])}),),
        (good(Principal={"AWS": ACCOUNTS[0]}), good(Principal={"AWS": ACCOUNTS[1]})),
        (good(Action=("ecr:GetDownloadUrlForLayer", "ECR:BATCHGETIMAGE")),),
        (good(Action=("ecr:GetDownloadUrl*", "ecr:BatchGetImage")),),
        (good(Resource=(REPOSITORY, f"{REPOSITORY[:-1]}library/*")),),
        (good(Resource=REPOSITORY.replace("hub/*", "hub/?*")),),
        (good(Resource=REPOSITORY.replace("arn:aws:", "arn:*:")),),
        (good(Condition={}),),
        (good(Principal={"AWS": (*ACCOUNTS, HUB)}),),
        (good(Condition={"StringEquals": {"AWS:resourceaccount": HUB}}),),
        (
            good(
                Principal="*",
                Condition={
                    "StringEquals": {"aws:PrincipalAccount": ACCOUNTS},
                    "Null": {"aws:PrincipalArn": "false"},
                },
            ),
        ),
        (good(), good(Action="ecr:BatchGetImage")),
        (good(), good(Principal={"AWS": arn(ACCOUNTS[0], "puller")})),
    ],
)
def test_writing_that_makes_no_difference_is_the_same(statements: tuple[Json, ...]) -> None:
    assert compare((GOOD,), statements) is True


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (good(Effect="Deny"),),
        (good(Principal="*"),),
        (good(Principal={"AWS": ACCOUNTS[0]}),),
        (good(Principal={"AWS": (*ACCOUNTS, STRANGER)}),),
        (good(Principal={"AWS": arn(ACCOUNTS[0], "puller")}),),
        (good(Action="ecr:BatchGetImage"),),
        (good(Action="ecr:*"),),
        (good(Resource="*"),),
        (good(Resource=REPOSITORY.replace("hub/*", "hub*")),),
        (good(Resource=REPOSITORY.replace(REGION, "us-east-1")),),
        (good(), good(Effect="Deny", Principal={"AWS": STRANGER})),
        (good(Condition={"Bool": {"aws:SecureTransport": "true"}}),),
        (good(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),),
        (good(Principal={"AWS": (*ACCOUNTS, arn(HUB, "admin"))}),),
        (good(), good(Principal={"Service": "ecr.amazonaws.com"})),
    ],
)
def test_writing_that_makes_a_difference_is_not_the_same(statements: tuple[Json, ...]) -> None:
    assert compare((GOOD,), statements) is False


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"IpAddress": {"aws:SourceIp": ("10.0.0.0/9", "10.128.0.0/9")}},
            True,
        ),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, False),
        (
            {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
            {"IpAddress": {"aws:SourceIp": ("0.0.0.0/0", "::/0")}},
            False,
        ),
        (
            {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
            {"NumericLessThan": {"aws:EpochTime": "1893456000"}},
            True,
        ),
        (
            {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}},
            {"DateLessThanEquals": {"aws:CurrentTime": "2030-01-01"}},
            False,
        ),
        (
            {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
            {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
            True,
        ),
        (
            {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
            {"StringEquals": {"aws:PrincipalAccount": ACCOUNTS[0]}},
            False,
        ),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/puller"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/puller"}},
            True,
        ),
        (
            {"StringEquals": {"ecr:ResourceTag/team": "shop"}},
            {"StringEquals": {"aws:ResourceTag/team": "shop"}},
            True,
        ),
    ],
)
def test_conditions_are_compared_by_what_they_mean(
    first: Json, second: Json, is_same: bool
) -> None:
    everyone: dict[str, Json] = {"Principal": "*"}
    one, other = good(**everyone, Condition=first), good(**everyone, Condition=second)

    assert compare((one,), (other,)) is is_same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"StringEquals": {"aws:username": "somebody"}}, {}),
        ({"ArnLike": {"aws:PrincipalArn": unknown()}}, {}),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, {}),
        (unknown(), {}),
    ],
)
def test_what_is_not_known_is_undecided(first: Json, second: Json) -> None:
    answer = compare((good(Condition=first),), (good(Condition=second),))

    assert isinstance(answer, Undecided)
    assert answer.reason


def test_an_unknown_statement_beside_a_certain_difference_is_a_difference() -> None:
    first = (good(Action=unknown("ecr:Batch", None)),)

    assert compare(first, (good(Action="ecr:PutImage"),)) is False
    assert isinstance(compare(first, (good(Action="ecr:BatchGetImage"),)), Undecided)


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": ("10.0.0.0/8", "11.0.0.0/8")}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x"}},
        {"StringEquals": {"kms:ViaService": "ecr.eu-west-1.amazonaws.com"}},
    ],
)
def test_the_same_statement_that_is_not_modelled_is_the_same_on_both_sides(
    condition: dict[str, Json],
) -> None:
    opaque = good(Condition=condition)
    moved = good(Sid="Moved", Condition=condition, Principal={"AWS": ROOTS})
    deny = good(Effect="Deny", Principal={"AWS": STRANGER})

    assert compare((opaque, deny), (deny, moved)) is True
    assert compare((opaque, deny), (moved,)) is False


def test_equal_unknown_statements_are_not_taken_for_the_same() -> None:
    statement = good(Resource=unknown())

    assert isinstance(compare((statement,), (statement,)), Undecided)


def test_the_statements_that_make_the_difference_are_named_with_a_request() -> None:
    one = parse_policy(
        {"Statement": (good(), good(Action="ecr:PutImage"))},
        source="one",
    )
    other = parse_policy(
        {"Statement": (good(Effect="Deny", Principal={"AWS": STRANGER}), good())}, source="other"
    )

    difference = statement_difference(
        one, other, kind=PolicyKind.REGISTRY, account=HUB, region=REGION
    )

    (first,) = difference.only_in_first
    (second,) = difference.only_in_second
    assert (first.statement.index, second.statement.index) == (1, 0)
    assert first.request.action == "ecr:PutImage"
    assert f":{STRANGER}:" in second.request.principal
    assert difference.is_certain
    assert difference.undecided is None


def identity(*statements: tuple[Json, Json]) -> tuple[Json, ...]:
    return tuple(
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in statements
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (identity(("ecr:BatchGetImage", "*")), identity(("ecr:BatchGetImage", "*")), True),
        (identity(("s3:GetObject", "*")), identity(("S3:getobject", "*")), True),
        (identity(("s3:GetObject", "*")), identity(("s3:PutObject", "*")), False),
        (identity(("s3:Get*", "*")), identity(("s3:Get*", "*"), ("s3:GetObject", "*")), True),
        (
            identity(("s3:GetObject", "arn:aws:s3:::a/*")),
            identity(("s3:GetObject", "arn:aws:s3:::a*")),
            False,
        ),
        (
            identity(("ecr:BatchGetImage", REPOSITORY)),
            identity(("ecr:BatchGetImage", REPOSITORY.replace(HUB, STRANGER))),
            False,
        ),
        (
            identity(("ecr:GetAuthorizationToken", "*")),
            identity(("ecr:GetAuthorizationToken", "arn:aws:ecr:*:*:repository/*")),
            False,
        ),
        (
            identity((("kms:Decrypt", "ecr:PutImage"), "*")),
            identity(("ecr:PutImage", "*"), ("kms:Decrypt", "*")),
            True,
        ),
        (identity(("*", "*")), identity(("ecr:*", "*")), False),
    ],
)
def test_identity_policies_are_compared_with_all_their_services(
    first: tuple[Json, ...], second: tuple[Json, ...], expected: bool
) -> None:
    assert compare(first, second, PolicyKind.IDENTITY) is expected


@pytest.mark.parametrize(
    ("principal", "action", "expected"),
    [
        ({"Service": ("ecr.amazonaws.com",)}, "sts:AssumeRole", True),
        ({"Service": "ecr.amazonaws.com"}, "sts:AssumeRole*", False),
        ({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole", False),
        ({"Service": "ecr.amazonaws.com", "AWS": HUB}, "sts:AssumeRole", False),
    ],
)
def test_trust_policies_are_compared(principal: Json, action: Json, expected: bool) -> None:
    first: Json = {
        "Effect": "Allow",
        "Principal": {"Service": "ecr.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    second: Json = {"Effect": "Allow", "Principal": principal, "Action": action}

    assert compare((first,), (second,), PolicyKind.TRUST) is expected


def test_repository_policies_are_compared() -> None:
    first = {name: value for name, value in GOOD.items() if name != "Resource"}

    assert compare((first,), ({**first},), PolicyKind.REPOSITORY) is True
    assert compare((first,), ({**first, "Principal": "*"},), PolicyKind.REPOSITORY) is False


@settings(max_examples=80, deadline=None)
@given(data=st.data(), document=documents(with_unknowns=False))
def test_the_order_and_the_grouping_of_statements_make_no_difference(
    data: st.DataObject, document: dict[str, Json]
) -> None:
    entries = document["Statement"]
    assert isinstance(entries, tuple)
    shuffled = data.draw(st.permutations([_listed(entry) for entry in entries]))
    if data.draw(st.booleans()):
        shuffled.append(shuffled[0])

    answer = compare(entries, tuple(shuffled))

    assert answer is True or isinstance(answer, Undecided)
    if isinstance(answer, Undecided):
        # Only what AWS's own tools read in two ways may stay open.
        told = ("more than one way", "read", "has no value")
        assert any(words in answer.reason for words in told)


def _listed(entry: Json) -> Json:
    assert isinstance(entry, dict)
    listed = {
        name: (value,) if isinstance(value, str) and name in {"Action", "Resource"} else value
        for name, value in entry.items()
    }
    return dict(reversed(listed.items()))
