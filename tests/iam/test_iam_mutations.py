"""One realistic mistake at a time in a correct policy is found; its benign twin stays silent."""

import copy
from collections.abc import Callable
from typing import TypeAlias

import pytest
from policy_worlds import HUB, REGION, STRANGER

from generator.iam import (
    Access,
    Judgement,
    Organization,
    PrincipalKind,
    RepositoryScope,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
)
from generator.model.estate import Json
from generator.model.levels import PULL_THROUGH_SERVICE, Level
from generator.model.values import AccountId

Statement: TypeAlias = dict[str, Json]
Change: TypeAlias = Callable[[list[Statement]], None]

ORG = "o-a1b2c3d4e5"
APP = f"{ORG}/r-ab12/ou-ab12-11111111/"
DATA = f"{ORG}/r-ab12/ou-ab12-22222222/"
A = tuple(AccountId(text) for text in ("222233334444", "333344445555", "444455556666"))
ORGANIZATION = Organization(id=ORG, paths={HUB: APP, A[0]: APP, A[1]: APP, A[2]: DATA})
PULL = Level.CACHED.actions
FIRST = Level.FIRST_PULL.actions
PREFIXES = ("docker-hub/*", "quay/*")
P, I, D = 0, 1, 2


def repository(name: str, *, region: str = REGION, account: str = HUB) -> str:
    return f"arn:aws:ecr:{region}:{account}:repository/{name}"


def role(account: str, name: str = "importer") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


CACHES: Json = tuple(repository(prefix) for prefix in PREFIXES)


def base() -> list[Statement]:
    return copy.deepcopy(
        [
            {
                "Sid": "pull",
                "Effect": "Allow",
                "Principal": "*",
                "Action": PULL,
                "Resource": CACHES,
                "Condition": {
                    "StringEquals": {"aws:PrincipalOrgID": ORG},
                    "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/puller"},
                    "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{APP}*"},
                },
            },
            {
                "Sid": "import",
                "Effect": "Allow",
                "Principal": {"AWS": A[:2]},
                "Action": FIRST,
                "Resource": CACHES,
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": tuple(role(account) for account in A[:2])}
                },
            },
            {
                "Sid": "perimeter",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Resource": "*",
                "Condition": {
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            },
        ]
    )


def access(**changes: object) -> Access:
    given: dict[str, object] = {
        "account": None,
        "role": "puller",
        "actions": frozenset(PULL),
        "region": REGION,
        "registry_account": HUB,
        **changes,
    }
    return Access(**given)  # type: ignore[arg-type]


INTENDED = [
    *(access(organization=ORG, unit=APP, repositories=prefix) for prefix in PREFIXES),
    *(
        access(account=account, role="importer", actions=frozenset(FIRST), repositories=prefix)
        for account in A[:2]
        for prefix in PREFIXES
    ),
]


def judge(statements: list[Statement]) -> Judgement:
    policy = parse_policy({"Version": "2012-10-17", "Statement": tuple(statements)}, source="p")
    return judge_resource_policy(
        policy,
        registry_account=HUB,
        region=REGION,
        intended=INTENDED,
        known_accounts=A,
        organization=ORGANIZATION,
    )


def put(place: int, **elements: Json) -> Change:
    """Replace elements of a statement; `drop` takes one out."""

    def change(statements: list[Statement]) -> None:
        for name, value in elements.items():
            statements[place].pop(name, None)
            if value != "drop":
                statements[place][name] = value

    return change


def condition(place: int, operator: str, key: str, value: Json = "drop") -> Change:
    """Set one key of one operator, or drop it, with the operator when it gets empty."""

    def change(statements: list[Statement]) -> None:
        block = statements[place].setdefault("Condition", {})
        assert isinstance(block, dict)
        keys = block.setdefault(operator, {})
        assert isinstance(keys, dict)
        keys.pop(key, None)
        if value != "drop":
            keys[key] = value
        if not keys:
            del block[operator]

    return change


