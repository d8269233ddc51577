"""The engine against an SMT solver: the same questions about the same policies, answered alike.

`FOREBAY_SMT_QUESTIONS` asks more of them than a run of all tests can afford.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
import smt_requests as smt
import z3

from exploring import ROUND, fresh
from generator.iam import (
    Access,
    Judgement,
    Organization,
    PolicyKind,
    PrincipalKind,
    Undecided,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
    same_meaning,
)
from generator.model.levels import AUTHORIZATION_ACTION, Level
from generator.model.values import AccountId, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.model.estate import Json

REGION = Region("eu-west-1")
QUESTIONS = int(os.environ.get("FOREBAY_SMT_QUESTIONS", "2500"))
ROLES = ("pu", "a/pu", "pub", "ab")
ROLE_PATTERNS = (*ROLES, "pu*", "a/*", "*b", "?u", "p?*")
REPOSITORIES = ("a/*", "a*", "ab/*", "*", "*/b", "a/?*", "a/b", "a?/*", "b/*", "*-*")
SOME_ACTIONS = (
    *("ecr:*", "*", "ecr:Batch*", "ecr:Get*", "ECR:batchgetimage", "ecr:?atchGetImage"),
    *("ecr:BatchGetImage", "ecr:PutImage", "ecr:CreateRepository", "ecr:GetAuthorizationToken"),
    "s3:GetObject",
)
WAYS = ("", "", "", "ForAnyValue:", "ForAllValues:")
TEXT_OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
    *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
)
NUMBER_OPERATORS = (
    *("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
)
TEXT_VALUES = {
    "aws:PrincipalAccount": (*smt.ACCOUNTS, smt.HUB, smt.STRANGERS[0], "2*", "*4"),
    "aws:PrincipalOrgID": (*smt.ORGANIZATIONS[:2], "o-*"),
    "aws:PrincipalServiceName": (smt.SERVICES[0], "*.amazonaws.com"),
    "aws:SourceAccount": (smt.HUB, smt.STRANGERS[0], "2*"),
    "aws:ResourceAccount": (smt.HUB, smt.STRANGERS[0]),
    "aws:SourceVpce": ("vpce-1", "vpce-2", "vpce-*", "*"),
    "aws:PrincipalTag/team": ("shop", "*", "", "data science", "?* *", "?*"),
    "ecr:ResourceTag/team": ("shop", "*", "", "data science", "* ?*"),
    "aws:TagKeys": ("team", "t*", "x"),
}
GROUPS = {
    "anonymous": {PrincipalKind.ANONYMOUS},
    "service": {PrincipalKind.SERVICE, PrincipalKind.SERVICE_OF_KNOWN},
    "own": {PrincipalKind.OWN_ACCOUNT},
    "known": {PrincipalKind.KNOWN_ACCOUNT},
    "others": {
        PrincipalKind.ANY_ACCOUNT,
        PrincipalKind.ORGANIZATION,
        PrincipalKind.OUTSIDE_ACCOUNT,
    },
}


def fitting(operator: str, values: Sequence[str]) -> tuple[str, ...]:
    """The values that an operator can find in a request: a wildcard needs one that takes it."""
    return tuple(value for value in values if "Like" in operator or not set("*?") & set(value))


class Writer:
    """Writes random policies of a small vocabulary that collides a lot."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - worlds to test with

    def some(self, values: Sequence[str], most: int = 2) -> Json:
        chosen = self.random.sample(values, self.random.randint(1, min(most, len(values))))
        return chosen[0] if len(chosen) == 1 else tuple(chosen)

    def document(self, most: int = 3) -> dict[str, Json]:
        count = self.random.randint(1, most)
        return {
            "Version": "2012-10-17",
            "Statement": tuple(self.statement() for _ in range(count)),
        }

    def statement(self) -> dict[str, Json]:
        choice = self.random.choice
        negated = self.random.random() < 0.1
        statement: dict[str, Json] = {
            "Effect": choice(("Allow", "Allow", "Allow", "Deny")),
            ("NotAction" if negated else "Action"): self.some(SOME_ACTIONS, 3),
            choice(("Resource",) * 9 + ("NotResource",)): self.resource(),
            "Principal": self.principal(),
        }
        block: dict[str, dict[str, Json]] = {}
        for _ in range(choice((0, 0, 1, 1, 2))):
            operator, key, value = self.condition()
            block.setdefault(operator, {})[key] = value
        if block:
            statement["Condition"] = block
        return statement

    def resource(self) -> Json:
        choice = self.random.choice
        names = [
            f"arn:aws:ecr:{choice((REGION, REGION, '*', 'us-east-1'))}:"
            f"{choice((smt.HUB, smt.HUB, '*', smt.STRANGERS[0]))}:repository/{name}"
            for name in self.random.sample(REPOSITORIES, 2)
        ]
        return choice(("*", f"arn:aws:ecr:*:{smt.HUB}:*", names[0], names[0], tuple(names)))

    def principal(self) -> Json:
        choice = self.random.choice
        accounts = (smt.HUB, *smt.ACCOUNTS, smt.STRANGERS[0])
        names = [
            choice(
                (
                    account,
                    f"arn:aws:iam::{account}:root",
                    f"arn:aws:iam::{account}:role/{choice(ROLES)}",
                    f"arn:aws:iam::{account}:role/{choice(ROLES)}",
                    f"arn:aws:iam::{account}:user/ab",
                    f"arn:aws:sts::{account}:assumed-role/pu/alice",
                )
            )
            for account in self.random.sample(accounts, 3)
        ]
        return choice(
            (
                "*",
                {"AWS": "*"},
                {"AWS": names[0]},
                {"AWS": tuple(names[:2])},
                {"AWS": tuple(names)},
                {"Service": choice(smt.SERVICES[:2])},
            )
        )

    def condition(self) -> tuple[str, str, Json]:
        choice = self.random.choice
        exists = choice(("", "", "IfExists"))
        match self.random.randint(0, 9):
            case 0 | 1 | 2 | 3:
                key = choice(tuple(TEXT_VALUES))
                ways = WAYS[3:] if key == "aws:TagKeys" else WAYS
                operator = f"{choice(ways)}{choice(TEXT_OPERATORS)}{exists}"
                return operator, key, self.some(fitting(operator, TEXT_VALUES[key]))
            case 4:
                values = tuple(
                    f"arn:aws:iam::{account}:role/{name}"
                    for account in ("*", *smt.ACCOUNTS, "2*", "${aws:PrincipalAccount}")
                    for name in self.random.sample(ROLE_PATTERNS, 2)
                )
                values += tuple(
                    f"arn:aws:sts::{account}:federated-user/{name}"
                    for account in ("*", smt.ACCOUNTS[0], "9*")
                    for name in ("ab", "p*", "*")
                )
                values += ("arn:aws:*::*:*", f"arn:aws:sts::{smt.ACCOUNTS[1]}:*")
                operators = ("ArnLike", "ArnEquals", "ArnNotLike", "StringEquals")
                operator = choice(operators)
                if operator == "StringEquals":
                    values = tuple(value for value in values if not set(value) & set("*?$"))
                    values = values or (f"arn:aws:iam::{smt.ACCOUNTS[0]}:role/pu",)
                return f"{operator}{exists}", "aws:PrincipalArn", self.some(values)
            case 5:
                values = (smt.UNIT, f"{smt.ORGANIZATION}/*", f"{smt.UNIT}*")
                operator = choice(WAYS[3:]) + choice(TEXT_OPERATORS)
                return operator, "aws:PrincipalOrgPaths", self.some(fitting(operator, values))
            case 6:
                values = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0")
                operator = choice(("IpAddress", "NotIpAddress"))
                return f"{operator}{exists}", "aws:SourceIp", self.some(values)
            case 7:
                key = choice(("aws:EpochTime", "aws:MultiFactorAuthAge"))
                values = ("300", "3600", "1767225600", "1767225601")
                return f"Numeric{choice(NUMBER_OPERATORS)}{exists}", key, self.some(values)
            case 8:
                keys = ("aws:SecureTransport", "aws:PrincipalIsAWSService")
                key = choice((*keys, "aws:MultiFactorAuthPresent"))
                return f"Bool{exists}", key, choice(("true", "false"))
            case _:
                keys = ("aws:SourceVpce", "aws:PrincipalOrgID", "aws:SourceIp", "aws:TagKeys")
                return "Null", choice(keys), choice(("true", "false"))

    def access(self) -> Access:
        choice = self.random.choice
        account: AccountId | None = AccountId(choice((*smt.ACCOUNTS, smt.HUB)))
        organization = unit = None
        if self.random.random() < 0.15:
            account, organization = None, smt.ORGANIZATION
            unit = choice((None, smt.UNIT))
        return Access(
            account=account,
            role=choice((None, "pu", "pu*", "a/pu", "*")),
            organization=organization,
            unit=unit,
            actions=frozenset(choice(tuple(Level)).actions),
            repositories=choice(("a/*", "b/*", "*")),
            region=REGION,
            registry_account=AccountId(smt.HUB),
        )


