"""What the judgements say: who is named, how it is counted, and where they stop."""

import time

import pytest
from policy_worlds import ACCOUNTS, HUB, REGION, STRANGER, arn

from generator.iam import (
    Access,
    ActionKind,
    Judgement,
    Organization,
    Policy,
    PrincipalKind,
    Question,
    Request,
    decide,
    intends,
    judge_identity_policies,
    judge_resource_policy,
    parse_policy,
)
from generator.iam.access import REPORTED_AT_MOST, RepositoryScope
from generator.model.errors import ToolError
from generator.model.estate import Json, Unknown
from generator.model.levels import Level
from generator.model.values import AccountId, Region

ORG = "o-a1b2c3d4e5"
PULL = Level.CACHED.actions
HUB_REPOSITORIES = f"arn:aws:ecr:{REGION}:{HUB}:repository/docker-hub/*"


def policy(*statements: dict[str, Json]) -> Policy:
    entries = tuple(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNTS},
            "Action": PULL,
            "Resource": HUB_REPOSITORIES,
            **statement,
        }
        for statement in statements
    )
    return parse_policy({"Version": "2012-10-17", "Statement": entries}, source="policy")


def wanted(account: str | None = ACCOUNTS[0], **changes: object) -> Access:
    given: dict[str, object] = {
        "account": account,
        "role": None,
        "actions": frozenset(PULL),
        "repositories": "docker-hub/*",
        "region": REGION,
        "registry_account": HUB,
        **changes,
    }
    return Access(**given)  # type: ignore[arg-type]


def judged(
    document: Policy,
    *intended: Access,
    organization: Organization | None = None,
    repository: str | None = None,
    kept: Policy | None = None,
) -> Judgement:
    return judge_resource_policy(
        document,
        registry_account=HUB,
        region=REGION,
        intended=intended,
        known_accounts=ACCOUNTS,
        organization=organization,
        repository=repository,
        kept=kept,
    )


BOTH = tuple(wanted(account) for account in ACCOUNTS)


def test_a_policy_open_to_everybody_is_reported_most_public_first() -> None:
    judgement = judged(policy({"Principal": "*", "Action": "ecr:BatchGetImage"}))

    assert [over.principal_kind for over in judgement.over] == [
        PrincipalKind.ANONYMOUS,
        PrincipalKind.ANY_ACCOUNT,
        PrincipalKind.SERVICE,
        PrincipalKind.KNOWN_ACCOUNT,
        PrincipalKind.OWN_ACCOUNT,
    ]
    public = judgement.over[1]
    assert public.account is not None
    assert public.account not in {HUB, *ACCOUNTS}
    assert public.action == "ecr:BatchGetImage"
    assert public.resource.startswith(f"arn:aws:ecr:{REGION}:{HUB}:repository/docker-hub/")


def test_one_over_grant_is_reported_for_each_kind_of_action() -> None:
    judgement = judged(policy({"Action": "ecr:*"}), *BOTH)

    kinds = [over.action_kind for over in judgement.over]
    assert kinds == sorted(kinds, key=lambda kind: kind.rank)
    assert {ActionKind.POLICY, ActionKind.PUSH, ActionKind.DELETE} <= set(kinds)
    assert len(kinds) == len(set(kinds))
    push = next(over for over in judgement.over if over.action_kind is ActionKind.PUSH)
    assert "ecr:PutImage" in push.actions


def test_the_deciding_statements_are_named() -> None:
    document = policy({}, {"Action": "ecr:PutImage"}, {"Action": "ecr:Put*"})

    (push, *_) = judged(document, *BOTH).over

    assert [statement.index for statement in push.statements] == [1, 2]
    assert push.statements[0].source == "policy"


def test_harmless_actions_are_surplus_only_where_something_was_granted() -> None:
    actions = (*PULL, "ecr:DescribeImages", "ecr:ListImages")

    granted = judged(policy({"Action": actions}), *BOTH)
    elsewhere = judged(policy({}, {"Action": actions, "Resource": "*"}), *BOTH)

    assert granted == Judgement()
    assert {over.action_kind for over in elsewhere.over} == {ActionKind.PULL, ActionKind.READ}


