"""Proofs that are shared: whatever was proved before, the answer is that of the question alone."""

import inspect
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_worlds import (
    ACCOUNTS,
    HUB,
    ORGANIZATION,
    REGION,
    STRANGER,
    UNIT,
    accesses,
    organizations,
    statements,
)

import generator.iam.proofs
from generator.iam import (
    Access,
    Judgement,
    Organization,
    Policy,
    Proofs,
    RepositoryScope,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
)
from generator.iam.globs import like_glob, matches
from generator.iam.reach import JudgedScopes
from generator.model.estate import Json
from generator.model.levels import PULL_THROUGH_SERVICE, Level
from generator.model.values import AccountId, Region

_several = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Accounts whose digits patterns can find or not find: `2*`, `*4`, `1111*` and what the engine makes up.
NEW = ("222233334445", "444444444444", "999999999999", "200000000001", "666666666664", STRANGER)
NAMED = (HUB, *ACCOUNTS, STRANGER)
SCOPES = JudgedScopes(
    RepositoryScope(region=region, registry_account=AccountId(account), repositories=names)
    for account, names in (
        *((one, "docker-hub/*") for one in (HUB, *ACCOUNTS, *NEW[:3])),
        (NEW[3], "quay/*"),
    )
    for region in (REGION, Region("us-east-1"))
)


def allowing(access: Access) -> Json:
    """A statement of a registry policy that gives an access of an account, or of an organization."""
    statement: dict[str, Json] = {
        "Effect": "Allow",
        "Action": tuple(sorted(access.actions)),
        "Resource": f"arn:aws:ecr:{access.region}:{access.registry_account}:repository/"
        f"{access.repositories}",
    }
    if access.service is not None:
        statement["Principal"] = {"Service": access.service}
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": access.account}}
    elif access.account is None:
        statement["Principal"] = "*"
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": access.organization}}
    else:
        statement["Principal"] = {"AWS": access.account}
        if access.role is not None:
            arn = f"arn:aws:iam::{access.account}:role/{access.role}"
            statement["Condition"] = {"ArnLike": {"aws:PrincipalArn": arn}}
    return statement


@st.composite
def renamings(draw: st.DrawFn) -> dict[str, str]:
    """Other accounts in the place of those that are named, each in that of one."""
    return dict(zip(NAMED, draw(st.permutations([*NAMED, *NEW])), strict=False))


def renamed(value: Json, names: dict[str, str]) -> Json:
    """A document with other accounts, wherever it names them."""
    if isinstance(value, str):
        for number, old in enumerate(names):
            value = value.replace(old, f"<{number}>")
        for number, new in enumerate(names.values()):
            value = value.replace(f"<{number}>", new)
        return value
    if isinstance(value, tuple):
        return tuple(renamed(one, names) for one in value)
    if isinstance(value, dict):
        return {key: renamed(one, names) for key, one in value.items()}
    return value


def renamed_access(access: Access, names: dict[str, str]) -> Access:
    registry = access.registry_account
    return replace(
        access,
        account=None if access.account is None else AccountId(names[access.account]),
        registry_account=None if registry is None else AccountId(names[registry]),
    )


def mutated(draw: st.DrawFn, document: Json) -> Json:
    """The document, sometimes with one account, or a part of it, written otherwise."""
    try:
        text = json.dumps(document)
    except TypeError:
        # Something in it is not known.
        return document
    places = [one for one in (*NAMED, *NEW, "docker-hub", "puller") if one in text]
    if draw(st.integers(0, 3)) or not places:
        return document
    old = draw(st.sampled_from(places))
    new = draw(st.sampled_from([*NAMED, "*", old[:3] + "*", "*" + old[-2:], "quay", "?" + old[1:]]))
    found = json.loads(text.replace(old, new, 1), object_hook=dict)
    return frozen(found)


def frozen(value: object) -> Json:
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    if isinstance(value, dict):
        return {str(key): frozen(one) for key, one in value.items()}
    assert value is None or isinstance(value, str | int | bool)
    return value


def equal(shared: Judgement, alone: Judgement) -> None:
    """Both say the same, and so do they once more is declared."""
    assert shared == alone
    everything = parse_policy(
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
        source="everything",
    )
    assert (shared.again is None) == (alone.again is None)
    if shared.again is not None and alone.again is not None:
        assert shared.again(everything) == alone.again(everything)