class PlainWriter(Writer):
    """Writes policies whose conditions only ask who the caller is, which leaves nothing open."""

    def condition(self) -> tuple[str, str, Json]:
        asked = {"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService"}
        while True:
            found = super().condition()
            if found[1] in asked:
                return found

    def pulls(self) -> dict[str, Json]:
        """A document that often gives what an access asks for."""
        wide: dict[str, Json] = {
            "Effect": "Allow",
            "Principal": self.random.choice(("*", {"AWS": tuple(smt.ACCOUNTS)})),
            "Action": self.random.choice((("ecr:Batch*", "ecr:Get*", "ecr:Create*"), "ecr:*")),
            "Resource": self.random.choice(("*", self.resource())),
        }
        document = self.document(2)
        statements = document["Statement"]
        assert isinstance(statements, tuple)
        return {**document, "Statement": (*statements, wide)}


def group_of(name: str) -> z3.BoolRef:
    """The callers of a group, as the solver sees them."""
    known = z3.Or(smt.ACCOUNT == 1, smt.ACCOUNT == 2)
    match name:
        case "anonymous":
            return smt.SORT == smt.ANONYMOUS
        case "service":
            return smt.SORT == smt.SERVICE
        case "own":
            return z3.And(smt.IS_PERSON, smt.ACCOUNT == 0)
        case "known":
            return z3.And(smt.IS_PERSON, known)
        case _:
            return z3.And(smt.IS_PERSON, smt.ACCOUNT > 2)