def test_naming_the_own_account_gives_nothing_but_naming_its_role_does() -> None:
    account = judged(policy({}, {"Principal": {"AWS": HUB}}), *BOTH)
    role = judged(policy({}, {"Principal": {"AWS": arn(HUB, "admin")}}), *BOTH)

    assert account == Judgement()
    assert [over.principal_kind for over in role.over] == [PrincipalKind.OWN_ACCOUNT]


def test_an_own_consumer_needs_no_statement_but_is_hit_by_a_deny() -> None:
    own = wanted(HUB, role="node")

    assert judged(policy({}), *BOTH, own) == Judgement()
    (under,) = judged(
        policy({}, {"Effect": "Deny", "Principal": {"AWS": arn(HUB, "node")}}), *BOTH, own
    ).under
    assert under.access == own
    assert [statement.index for statement in under.statements] == [1]


def test_access_to_another_registry_is_not_asked_of_this_policy() -> None:
    other = wanted(registry_account=AccountId("444455556666"))
    elsewhere = wanted(region=Region("us-east-1"))

    assert judged(policy({}), *BOTH, other, elsewhere) == Judgement()


def test_every_missing_action_of_an_access_is_listed_once() -> None:
    first = wanted(actions=frozenset(Level.FIRST_PULL.actions), repositories="*")

    (under,) = judged(policy({}), *BOTH, first).under

    assert under.access == first
    assert under.actions == Level.FIRST_PULL.actions
    assert under.statements == ()


def test_members_of_an_organization_are_known_from_the_topology() -> None:
    document = policy(
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}
    )
    everyone = wanted(None, organization=ORG)
    member = Organization(id=ORG, paths={ACCOUNTS[0]: None, HUB: None})

    assert judged(document, everyone, organization=member) == Judgement()
    assert judged(document, everyone, wanted(ACCOUNTS[0]), organization=member) == Judgement()
    uncertain = judged(document, everyone, wanted(ACCOUNTS[1]), organization=member)
    assert uncertain.under == ()
    assert "333344445555 is in the organization" in uncertain.undecided[0].reason
    wide = judged(document, wanted(ACCOUNTS[0]), organization=member)
    assert wide.over[0].principal_kind is PrincipalKind.ORGANIZATION
    assert wide.over[0].context["aws:PrincipalOrgID"] == ORG


def test_a_repository_policy_is_judged_on_its_repositories() -> None:
    document = parse_policy(
        {"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNTS}, "Action": PULL}},
        source="repository",
    )

    assert judged(document, *BOTH, repository="docker-hub/*") == Judgement()
    assert judged(document, *BOTH, repository="docker-hub/library/nginx") == Judgement()
    assert judged(document, *BOTH, repository="quay/*").over


def test_a_service_is_meant_for_the_account_it_acts_for() -> None:
    service = wanted(HUB, service="ecr.amazonaws.com")
    statement: dict[str, Json] = {"Principal": {"Service": "ecr.amazonaws.com"}}
    guarded = {**statement, "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": HUB}}}

    over = judged(policy({}, statement), *BOTH, service).over

    assert [one.principal_kind for one in over] == [
        PrincipalKind.SERVICE,
        PrincipalKind.SERVICE_OF_KNOWN,
    ]
    assert all(one.context["aws:SourceAccount"] != HUB for one in over)
    assert judged(policy({}, guarded), *BOTH, service) == Judgement()


def test_accounts_that_nobody_names_are_found_by_the_pattern_of_their_id() -> None:
    document = policy(
        {"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalAccount": "2?2?3*"}}}
    )

    judgement = judged(document, wanted(ACCOUNTS[0]))

    (over,) = judgement.over
    assert over.principal_kind is PrincipalKind.ANY_ACCOUNT
    assert over.account is not None
    assert over.account.startswith("2")
    assert over.account[4] == "3"


def test_a_session_of_a_role_that_nothing_else_names_is_found() -> None:
    session = f"arn:aws:sts::{STRANGER}:assumed-role/worker/alice"
    named: dict[str, Json] = {"Principal": {"AWS": session}}
    below = {**named, "Condition": {"ArnLike": {"aws:PrincipalArn": arn(STRANGER, "team/*")}}}

    (over,) = judged(policy({}, named), *BOTH).over
    (deeper,) = judged(policy({}, below), *BOTH).over

    assert over.principal == deeper.principal == session
    assert over.context["aws:PrincipalArn"] == arn(STRANGER, "worker")
    assert str(deeper.context["aws:PrincipalArn"]).startswith(arn(STRANGER, "team/"))
    assert str(deeper.context["aws:PrincipalArn"]).endswith("/worker")