@st.composite
def denials(draw: st.DrawFn, *, identity: bool) -> Json:
    """A Deny that only some accounts feel: by a part of their digits, by name or by what is known."""
    account = draw(st.sampled_from([*NAMED, *NEW]))
    texts = (account, f"{account[:1]}*", f"*{account[-2:]}", f"?{account[1:]}", f"*{account[3:6]}*")
    text = draw(st.sampled_from([*texts, "*", "????????????"]))
    like = draw(st.sampled_from(["StringLike", "StringLike", "StringNotLike", "StringEquals"]))
    arn_like = draw(st.sampled_from(["ArnLike", "StringLike", "ArnNotLike"]))
    arn = draw(
        st.sampled_from(["arn:aws:iam::{}:role/*", "arn:aws:iam::{}:*", "*:{}:*", "*{}:role/*"])
    )
    tests: tuple[Json, ...] = (
        {like: {"aws:PrincipalAccount": text}},
        {arn_like: {"aws:PrincipalArn": arn.format(text)}},
        {like: {"aws:ResourceAccount": text}},
        {like: {"aws:SourceAccount": text}},
        {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
    )
    denial: dict[str, Json] = {
        "Effect": "Deny",
        "Action": "ecr:*",
        "Resource": draw(st.sampled_from(["*", f"arn:aws:ecr:*:{text}:repository/*"])),
        "Condition": draw(st.sampled_from(tests)),
    }
    return denial if identity else {**denial, "Principal": "*"}


@st.composite
def worlds(draw: st.DrawFn, *, identity: bool) -> tuple[list[Json], list[Access]]:
    """Statements that give exactly what is intended, and often one more."""
    plain = accesses().filter(lambda access: access.repositories != "*")
    if identity:
        plain = plain.filter(lambda access: access.account == ACCOUNTS[0] and not access.service)
    intended = draw(st.lists(plain, min_size=1, max_size=3))
    entries: list[Json] = [allowing(access) for access in intended]
    if identity:
        for entry in entries:
            assert isinstance(entry, dict)
            entry.pop("Principal")
            entry.pop("Condition", None)
        entries.append({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"})
        intended = [replace(access, role=None) for access in intended]
    if draw(st.booleans()):
        entries.append(draw(denials(identity=identity)))
    elif draw(st.booleans()):
        more = draw(statements(identity=identity, with_unknowns=draw(st.integers(0, 5)) == 0))
        # A Deny can leave all as it is for some accounts, and not for others.
        entries.append({**more, "Effect": draw(st.sampled_from(["Deny", "Deny", "Allow"]))})
    return entries, intended


@_several
@given(
    denial=denials(identity=True),
    accounts=st.permutations([*NAMED, *NEW]),
    organization=organizations,
)
def test_a_denial_that_some_accounts_feel_is_told_for_each_of_them(
    denial: Json, accounts: list[str], organization: Organization | None
) -> None:
    proofs = Proofs()

    for account in accounts[:6]:
        allowed: Json = {
            "Effect": "Allow",
            "Action": tuple(Level.CACHED.actions),
            "Resource": f"arn:aws:ecr:{REGION}:{account}:repository/docker-hub/*",
        }
        token: Json = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
        policy = parse_policy({"Statement": (allowed, token, denial)}, source="policy")

        shared, alone = (
            judge(
                (policy,),
                account=AccountId(account),
                role="puller",
                intended=[pulls(account)],
                judged_prefixes=SCOPES,
                organization=organization,
            )
            for judge in (proofs.judge_identity_policies, judge_identity_policies)
        )

        assert shared == alone


@_several
@given(
    denial=denials(identity=False),
    accounts=st.permutations([*NAMED, *NEW]),
    organization=organizations,
)
def test_a_denial_that_some_consumers_feel_is_told_for_each_registry(
    denial: dict[str, Json], accounts: list[str], organization: Organization | None
) -> None:
    proofs = Proofs()

    for consumer, registry in itertools.pairwise(accounts[:6]):
        access = replace(pulls(registry), account=AccountId(consumer), role=None)
        entries = (allowing(access), {**denial, "Resource": "*"})
        policy = parse_policy({"Statement": entries}, source="policy")

        shared, alone = (
            judge(
                policy,
                registry_account=AccountId(registry),
                region=REGION,
                intended=[access],
                known_accounts=(HUB, *ACCOUNTS),
                organization=organization,
            )
            for judge in (proofs.judge_resource_policy, judge_resource_policy)
        )

        assert shared == alone


NOBODY_ELSE: dict[str, str] = {account: account for account in NAMED}


@_several
@given(data=st.data(), world=worlds(identity=False), organization=organizations)
def test_a_registry_policy_is_judged_the_same_with_and_without_shared_proofs(
    data: st.DataObject,
    world: tuple[list[Json], list[Access]],
    organization: Organization | None,
) -> None:
    entries, intended = world
    proofs = Proofs()
    repository = data.draw(st.sampled_from([None, None, "docker-hub/*"]))

    for names in (NOBODY_ELSE, *(data.draw(renamings()) for _ in range(3))):
        written = mutated(data.draw, {"Statement": renamed(tuple(entries), names)})
        policy = parse_policy(written, source="policy")

        shared, alone = (
            judge(
                policy,
                registry_account=AccountId(names[HUB]),
                region=REGION,
                intended=[renamed_access(access, names) for access in intended],
                known_accounts=(HUB, *ACCOUNTS, AccountId(NEW[0])),
                organization=organization,
                repository=repository,
            )
            for judge in (proofs.judge_resource_policy, judge_resource_policy)
        )

        equal(shared, alone)


@_several
@given(data=st.data(), world=worlds(identity=True), organization=organizations)
def test_a_role_is_judged_the_same_with_and_without_shared_proofs(
    data: st.DataObject,
    world: tuple[list[Json], list[Access]],
    organization: Organization | None,
) -> None:
    entries, intended = world
    proofs = Proofs()
    role = data.draw(st.sampled_from([None, "puller"]))

    for names in (NOBODY_ELSE, *(data.draw(renamings()) for _ in range(3))):
        written = mutated(data.draw, {"Statement": renamed(tuple(entries), names)})
        policy = parse_policy(written, source="policy")

        shared, alone = (
            judge(
                (policy,),
                account=AccountId(names[ACCOUNTS[0]]),
                role=role,
                intended=[renamed_access(access, names) for access in intended],
                judged_prefixes=SCOPES,
                organization=organization,
            )
            for judge in (proofs.judge_identity_policies, judge_identity_policies)
        )

        equal(shared, alone)


@_several
@given(data=st.data(), conditions=st.lists(statements(), max_size=1))
def test_a_trust_policy_is_judged_the_same_with_and_without_shared_proofs(
    data: st.DataObject, conditions: list[dict[str, Json]]
) -> None:
    proofs = Proofs()
    entries: list[Json] = [
        {
            "Effect": "Allow",
            "Principal": {"Service": PULL_THROUGH_SERVICE},
            "Action": "sts:AssumeRole",
        }
    ]
    for entry in conditions:
        kept = {key: entry[key] for key in ("Principal", "Condition") if key in entry}
        effect = data.draw(st.sampled_from(["Deny", "Deny", "Allow"]))
        entries.append({"Effect": effect, "Action": "sts:AssumeRole", **kept})

    for names in (NOBODY_ELSE, *(data.draw(renamings()) for _ in range(3))):
        written = mutated(data.draw, {"Statement": renamed(tuple(entries), names)})
        policy = parse_policy(written, source="policy")

        shared, alone = (
            judge(policy, account=AccountId(names[HUB]), service=PULL_THROUGH_SERVICE)
            for judge in (proofs.judge_trust_policy, judge_trust_policy)
        )

        equal(shared, alone)


def pulling(account: str, *, resource: str | None = None, **more: Json) -> Policy:
    """A role's policy for what is cached in its own account."""
    own = f"arn:aws:ecr:{REGION}:{account}:repository/docker-hub/*"
    statement: Json = {
        "Effect": "Allow",
        "Action": tuple(Level.CACHED.actions),
        "Resource": own if resource is None else resource,
        **more,
    }
    token: Json = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    return parse_policy({"Statement": (statement, token)}, source="policy")


def pulls(account: str) -> Access:
    return Access(
        account=AccountId(account),
        role="puller",
        actions=frozenset(Level.CACHED.actions),
        repositories="docker-hub/*",
        region=REGION,
        registry_account=AccountId(account),
    )


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The accounts of the roles that were really judged."""
    accounts: list[str] = []

    def judge(policies: Sequence[Policy], *, account: AccountId, **more: object) -> Judgement:
        accounts.append(account)
        return judge_identity_policies(policies, account=account, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(generator.iam.proofs, "judge_identity_policies", judge)
    return accounts


def ask(
    proofs: Proofs,
    account: str,
    policy: Policy | None = None,
    organization: Organization | None = None,
    role: str = "puller",
) -> Judgement:
    return proofs.judge_identity_policies(
        (policy or pulling(account),),
        account=AccountId(account),
        role=role,
        intended=[replace(pulls(account), role=role)],
        judged_prefixes=SCOPES,
        organization=organization,
    )


def test_roles_that_differ_in_their_account_alone_are_proved_once(judged: list[str]) -> None:
    proofs = Proofs()

    answers = [ask(proofs, account) for account in (HUB, *ACCOUNTS, NEW[1])]

    assert set(map(repr, answers)) == {repr(Judgement())}
    assert judged == [HUB]


def test_what_is_not_proved_is_judged_each_time(judged: list[str]) -> None:
    proofs = Proofs()
    wide = "arn:aws:ecr:*:*:repository/*"

    answers = [ask(proofs, one, pulling(one, resource=wide)) for one in (HUB, *ACCOUNTS)]

    assert judged == [HUB, *ACCOUNTS]
    assert all(answer.over for answer in answers)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:PrincipalAccount": ("1*", "2*", "3*")}},
        {"ArnLike": {"aws:PrincipalArn": ("arn:aws:iam::*2*:role/puller", "*:1111*", "*3*")}},
        {"StringLike": {"aws:PrincipalArn": ("*1111*", "*2222*", "*3333*")}},
        {"StringLike": {"aws:ResourceAccount": ("?11122223333", "????33334444", "*555")}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    ],
)
def test_policies_that_tell_accounts_by_their_digits_share_no_proof(
    condition: Json, judged: list[str]
) -> None:
    proofs = Proofs()

    for account in (HUB, *ACCOUNTS):
        ask(proofs, account, pulling(account, Condition=condition))

    assert judged == [HUB, *ACCOUNTS]


def test_accounts_of_which_other_things_are_known_share_no_proof(judged: list[str]) -> None:
    proofs = Proofs()
    paths = {HUB: UNIT, ACCOUNTS[0]: UNIT, ACCOUNTS[1]: None}
    organization = Organization(id=ORGANIZATION, paths=paths)

    for account in (HUB, *ACCOUNTS, NEW[0], NEW[3]):
        ask(proofs, account, organization=organization)

    # A unit; an unknown one; no member; no member, and another cache.
    assert judged == [HUB, ACCOUNTS[1], NEW[0], NEW[3]]


def test_an_organization_that_is_read_anew_is_the_same(judged: list[str]) -> None:
    proofs = Proofs()

    for account in (HUB, *ACCOUNTS):
        paths = dict.fromkeys((HUB, *ACCOUNTS), UNIT)
        ask(proofs, account, organization=Organization(id=ORGANIZATION, paths=paths))
    ask(proofs, HUB, organization=Organization(id=ORGANIZATION, paths={HUB: UNIT}))

    assert judged == [HUB, HUB]


@pytest.mark.parametrize(
    "judge", [judge_identity_policies, judge_resource_policy, judge_trust_policy]
)
def test_proofs_are_asked_as_the_engine_is(judge: Callable[..., Judgement]) -> None:
    # What is asked of each policy is said once for all proofs of a run.
    asked = [
        each for each in inspect.signature(judge).parameters.values() if each.name != "lacks_only"
    ]

    assert list(inspect.signature(getattr(Proofs(), judge.__name__)).parameters.values()) == asked


@pytest.mark.parametrize("text", ["*1*", "1*", "*1", "?1*", "arn:aws:iam::1*:role/x", "*:1:*"])
def test_digits_that_may_be_of_an_account_are_loose(text: str) -> None:
    with pytest.raises(generator.iam.proofs._DigitsMatterError):
        generator.iam.proofs._parts(text, has_fields=False)


@pytest.mark.parametrize("has_fields", [True, False])
def test_no_pattern_matches_other_accounts_after_its_own_is_another(has_fields: bool) -> None:
    """Of every short pattern that counts as blind to digits, that it is so."""
    first, second = "1" * 12, "12" * 6
    pieces = ("*", "?", "1", "12", ":", "a", "role/", first, f"arn:aws:ecr:x-1:{first}:")
    texts = [
        *("arn:aws:ecr:x-1:{}:role/1a", "arn:aws:ecr:x-1:{}:a", "arn:aws:ecr:x-1:{}:12", "{}"),
        *("arn:aws:ecr:1:{}:role/*", "arn:aws:ecr::{}:1:role/1"),
    ]
    found = 0
    for length in (1, 2, 3, 4):
        for chosen in itertools.product(pieces, repeat=length):
            pattern = "".join(chosen)
            try:
                before, account, behind = generator.iam.proofs._parts(pattern, has_fields)
            except generator.iam.proofs._DigitsMatterError:
                continue
            if account is None and first in pattern:
                continue
            joined = before if account is None else f"{before}:{second}:{behind}"
            if not before and account is not None:
                joined = second
            found += 1
            for text in texts:
                if has_fields and pattern.count(":") != 5:
                    continue
                if has_fields and text.count(":") != 5:
                    continue
                here = matches(like_glob(pattern), text.format(first))
                there = matches(like_glob(joined), text.format(second))
                assert here == there, (pattern, joined, text)
    assert found > 500