def solver() -> z3.Solver:
    made = z3.Solver()
    # Steps instead of seconds, so that a busy machine gets the same answers; a question takes 100,000.
    made.set("rlimit", 200_000_000)
    return made


def is_beyond(judgement: Judgement, group: str, action: str) -> bool:
    """Whether all the engine's witnesses have names longer than the solver looks at."""
    lengths = [
        len(over.request.resource.rpartition("repository/")[2])
        for over in judgement.over
        if over.principal_kind in GROUPS[group] and action in over.actions
    ]
    names = [
        len(over.request.principal.rpartition(":role/")[2])
        for over in judgement.over
        if over.principal_kind in GROUPS[group] and action in over.actions
    ]
    longest = smt.NAME_LENGTH
    return all(a > longest or b > longest for a, b in zip(lengths, names, strict=True))


@pytest.mark.property
@pytest.mark.slow
def test_the_solver_and_the_engine_find_the_same_over_grants() -> None:
    asked = undecided = 0
    both = {True: 0, False: 0}
    seed = first_seed = fresh(0)
    while asked < QUESTIONS * 9 // 10:
        seed += 1
        writer = Writer(seed)
        document, accesses = writer.document(), [writer.access() for _ in range(2)]
        organization = writer.random.choice(
            (None, Organization(id=smt.ORGANIZATION, paths={AccountId(smt.ACCOUNTS[0]): smt.UNIT}))
        )
        judgement = judge_resource_policy(
            parse_policy(document, source="policy"),
            registry_account=AccountId(smt.HUB),
            region=REGION,
            intended=accesses,
            known_accounts=[AccountId(account) for account in smt.ACCOUNTS],
            organization=organization,
        )
        # What is left open, or left out of a long list, is no answer to compare.
        if judgement.omitted or any(
            one.question.value == "over-grant" for one in judgement.undecided
        ):
            undecided += 1
            continue
        asks = solver()
        asks.add(smt.world({} if organization is None else dict(organization.paths)))
        allowed, denied = smt.allowed_and_denied(document)
        asks.add(allowed, z3.Not(denied), z3.Not(smt.intended(accesses)))
        actions = [*writer.random.sample(smt.ACTIONS, 2), "ecr:BatchGetImage"]
        for group, kinds in GROUPS.items():
            for action in actions:
                answer = asks.check(
                    z3.And(group_of(group), smt.ACTIONS.index(action) == smt.ACTION)
                )
                assert answer != z3.unknown, seed
                found = any(
                    over.principal_kind in kinds and action in over.actions
                    for over in judgement.over
                )
                both[found] += 1
                asked += 1
                if found and answer == z3.unsat and is_beyond(judgement, group, action):
                    continue
                assert (answer == z3.sat) == found, (
                    f"seed {seed}, {group}, {action}: {json.dumps(document)} {accesses} "
                    f"{asks.model() if answer == z3.sat else ''}"
                )
    assert undecided < (seed - first_seed) // 5
    # Questions that nearly always have one answer would prove little.
    assert min(both.values()) > (0 if ROUND else asked // 10)


@pytest.mark.property
@pytest.mark.slow
def test_the_solver_and_the_engine_agree_on_what_means_the_same() -> None:
    asked = undecided = 0
    seed = fresh(1_000_000)
    while asked < QUESTIONS // 10:
        seed += 1
        writer = Writer(seed)
        first = writer.document(2)
        second = writer.document(2)
        if writer.random.random() < 0.5:
            kept = first["Statement"]
            assert isinstance(kept, tuple)
            extra = second["Statement"]
            assert isinstance(extra, tuple)
            second = {
                **second,
                "Statement": (*reversed(kept), *extra[: writer.random.randint(0, 1)]),
            }
        answer = same_meaning(
            parse_policy(first, source="first"),
            parse_policy(second, source="second"),
            kind=PolicyKind.REGISTRY,
            account=AccountId(smt.HUB),
            region=REGION,
        )
        if isinstance(answer, Undecided):
            undecided += 1
            continue
        asks = solver()
        asks.add(smt.world({}, is_sent_to_ecr=False))
        one, other = smt.allowed_and_denied(first), smt.allowed_and_denied(second)
        asks.add(
            z3.Or(
                z3.And(one[0], z3.Not(one[1])) != z3.And(other[0], z3.Not(other[1])),
                one[1] != other[1],
            )
        )
        asked += 1
        assert (asks.check() == z3.unsat) is answer, (
            f"seed {seed}: {json.dumps(first)} {json.dumps(second)}"
        )
    assert undecided < asked


def is_longer(judgement: Judgement, access: Access | None) -> bool:
    """Whether the engine's request for missing access has a name longer than the solver looks at."""
    requests = [under.request for under in judgement.under if under.access == access]
    names = [
        name
        for request in requests
        for name in (
            request.resource.rpartition("repository/")[2],
            request.principal.rpartition(":role/")[2],
        )
    ]
    return any(len(name) > smt.NAME_LENGTH for name in names)


def has_open_demand(judgement: Judgement) -> bool:
    return bool(judgement.omitted) or any(
        one.question.value != "over-grant" for one in judgement.undecided
    )


@pytest.mark.property
@pytest.mark.slow
def test_the_solver_and_the_engine_find_the_same_missing_access() -> None:
    asked = undecided = 0
    both = {True: 0, False: 0}
    seed = first_seed = fresh(2_000_000)
    while asked < QUESTIONS // 20:
        seed += 1
        writer = PlainWriter(seed)
        document = writer.pulls()
        accesses = []
        for access in (writer.access(), writer.access()):
            account = access.account or AccountId(smt.ACCOUNTS[1])
            accesses.append(replace(access, account=account, organization=None, unit=None))
        judgement = judge_resource_policy(
            parse_policy(document, source="policy"),
            registry_account=AccountId(smt.HUB),
            region=REGION,
            intended=accesses,
            known_accounts=[AccountId(account) for account in smt.ACCOUNTS],
        )
        if has_open_demand(judgement):
            undecided += 1
            continue
        asks = solver()
        asks.add(smt.world({}))
        allowed, denied = smt.allowed_and_denied(document)
        # Who is of the registry's own account can have the access from a policy of its own.
        own = z3.And(smt.IS_PERSON, smt.ACCOUNT == 0)
        asks.add(z3.If(own, denied, z3.Or(z3.Not(allowed), denied)))
        for access in dict.fromkeys(accesses):
            found = {
                action
                for under in judgement.under
                if under.access == access
                for action in under.actions
            }
            for action in sorted(access.actions):
                needed = smt.intended([replace(access, actions=frozenset({action}))])
                answer = asks.check(z3.And(needed, smt.ACTIONS.index(action) == smt.ACTION))
                assert answer != z3.unknown, seed
                both[action in found] += 1
                asked += 1
                if answer == z3.unsat and action in found and is_longer(judgement, access):
                    continue
                assert (answer == z3.sat) == (action in found), (
                    f"seed {seed}, {action}: {json.dumps(document)} {access} "
                    f"{asks.model() if answer == z3.sat else ''}"
                )
    assert undecided < seed - first_seed - undecided
    assert min(both.values()) > (0 if ROUND else asked // 10)


@pytest.mark.property
@pytest.mark.slow
def test_the_solver_and_the_engine_find_the_same_missing_in_identity_policies() -> None:
    asked = 0
    both = {True: 0, False: 0}
    seed = fresh(3_000_000)
    bearer = AccountId(smt.ACCOUNTS[0])
    while asked < QUESTIONS // 10:
        seed += 1
        writer = PlainWriter(seed)
        document = writer.pulls()
        statements = document["Statement"]
        assert isinstance(statements, tuple)
        bare = [
            {key: value for key, value in each.items() if key != "Principal"}
            for each in statements
            if isinstance(each, Mapping)
        ]
        access = replace(writer.access(), account=bearer, role="pu", organization=None, unit=None)
        judgement = judge_identity_policies(
            [parse_policy({**document, "Statement": tuple(bare)}, source="policy")],
            account=bearer,
            role="pu",
            intended=[access],
            judged_prefixes=[],
        )
        if has_open_demand(judgement):
            continue
        asks = solver()
        asks.add(smt.world({}))
        whole = {
            **document,
            "Statement": tuple({**each, "Principal": "*"} for each in bare),
        }
        allowed, denied = smt.allowed_and_denied(whole)
        asks.add(z3.Or(z3.Not(allowed), denied))
        asks.add(smt.SORT == smt.ROLE, smt.ACCOUNT == 1, smt.ROLE_NAME.matches("pu"))
        missing = {action for under in judgement.under for action in under.actions}
        for action in (*sorted(access.actions), AUTHORIZATION_ACTION):
            needed = smt.ACTIONS.index(action) == smt.ACTION
            if action != AUTHORIZATION_ACTION:
                needed = z3.And(needed, smt.REPOSITORY.matches(access.repositories))
            answer = asks.check(needed)
            assert answer != z3.unknown, seed
            both[action in missing] += 1
            asked += 1
            if answer == z3.unsat and action in missing and is_longer(judgement, access):
                continue
            assert (answer == z3.sat) == (action in missing), (
                f"seed {seed}, {action}: {json.dumps(whole)} {access}"
            )
    assert min(both.values()) > (0 if ROUND else asked // 10)


@pytest.mark.property
@pytest.mark.slow
def test_the_solver_and_the_engine_agree_on_who_may_assume_a_role() -> None:
    asked = 0
    both = {True: 0, False: 0}
    seed = fresh(4_000_000)
    service = smt.SERVICES[1]
    wanted = z3.And(smt.SORT == smt.SERVICE, smt.SERVICES.index(service) == smt.SERVICE_NAME)
    groups = {name: kinds for name, kinds in GROUPS.items() if name != "known"}
    while asked < QUESTIONS // 10:
        seed += 1
        writer = PlainWriter(seed)
        document = writer.document()
        statements = document["Statement"]
        assert isinstance(statements, tuple)
        kept = ("Effect", "Principal", "Condition")
        bare = [
            {key: each[key] for key in kept if key in each}
            for each in statements
            if isinstance(each, Mapping)
        ]
        trust = tuple({**each, "Action": "sts:AssumeRole"} for each in bare)
        judgement = judge_trust_policy(
            parse_policy({**document, "Statement": trust}, source="policy"),
            account=AccountId(smt.HUB),
            service=service,
        )
        if judgement.omitted or judgement.undecided:
            continue
        # The solver knows no action of STS: one of ECR stands for it, on every resource.
        ours = {"Action": "ecr:BatchGetImage", "Resource": "*"}
        asks = solver()
        asks.add(smt.world({}, is_sent_to_ecr=False))
        asks.add(smt.ACTIONS.index("ecr:BatchGetImage") == smt.ACTION)
        allowed, denied = smt.allowed_and_denied(
            {**document, "Statement": tuple({**each, **ours} for each in bare)}, is_trust=True
        )
        asks.add(allowed, z3.Not(denied), z3.Not(wanted))
        for group, kinds in groups.items():
            callers = group_of("others") if group == "others" else group_of(group)
            if group == "others":
                callers = z3.Or(callers, group_of("known"))
            answer = asks.check(callers)
            assert answer != z3.unknown, seed
            found = any(over.principal_kind in kinds for over in judgement.over)
            both[found] += 1
            asked += 1
            if (
                found
                and answer == z3.unsat
                and all(
                    len(over.request.principal.rpartition(":role/")[2]) > smt.NAME_LENGTH
                    for over in judgement.over
                    if over.principal_kind in kinds
                )
            ):
                continue
            assert (answer == z3.sat) == found, (
                f"seed {seed}, {group}: {json.dumps(trust)} {judgement.over} "
                f"{asks.model() if answer == z3.sat else ''}"
            )
    assert min(both.values()) > (0 if ROUND else asked // 10)