def test_a_service_that_acts_for_a_foreign_resource_is_found() -> None:
    statement: dict[str, Json] = {
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:*"}},
    }
    ours: dict[str, Json] = {
        **statement,
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{HUB}:function:*"}},
    }
    service = wanted(HUB, service="lambda.amazonaws.com")

    over = judged(policy({}, statement), *BOTH, service).over
    found = judged(policy({}, ours), *BOTH, service)

    accounts = {str(one.context["aws:SourceArn"]).split(":")[4] for one in over}
    assert HUB not in accounts
    assert accounts != {""}
    assert found.over == ()


def test_a_deny_that_leaves_out_a_session_by_all_its_names_leaves_it_out() -> None:
    session = f"arn:aws:sts::{ACCOUNTS[0]}:assumed-role/puller/alice"
    role = arn(ACCOUNTS[0], "puller")
    names: Json = {"AWS": (session, role, ACCOUNTS[0])}
    document = parse_policy(
        {
            "Statement": (
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": session},
                    "Action": "ecr:PutImage",
                    "Resource": "*",
                },
                {"Effect": "Deny", "NotPrincipal": names, "Action": "*", "Resource": "*"},
            )
        },
        source="policy",
    )

    (over,) = judged(document).over

    assert over.principal == session


def test_what_a_kept_statement_allows_is_intended_but_not_demanded() -> None:
    replication: dict[str, Json] = {
        "Principal": {"AWS": STRANGER},
        "Action": "ecr:ReplicateImage",
        "Resource": "*",
    }
    wider = {**replication, "Action": ("ecr:ReplicateImage", "ecr:PutImage")}

    assert judged(policy({}, replication), *BOTH).over
    assert judged(policy({}, replication), *BOTH, kept=policy(replication)) == Judgement()
    assert judged(policy({}), *BOTH, kept=policy(replication)) == Judgement()
    (push,) = judged(policy({}, wider), *BOTH, kept=policy(replication)).over
    assert push.actions == ("ecr:PutImage",)


def test_a_kept_statement_that_is_not_modelled_is_intended_as_it_stands() -> None:
    opaque: dict[str, Json] = {
        "Principal": "*",
        "Condition": {"StringEquals": {"aws:username": "somebody"}},
    }
    other: dict[str, Json] = {
        "Principal": "*",
        "Condition": {"StringEquals": {"aws:username": "else"}},
    }

    assert judged(policy({}, opaque), *BOTH, kept=policy(opaque)) == Judgement()
    assert judged(policy({}, other), *BOTH, kept=policy(opaque)).undecided