def remove(place: int) -> Change:
    def change(statements: list[Statement]) -> None:
        statements[place] = {
            "Effect": "Deny",
            "Principal": {"AWS": STRANGER},
            "Action": "ecr:PutImage",
            "Resource": "*",
        }

    return change


def add(**elements: Json) -> Change:
    def change(statements: list[Statement]) -> None:
        statements.append(
            {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*", **elements}
        )

    return change


def both(*changes: Change) -> Change:
    def change(statements: list[Statement]) -> None:
        for one in changes:
            one(statements)

    return change


ANY, ARN_KEY, ORG_KEY, PATHS_KEY = (
    "ForAnyValue:StringLike",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
)

OVER: dict[str, tuple[Change, Change]] = {
    "no role condition": (
        condition(P, "ArnLike", ARN_KEY),
        both(
            condition(P, "ArnLike", ARN_KEY),
            condition(P, "ArnEquals", ARN_KEY, "arn:aws:iam::*:role/puller"),
        ),
    ),
    "no unit condition": (
        condition(P, ANY, PATHS_KEY),
        condition(P, ANY, PATHS_KEY, (f"{APP}*", f"{APP}ou-*")),
    ),
    "ForAllValues lets in callers without a path": (
        both(
            condition(P, ANY, PATHS_KEY),
            condition(P, "ForAllValues:StringLike", PATHS_KEY, f"{APP}*"),
            condition(P, "StringEquals", ORG_KEY),
            remove(D),
        ),
        both(
            condition(P, "ForAllValues:StringLike", PATHS_KEY, f"{APP}*"),
            condition(P, "StringEquals", ORG_KEY),
            remove(D),
        ),
    ),
    "the path of the whole organization": (
        condition(P, ANY, PATHS_KEY, f"{ORG}/*"),
        condition(P, ANY, PATHS_KEY, f"{ORG}/r-ab12/ou-ab12-11111111/*"),
    ),
    "a path without the slash at its end reaches a sibling": (
        condition(P, ANY, PATHS_KEY, f"{ORG}/r-ab12/ou-ab12-1111111*"),
        condition(P, ANY, PATHS_KEY, f"{ORG}/r-ab12/ou-ab12-11111111/*"),
    ),
    "every role of the unit": (
        condition(P, "ArnLike", ARN_KEY, "arn:aws:iam::*:role/*"),
        condition(P, "ArnLike", ARN_KEY, ("arn:aws:iam::*:role/puller",)),
    ),
    "a role pattern that reaches over a path": (
        condition(P, "ArnLike", ARN_KEY, "arn:aws:iam::*:role/*puller"),
        condition(P, "ArnLike", ARN_KEY, "arn:*:iam::*:role/puller"),
    ),
    "a text comparison that a role's path can satisfy": (
        both(
            condition(P, "ArnLike", ARN_KEY),
            condition(P, "StringLike", ARN_KEY, "arn:aws:iam::*:role/puller"),
        ),
        both(
            condition(P, "ArnLike", ARN_KEY, "arn:aws:iam::*:role/puller"),
            condition(P, "StringLike", ARN_KEY, "*:role/puller"),
        ),
    ),
    "IfExists without the perimeter": (
        both(
            remove(D),
            condition(P, "StringEquals", ORG_KEY),
            condition(P, "StringEqualsIfExists", ORG_KEY, ORG),
            condition(P, ANY, PATHS_KEY),
        ),
        both(
            remove(D),
            condition(P, "StringEquals", ORG_KEY),
            condition(P, "StringEqualsIfExists", ORG_KEY, ORG),
        ),
    ),
    "a negated organization": (
        both(
            remove(D),
            condition(P, "StringEquals", ORG_KEY),
            condition(P, "StringNotEquals", ORG_KEY, ORG),
            condition(P, ANY, PATHS_KEY),
        ),
        condition(P, "StringNotEquals", ORG_KEY, "o-zzzzzzzzzz"),
    ),
    "every organization": (
        both(
            remove(D),
            condition(P, "StringEquals", ORG_KEY),
            condition(P, "StringLike", ORG_KEY, "o-*"),
            condition(P, ANY, PATHS_KEY),
        ),
        condition(P, "StringLike", ORG_KEY, "o-*"),
    ),
    "a prefix without its slash": (
        put(I, Resource=(repository("docker-hub*"), repository("quay/*"))),
        put(I, Resource=(repository("docker-hub/?*"), repository("quay/*"))),
    ),
    "every repository": (
        put(I, Resource=repository("*")),
        put(I, Resource=(repository("docker-hub/*"), repository("docker-hub/a/*"), CACHES[1])),
    ),
    "every resource": (
        put(I, Resource="*"),
        put(I, Resource=(*CACHES, repository("*", account=STRANGER))),
    ),
    "a question mark for a letter": (
        put(I, Resource=(repository("d?cker-hub/*"), repository("quay/*"))),
        put(I, Resource=(*CACHES, repository("docker-hub/??*"))),
    ),
    "everything but": (
        put(I, Resource="drop", NotResource=repository("prod/*")),
        both(
            put(D, Resource="drop", NotResource=repository("prod/*")),
            put(D, NotResource=repository("*", account=STRANGER)),
        ),
    ),
    "every ECR action": (
        put(I, Action="ecr:*"),
        put(I, Action=(*FIRST, "ecr:Describe?mages", "ecr:ListImages")),
    ),
    "a wildcard that reaches deleting": (
        put(P, Action=(*PULL, "ecr:Batch*")),
        put(P, Action=(*PULL, "ecr:BatchCheck*")),
    ),
    "every action but": (
        put(I, Action="drop", NotAction="ecr:DeleteRepository"),
        put(D, Action="drop", NotAction="ecr:GetAuthorizationToken"),
    ),
    "a whole account instead of a role": (
        condition(I, "ArnEquals", ARN_KEY),
        put(I, Principal={"AWS": tuple(f"arn:aws:iam::{account}:root" for account in A[:2])}),
    ),
    "a third account": (
        both(
            put(I, Principal={"AWS": A}),
            condition(I, "ArnEquals", ARN_KEY, tuple(role(account) for account in A)),
        ),
        put(I, Principal={"AWS": A}),
    ),
    "an account outside": (
        both(
            remove(D),
            add(Principal={"AWS": STRANGER}, Action=PULL, Resource=CACHES),
        ),
        add(Principal={"AWS": A[2]}, Action=PULL, Resource=CACHES, Effect="Deny"),
    ),
    "a role outside": (
        both(remove(D), add(Principal={"AWS": role(STRANGER)}, Action=PULL, Resource=CACHES)),
        add(Principal={"AWS": role(A[0])}, Action=PULL, Resource=CACHES),
    ),
    "a service without a source account": (
        add(Principal={"Service": "ecr.amazonaws.com"}, Action=PULL),
        add(Principal={"Service": "ecr.amazonaws.com"}, Action=PULL, Effect="Deny"),
    ),
    "NotPrincipal with Allow": (
        both(remove(D), put(I, Principal="drop", NotPrincipal={"AWS": STRANGER}, Condition="drop")),
        put(I, Principal="drop", NotPrincipal={"AWS": STRANGER}),
    ),
    "policies can be changed": (
        put(I, Action=(*FIRST, "ecr:SetRepositoryPolicy")),
        put(I, Action=(*FIRST, "ecr:BatchCheckLayerAvailability")),
    ),
    "images can be pushed": (
        put(I, Action=(*FIRST, "ecr:PutImage")),
        put(I, Action=tuple(action.upper().replace("ECR:", "ecr:") for action in FIRST)),
    ),
    "an Allow for everybody by TLS alone": (
        both(
            remove(D),
            add(Action=PULL, Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ),
        add(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
    ),
    "an Allow for everybody behind an endpoint": (
        both(
            remove(D),
            add(Action=PULL, Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        ),
        both(
            condition(P, "Null", "aws:PrincipalArn", "false"),
            condition(D, "Null", "aws:PrincipalArn", "false"),
        ),
    ),
    "an Allow by a tag that anybody can wear": (
        both(
            remove(D),
            add(Action=PULL, Condition={"StringEquals": {"aws:PrincipalTag/team": "shop"}}),
        ),
        add(
            Effect="Deny",
            Condition={
                "StringEquals": {
                    "aws:PrincipalTag/team": "shop",
                    "aws:PrincipalAccount": A[2],
                }
            },
        ),
    ),
    "callers of the own account by an organization": (
        add(
            Action=PULL,
            Resource=CACHES,
            Condition={"StringEquals": {"aws:PrincipalAccount": HUB}},
        ),
        add(Principal={"AWS": HUB}),
    ),
}


def test_the_correct_policy_is_proved_right() -> None:
    assert judge(base()) == Judgement()


@pytest.mark.parametrize("name", OVER)
def test_a_mistake_that_gives_too_much_is_found_and_its_twin_is_not(name: str) -> None:
    mistake, twin = OVER[name]
    wrong, right = base(), base()
    mistake(wrong)
    twin(right)

    found, silent = judge(wrong), judge(right)

    assert found.over
    assert silent == Judgement()


UNDER: dict[str, tuple[Change, Change]] = {
    "a typing mistake in a prefix": (
        put(I, Resource=(repository("dockerhub/*"), repository("quay/*"))),
        put(I, Resource=(CACHES[1], CACHES[0])),
    ),
    "two levels where names can have one": (
        put(P, Resource=(repository("docker-hub/*/*"), repository("quay/*"))),
        put(P, Resource=(repository("docker-hub/?*"), repository("quay/*"))),
    ),
    "layers were forgotten": (
        put(P, Action="ecr:BatchGetImage"),
        put(P, Action=("ecr:BatchGetImage", "ecr:GetDownloadUrlForLaye?")),
    ),
    "the wrong organization": (
        condition(P, "StringEquals", ORG_KEY, "o-bbbbbbbbbb"),
        condition(P, "StringEquals", ORG_KEY, ("o-bbbbbbbbbb", ORG)),
    ),
    "the wrong region": (
        put(I, Resource=tuple(repository(name, region="us-east-1") for name in PREFIXES)),
        put(I, Resource=(*CACHES, repository("docker-hub/*", region="us-east-1"))),
    ),
    "a network the consumer does not use": (
        add(Effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        add(
            Effect="Deny",
            Condition={
                "StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"},
                "Null": {"aws:PrincipalArn": "true"},
            },
        ),
    ),
    "one account was forgotten": (
        put(I, Principal={"AWS": A[0]}),
        put(I, Principal={"AWS": (A[1], A[0], A[0])}),
    ),
    "only one session of the role": (
        both(
            put(I, Principal={"AWS": f"arn:aws:sts::{A[0]}:assumed-role/importer/alice"}),
        ),
        put(
            I,
            Principal={
                "AWS": (*A[:2], f"arn:aws:sts::{A[0]}:assumed-role/importer/alice"),
            },
        ),
    ),
    "a Deny that hits a consumer": (
        add(Effect="Deny", Principal={"AWS": role(A[0])}, Action="ecr:Create*"),
        add(Effect="Deny", Principal={"AWS": role(A[2])}, Action="ecr:Create*"),
    ),
    "a perimeter that hits everybody": (
        condition(D, "StringNotEqualsIfExists", ORG_KEY),
        condition(D, "StringNotEqualsIfExists", ORG_KEY, (ORG, "o-zzzzzzzzzz")),
    ),
    "a Deny on part of a prefix": (
        add(Effect="Deny", Action="ecr:BatchGetImage", Resource=repository("quay/private/*")),
        add(Effect="Deny", Action="ecr:BatchGetImage", Resource=repository("quay-private/*")),
    ),
}


@pytest.mark.parametrize("name", UNDER)
def test_a_mistake_that_gives_too_little_is_found_and_its_twin_is_not(name: str) -> None:
    mistake, twin = UNDER[name]
    wrong, right = base(), base()
    mistake(wrong)
    twin(right)

    found, silent = judge(wrong), judge(right)

    assert found.under
    assert silent == Judgement()


UNDECIDED: dict[str, Change] = {
    "a Deny for an account that may belong to the unit": add(
        Effect="Deny", Principal={"AWS": STRANGER}
    ),
    "an address that is none": add(
        Action=PULL, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/99"}}, Principal="*"
    ),
    "a date on a Deny": add(
        Effect="Deny", Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}
    ),
    "a key of another service": condition(I, "StringEquals", "aws:ResourceTag/team", "shop"),
    "a policy variable": condition(
        I, "StringEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/account}"
    ),
    "an ARN that is too short": put(I, Resource="arn:aws:ecr:*"),
    "every ARN": condition(I, "ArnEquals", ARN_KEY, "*"),
    "a path compared as a text": both(
        condition(P, ANY, PATHS_KEY),
        condition(P, "ForAnyValue:StringEquals", PATHS_KEY, f"{APP}*"),
    ),
    "a path without a set operator": condition(I, "StringLike", PATHS_KEY, f"{APP}*"),
    "a deleted role": put(I, Principal={"AWS": "AROAEXAMPLEEXAMPLE12"}),
    "a Deny that leaves out roles but not their sessions": add(
        Effect="Deny", Principal="drop", NotPrincipal={"AWS": (HUB, *A, role(A[0]), role(A[1]))}
    ),
    "a wildcard in a principal": put(I, Principal={"AWS": f"arn:aws:iam::{A[0]}:role/*"}),
    "a missing resource": put(I, Resource="drop"),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_is_said(name: str) -> None:
    statements = base()
    UNDECIDED[name](statements)
    if statements[-1].get("Principal") == "drop":
        del statements[-1]["Principal"]

    found = judge(statements)

    assert found.undecided
    assert found.over == ()
    assert all(undecided.reason for undecided in found.undecided)


def identity(*extra: Statement, **changes: Json) -> list[Statement]:
    pull: Statement = {"Effect": "Allow", "Action": FIRST, "Resource": CACHES, **changes}
    token: Statement = {
        "Effect": "Allow",
        "Action": "ecr:GetAuthorizationToken",
        "Resource": "*",
    }
    return [pull, token, *extra]


def judge_identity(statements: list[Statement]) -> Judgement:
    policy = parse_policy({"Version": "2012-10-17", "Statement": tuple(statements)}, source="i")
    return judge_identity_policies(
        (policy,),
        account=A[0],
        role="importer",
        intended=[wanted for wanted in INTENDED if wanted.account == A[0]],
        judged_prefixes=[
            RepositoryScope(region=REGION, registry_account=HUB, repositories=prefix)
            for prefix in PREFIXES
        ],
    )


def allow(action: Json, resource: Json) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


IDENTITY_OVER: dict[str, tuple[list[Statement], list[Statement]]] = {
    "every repository": (identity(Resource=repository("*")), identity(Resource=(*CACHES,))),
    "every registry": (
        identity(Resource="arn:aws:ecr:*:*:repository/docker-hub/*"),
        identity(allow("ecr:GetAuthorizationToken", "*")),
    ),
    "every ECR action": (identity(Action="ecr:*"), identity(allow("ecr:Describe*", "*"))),
    "pushing into a cache": (
        identity(allow("ecr:PutImage", repository("docker-hub/library/*"))),
        identity(allow("ecr:PutImage", repository("team/*"))),
    ),
    "changing a cache's policies": (
        identity(allow("ecr:SetRepositoryPolicy", "*")),
        identity(allow("ecr:SetRepositoryPolicy", repository("team/app"))),
    ),
    "pulling from elsewhere by a pattern": (
        identity(allow(PULL, repository("team/*"))),
        identity(allow(PULL, repository("team/app"))),
    ),
    "a literal repository below a cache": (
        identity(allow("ecr:PutImage", repository("quay/app"))),
        identity(allow("ecr:PutImage", repository("quayapp"))),
    ),
    "every action of every service": (
        identity(allow("*", "*")),
        identity(allow("s3:*", "*"), allow("iam:PassRole", "*")),
    ),
}


@pytest.mark.parametrize("name", IDENTITY_OVER)
def test_an_identity_policy_that_gives_too_much_is_found_and_its_twin_is_not(name: str) -> None:
    wrong, right = IDENTITY_OVER[name]

    assert judge_identity(wrong).over
    assert judge_identity(right) == Judgement()


@pytest.mark.parametrize(
    "statements",
    [
        identity(Action=PULL),
        identity()[:1],
        [*identity()[:1], allow("ecr:GetAuthorizationToken", repository("*"))],
        identity(Resource=CACHES[0]),
        identity({"Effect": "Deny", "Action": "ecr:CreateRepository", "Resource": "*"}),
        identity(Condition={"StringEquals": {"aws:ResourceAccount": A[0]}}),
        [],
    ],
    ids=["no import", "no token", "token on an ARN", "one cache", "denied", "other owner", "none"],
)
def test_an_identity_policy_that_gives_too_little_is_found(statements: list[Statement]) -> None:
    assert judge_identity(statements).under


def test_several_identity_policies_act_together() -> None:
    first, second = (
        parse_policy({"Statement": (statement,)}, source=str(number))
        for number, statement in enumerate(identity())
    )

    judgement = judge_identity_policies(
        (first, second),
        account=A[0],
        role="importer",
        intended=[wanted for wanted in INTENDED if wanted.account == A[0]],
        judged_prefixes=(),
    )

    assert judgement == Judgement()


def trust(**changes: Json) -> Judgement:
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": PULL_THROUGH_SERVICE},
        "Action": "sts:AssumeRole",
        **changes,
    }
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement}, source="t")
    return judge_trust_policy(policy, account=HUB, service=PULL_THROUGH_SERVICE)


def test_a_trust_policy_for_just_the_service_is_proved_right() -> None:
    assert trust() == Judgement()
    assert trust(Action=("sts:AssumeRole", "sts:TagSession")) == Judgement()


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": HUB},
        {"AWS": STRANGER},
        {"AWS": role(HUB)},
        {"Service": (PULL_THROUGH_SERVICE, "ec2.amazonaws.com")},
        {"Service": "ecr.amazonaws.com"},
    ],
)
def test_a_trust_policy_for_anybody_else_is_too_wide(principal: Json) -> None:
    assert trust(Principal=principal).over


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"Service": "ecr.amazonaws.com"}},
        {"Action": "sts:TagSession"},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"aws:PrincipalAccount": HUB}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": STRANGER}}},
    ],
)
def test_a_trust_policy_that_keeps_the_service_out_is_found(changes: dict[str, Json]) -> None:
    assert trust(**changes).under


def test_whether_a_service_names_its_source_is_not_known() -> None:
    judgement = trust(Condition={"StringEquals": {"aws:SourceAccount": HUB}})

    assert judgement.over == judgement.under == ()
    assert "acts" in judgement.undecided[0].reason


def test_an_external_id_does_not_close_a_trust_policy() -> None:
    judgement = trust(
        Principal={"AWS": STRANGER}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}
    )

    assert judgement.over[0].context == {"sts:ExternalId": "secret"}


@pytest.mark.parametrize(
    "provider",
    [
        "accounts.google.com",
        f"arn:aws:iam::{HUB}:oidc-provider/token.actions.githubusercontent.com",
    ],
)
def test_users_of_an_identity_provider_may_not_assume_a_service_role(provider: str) -> None:
    assume = "sts:AssumeRoleWithWebIdentity"
    judgement = trust(
        Principal={"Federated": provider},
        Action=assume,
        Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
    )

    assert [over.principal_kind for over in judgement.over] == [PrincipalKind.FEDERATED]
    assert judgement.over[0].request.principal == provider
    assert judgement.over[0].context.keys() == {"token.actions.githubusercontent.com:sub"}
    assert not judgement.undecided