def test_what_a_kept_statement_allows_is_intended_however_it_is_written() -> None:
    def from_network(*networks: str) -> dict[str, Json]:
        return {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": networks}}}

    kept = policy(from_network("10.0.0.0/8"))

    assert judged(policy({}, from_network("10.0.0.0/9", "10.128.0.0/9")), *BOTH, kept=kept) == (
        Judgement()
    )
    wider = judged(policy({}, from_network("10.0.0.0/8", "203.0.113.0/24")), *BOTH, kept=kept)
    assert {over.context["aws:SourceIp"] for over in wider.over} == {"203.0.113.10"}


def test_an_unknown_policy_leaves_both_questions_open() -> None:
    document = parse_policy(Unknown(reason="no value", reference="var.policy"), source="policy")

    judgement = judged(document, *BOTH)

    assert judgement.over == judgement.under == ()
    assert {one.question for one in judgement.undecided} == {
        Question.OVER_GRANT,
        Question.UNDER_GRANT,
    }
    assert all("var.policy" in one.reason for one in judgement.undecided)


def test_an_unknown_action_is_only_perhaps_too_much() -> None:
    value = Unknown(reason="no value", reference="var.action", parts=("ecr:Put", None))

    judgement = judged(policy({}, {"Action": value}), *BOTH)

    assert judgement.over == ()
    (undecided,) = judgement.undecided
    assert undecided.question is Question.OVER_GRANT
    assert [statement.index for statement in undecided.statements] == [1]
    assert undecided.request is not None
    assert undecided.request.action.startswith("ecr:Put")


def test_a_known_mistake_is_found_beside_an_unknown_value() -> None:
    value = Unknown(reason="no value", reference="var.action")

    judgement = judged(policy({}, {"Action": (value, "ecr:PutImage")}), *BOTH)

    assert judgement.over[0].actions == ("ecr:PutImage",)
    assert judgement.undecided


def test_a_network_from_which_calls_are_denied_is_shown_with_one_that_gets_in() -> None:
    deny: dict[str, Json] = {
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    }

    judgement = judged(policy({}, deny), *BOTH)

    assert judgement.over == judgement.undecided == ()
    assert {one.by_network for one in judgement.under} == {True}
    refused, let_in = judgement.under[0].request, judgement.under[0].otherwise
    assert refused.context["aws:SourceVpce"] == "vpce-1"
    assert let_in is not None
    assert "aws:SourceVpce" not in let_in.context


def test_a_policy_too_complex_to_decide_is_undecided_not_right() -> None:
    names: Json = tuple(
        f"arn:aws:ecr:{REGION}:{HUB}:repository/*{one}{other}*"
        for one in "abcdefgh"
        for other in "ijkl"
    )

    judgement = judged(policy({"Resource": names}), *BOTH)

    assert {one.question for one in judgement.undecided} == {
        Question.OVER_GRANT,
        Question.UNDER_GRANT,
    }
    assert "too complex" in judgement.undecided[0].reason


def test_results_beyond_the_limit_are_counted() -> None:
    many = [wanted(AccountId(f"{number:012d}")) for number in range(1, REPORTED_AT_MOST + 11)]

    judgement = judged(policy({}), *BOTH, *many)

    assert len(judgement.under) == REPORTED_AT_MOST
    assert judgement.omitted == 10


def test_a_witness_that_does_not_replay_is_an_internal_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse_everything(request: Request, **_: object) -> object:
        return decide(request, resource_account=HUB, resource_policies=())

    monkeypatch.setattr("generator.iam.witnesses.decide", refuse_everything)

    with pytest.raises(ToolError, match="internal error"):
        judged(policy({"Principal": "*"}), *BOTH)


def test_two_runs_say_the_same() -> None:
    document = policy({"Principal": "*", "Action": "ecr:*"}, {"Resource": "*"})

    assert judged(document, *BOTH) == judged(document, *BOTH)


def test_an_identity_policy_without_a_grant_needs_nothing() -> None:
    judgement = judge_identity_policies(
        (), account=HUB, role="node", intended=(), judged_prefixes=()
    )

    assert judgement == Judgement()


def test_a_role_pattern_is_judged_for_every_role_it_matches() -> None:
    document = parse_policy(
        {
            "Statement": (
                {
                    "Effect": "Allow",
                    "Action": PULL,
                    "Resource": HUB_REPOSITORIES,
                    "Condition": {"ArnLike": {"aws:PrincipalArn": arn(ACCOUNTS[0], "node-a*")}},
                },
                {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            )
        },
        source="identity",
    )

    def ask(role: str) -> Judgement:
        return judge_identity_policies(
            (document,),
            account=ACCOUNTS[0],
            role=role,
            intended=[wanted(role=role)],
            judged_prefixes=(),
        )

    assert ask("node-a*") == Judgement()
    assert ask("node-*").under


@pytest.mark.parametrize(("region", "verdict"), [(REGION, "proved"), ("us-east-1", "missing")])
def test_signing_in_is_asked_where_the_role_pulls_and_not_where_other_caches_are(
    region: str, verdict: str
) -> None:
    lock = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": region}},
    }
    allow = {"Effect": "Allow", "Action": (*PULL, "ecr:GetAuthorizationToken"), "Resource": "*"}
    elsewhere = RepositoryScope(
        region=Region("us-east-1"), registry_account=HUB, repositories="quay/*"
    )

    judgement = judge_identity_policies(
        (parse_policy({"Statement": (allow, lock)}, source="identity"),),
        account=ACCOUNTS[0],
        role="node",
        intended=[wanted(role="node")],
        judged_prefixes=(elsewhere,),
    )

    assert not judgement.undecided
    assert ("missing" if judgement.under else "proved") == verdict


def test_an_access_without_account_and_organization_is_refused() -> None:
    with pytest.raises(ValueError, match="account or an organization"):
        wanted(None)


def test_the_evaluator_explains_each_statement() -> None:
    document = policy({"Action": "ecr:PutImage"}, {"Principal": {"AWS": STRANGER}}, {})
    request = Request(
        principal=arn(ACCOUNTS[0], "node"),
        action="ecr:BatchGetImage",
        resource=HUB_REPOSITORIES.replace("*", "a"),
    )

    decision = decide(request, resource_account=HUB, resource_policies=(document,))

    assert decision.allowed is True
    assert decision.reason == "an Allow statement matches"
    assert [(step.matches, step.because) for step in decision.steps] == [
        (False, "Action"),
        (False, "Principal"),
        (True, ""),
    ]


@pytest.mark.parametrize(
    ("account", "resource", "identity", "expected"),
    [
        (ACCOUNTS[0], True, True, True),
        (ACCOUNTS[0], True, False, False),
        (ACCOUNTS[0], False, True, False),
        (HUB, False, True, True),
        (HUB, True, False, False),
    ],
)
def test_across_accounts_both_sides_must_allow_and_within_one_either(
    account: str, resource: bool, identity: bool, expected: bool
) -> None:
    registry = policy({"Principal": {"AWS": (*ACCOUNTS, HUB)}})
    allow_all = parse_policy(
        {"Statement": {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}}, source="identity"
    )
    request = Request(
        principal=arn(account, "node"),
        action="ecr:BatchGetImage",
        resource=HUB_REPOSITORIES.replace("*", "a"),
    )

    decision = decide(
        request,
        resource_account=HUB,
        resource_policies=(registry,) if resource else (),
        identity_policies=(allow_all,) if identity else (),
    )

    assert decision.allowed is expected


def test_intended_access_is_exactly_what_its_words_say() -> None:
    role = wanted(role="ci/*")

    def asks(principal: str, action: str = "ecr:BatchGetImage") -> bool:
        request = Request(
            principal=principal, action=action, resource=HUB_REPOSITORIES.replace("*", "a")
        )
        return intends((role,), request)

    assert asks(arn(ACCOUNTS[0], "ci/builder"))
    assert asks(arn(ACCOUNTS[0], "ci/builder"), "ecr:ListImages")
    assert not asks(arn(ACCOUNTS[0], "builder"))
    assert not asks(f"arn:aws:iam::{ACCOUNTS[0]}:user/a:role/ci/builder")
    assert not asks(arn(ACCOUNTS[1], "ci/builder"))
    assert not asks(arn(ACCOUNTS[0], "ci/builder"), "ecr:PutImage")


def test_five_thousand_accounts_are_judged_in_seconds() -> None:
    accounts = [AccountId(f"{200000000000 + 7919 * number:012d}") for number in range(5_000)]
    prefixes = [f"prefix-{number}" for number in range(8)]
    document = parse_policy(
        {
            "Version": "2012-10-17",
            "Statement": tuple(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": tuple(accounts[first : first + 100])},
                    "Action": PULL,
                    "Resource": tuple(
                        f"arn:aws:ecr:{REGION}:{HUB}:repository/{prefix}/*" for prefix in prefixes
                    ),
                    "Condition": {
                        "ArnLike": {
                            "aws:PrincipalArn": tuple(
                                arn(account, "node-*") for account in accounts[first : first + 100]
                            )
                        }
                    },
                }
                for first in range(0, 5_000, 100)
            ),
        },
        source="policy",
    )
    intended = [
        wanted(account, role="node-*", repositories=f"{prefix}/*")
        for account in accounts
        for prefix in prefixes
    ]
    began = time.process_time()

    judgement = judge_resource_policy(
        document,
        registry_account=HUB,
        region=REGION,
        intended=intended,
        known_accounts=accounts,
    )

    assert judgement == Judgement()
    # Two seconds of a free machine; the rest is for one that is shared.
    assert time.process_time() - began < 6
