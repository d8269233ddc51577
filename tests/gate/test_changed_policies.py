"""Whom a change of a registry's policy reaches: nobody about whom it says what it said before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.grants.access_changes import access_changes
from generator.grants.changed_policies import ChangedPolicies
from generator.grants.pullers import puller_of
from generator.grants.pulls import PullQuestion, Pulls
from generator.intent.records import intend
from generator.model.estate import Estate, Identity, Json, Kind, Known, Link, json_of
from generator.model.levels import Level
from generator.model.values import AccountId, Region
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Grant, Topology

HUB, OPS, SHOP, WEB = "111111111111", "222222222222", "333333333333", "444444444444"
TOPOLOGY = f"""\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
  hub: {{id: "{HUB}", registry_policy: create}}
  ops: {{id: "{OPS}"}}
  shop: {{id: "{SHOP}"}}
  web: {{id: "{WEB}"}}
registries:
  hub:
    caches: {{quay: {{}}}}
    grants: [{{to: {{account: ops, role: ci}}, allow: pull}}, {{to: {{account: shop, role: ci}}, allow: pull}}]
"""
PULL: Json = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage")


def read(folder: Path, text: str = TOPOLOGY) -> Topology:
    file = folder / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    return topology


def allow(principal: Json, effect: str = "Allow", **more: Json) -> Json:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": PULL,
        "Resource": f"arn:aws:ecr:eu-west-1:{HUB}:repository/quay/*",
        **more,
    }


def estate_of(topology: Topology, *statements: Json) -> Estate:
    """What the topology asks for, with another policy of the registry."""
    policy = Known(value={"Version": "2012-10-17", "Statement": statements})
    estate = intend(topology)
    return replace(
        estate,
        records=tuple(
            replace(record, attributes={**record.attributes, "policy": policy})
            if record.kind is Kind.REGISTRY_POLICY
            else record
            for record in estate.records
        ),
    )


def reached(topology: Topology, before: Estate, after: Estate) -> set[str]:
    changed = ChangedPolicies(before, after)
    return {grant.scope for grant in topology.grants if changed.reach(topology, grant)}


BOTH = allow({"AWS": (OPS, SHOP)})
ROLES = json_of({"ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{SHOP}:role/*"]}})


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        ([BOTH], [allow({"AWS": (OPS, SHOP, WEB)})], set()),
        ([BOTH], [BOTH, allow({"AWS": f"arn:aws:iam::{WEB}:role/ci"})], set()),
        ([BOTH], [BOTH, allow({"AWS": WEB}, "Deny")], set()),
        ([BOTH], [allow({"AWS": (WEB, OPS)})], {"shop"}),
        ([BOTH], [BOTH, allow({"AWS": f"arn:aws:iam::{SHOP}:root"}, "Deny")], {"shop"}),
        ([BOTH], [BOTH, allow("*", Condition=ROLES)], {"shop"}),
        ([BOTH], [BOTH, allow({"AWS": "arn:aws:iam::3333*:role/ci"}, "Deny")], {"ops", "shop"}),
        ([BOTH], [BOTH, allow("*", "Deny")], {"ops", "shop"}),
        ([BOTH], [allow({"AWS": (OPS, SHOP)}, Action="ecr:*")], {"ops", "shop"}),
        # A negated list lets in whom it does not name.
        ([BOTH], [BOTH, allow("*", Condition={"ArnNotLike": ROLES["ArnLike"]})], {"ops", "shop"}),
        # AWS takes no policy with a mistake, whomever it is about.
        ([BOTH], [BOTH, allow({"AWS": WEB}, Effect="Perhaps")], {"ops", "shop"}),
        ([BOTH], [BOTH], set()),
    ],
)
def test_a_change_reaches_those_it_can_be_about(
    tmp_path: Path, before: list[Json], after: list[Json], who: set[str]
) -> None:
    topology = read(tmp_path)

    found = reached(topology, estate_of(topology, *before), estate_of(topology, *after))

    assert found == who


PRIVATE = f"""\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
  hub: {{id: "{HUB}", registry_policy: create}}
  ops: {{id: "{OPS}", registry_policy: create}}
  web: {{id: "{WEB}", registry_policy: create}}
upstreams:
  base: {{registry: ecr, account: web, region: eu-west-1}}
registries:
  hub:
    caches: {{base: {{}}}}
    grants: [{{to: {{account: ops, role: ci}}, allow: pull}}]
"""


def without(estate: Estate, *kinds: Kind, account: str) -> Estate:
    """The same, where the policies of some kinds say nothing in one account."""
    nothing = Known(value={"Version": "2012-10-17", "Statement": ()})
    return replace(
        estate,
        records=tuple(
            replace(record, attributes={**record.attributes, "policy": nothing})
            if record.kind in kinds and record.account == account
            else record
            for record in estate.records
        ),
    )


def placed(
    estate: Estate, kind: Kind, account: str, key: str, *, region: str | None, **said: Json
) -> Estate:
    """The same with one record more."""
    some = next(record for record in estate.records if record.kind is Kind.REGISTRY_POLICY)
    record = replace(
        some,
        kind=kind,
        account=AccountId(account),
        region=None if region is None else Region(region),
        key=key,
        attributes={name: Known(value=value) for name, value in said.items()},
    )
    return replace(estate, records=(*estate.records, record))


def compared(
    topology: Topology, before: Estate, after: Estate, declared: Topology | None = None
) -> list[tuple[str, str]]:
    """The levels that differ, also where the topology is `declared` in other words after."""
    sides = [
        Pulls(topology=topology, estate=before, statement_span=lambda *_: None),
        Pulls(topology=declared or topology, estate=after, statement_span=lambda *_: None),
    ]
    return [(one.before, one.after) for one in access_changes(*sides).changes]


def test_what_ecr_needs_of_a_private_upstream_is_a_change_of_the_pull(tmp_path: Path) -> None:
    topology = read(tmp_path, PRIVATE)
    before = intend(topology)
    setting = {"region": "eu-west-1", "value": "V1"}

    for after in (
        without(before, Kind.REGISTRY_POLICY, account=WEB),
        without(before, Kind.ROLE_POLICY, Kind.MANAGED_POLICY, account=HUB),
        placed(before, Kind.ACCOUNT_SETTING, WEB, "REGISTRY_POLICY_SCOPE", **setting),
    ):
        assert compared(topology, before, after) == [("pull", "cached")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(PRIVATE.replace("account: web,", "account: ops,"), [("pull", "cached")]), (PRIVATE, [])],
)
def test_another_upstream_with_the_code_of_before_is_a_change_of_the_pull(
    tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    topology = read(tmp_path, PRIVATE)
    estate = intend(topology)

    assert compared(topology, estate, estate, read(tmp_path, text)) == expected


def test_other_registries_than_the_upstream_are_no_change_of_the_pull(tmp_path: Path) -> None:
    topology = read(tmp_path, PRIVATE)
    before = intend(topology)
    setting = {"region": "us-east-1", "value": "V1"}

    for kind, account, key in (
        (Kind.ACCOUNT_SETTING, WEB, "REGISTRY_POLICY_SCOPE"),
        (Kind.REPOSITORY_POLICY, SHOP, "base/app"),
    ):
        assert reached(topology, before, placed(before, kind, account, key, **setting)) == set()


TEMPLATE = """\
creation_templates: {tagged: {repository_tags: {team: base}}}
registries:
  hub:
    creation_templates: {quay: tagged}
"""


def test_the_boundary_of_a_template_s_role_is_a_change_of_the_pull(tmp_path: Path) -> None:
    topology = read(tmp_path, TOPOLOGY.replace("registries:\n  hub:\n", TEMPLATE))
    edge = Identity(kind=Kind.MANAGED_POLICY, account=AccountId(HUB), region=None, key="edge")
    plain = intend(topology)
    bounded = replace(
        plain,
        records=tuple(
            replace(
                record, attributes={**record.attributes, "permissions_boundary": Link(target=edge)}
            )
            if record.kind is Kind.ROLE
            else record
            for record in plain.records
        ),
    )
    every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    before, after = (
        placed(bounded, edge.kind, HUB, "edge", region=None, policy={"Statement": statements})
        for statements in ((every,), ())
    )

    assert compared(topology, before, after) == [("pull", "nothing")]


def test_roles_in_the_account_of_a_cache_with_a_public_upstream_change_no_pull(
    tmp_path: Path,
) -> None:
    topology = read(tmp_path)
    before = intend(topology)

    after = placed(before, Kind.MANAGED_POLICY, HUB, "other", region=None, policy={})

    assert reached(topology, before, after) == set()


PRINCIPALS = st.sampled_from(
    [
        "*",
        OPS,
        WEB,
        f"arn:aws:iam::{SHOP}:role/ci",
        f"arn:aws:iam::{OPS}:root",
        f"arn:aws:iam::{WEB}:role/ci",
    ]
)
ARNS = [
    f"arn:aws:iam::{SHOP}:role/*",
    f"arn:aws:iam::{WEB}:role/ci",
    "arn:aws:iam::*:role/ci",
    f"arn:aws:iam::{OPS}:role/other",
]
CONDITIONS = (
    st.none()
    | st.builds(
        lambda operator, key, values: {operator: {key: tuple(values)}},
        st.sampled_from(
            ["ArnLike", "StringLike", "ArnNotLike", "StringEquals", "StringLikeIfExists"]
        ),
        st.sampled_from(["aws:PrincipalArn", "aws:principalarn"]),
        st.lists(st.sampled_from(ARNS), min_size=1, max_size=2),
    )
    | st.builds(
        lambda operator, value: {operator: {"aws:PrincipalAccount": value}},
        st.sampled_from(["StringEquals", "StringNotEquals"]),
        st.sampled_from([OPS, SHOP, WEB]),
    )
)
STATEMENTS = st.builds(
    lambda names, effect, condition: allow(
        {"AWS": tuple(names)}, effect, **({} if condition is None else {"Condition": condition})
    ),
    st.lists(PRINCIPALS, min_size=1, max_size=3, unique=True),
    st.sampled_from(["Allow", "Allow", "Deny"]),
    CONDITIONS,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.lists(STATEMENTS, max_size=3),
    more=st.lists(STATEMENTS, max_size=2),
    kept=st.integers(0, 3),
)
def test_whom_a_change_does_not_reach_has_the_level_of_before(
    tmp_path: Path, before: list[Json], more: list[Json], kept: int
) -> None:
    topology = read(tmp_path)
    sides = [estate_of(topology, BOTH, *one) for one in (before, [*before[:kept], *more])]
    changed = ChangedPolicies(*sides)

    for grant in topology.grants:
        if not changed.reach(topology, grant):
            verdicts = [may_pull(topology, estate, grant) for estate in sides]
            assert verdicts[0] == verdicts[1], grant.scope


def may_pull(topology: Topology, estate: Estate, grant: Grant) -> bool | None:
    pulls = Pulls(topology=topology, estate=estate, statement_span=lambda *_: None)
    asked = PullQuestion(
        puller=puller_of(topology, grant.consumer.policy_name, grant.consumer, grant.cache),
        cache=grant.cache,
        repositories=grant.repositories,
        level=Level.PULL,
    )
    return pulls.may(asked, shows_lines=False).verdict


def test_one_changed_grant_of_many_is_found_and_only_it_is_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = "".join(f'  a{n}: {{id: "{500_000_000_000 + n}"}}\n' for n in range(150))
    grants = "".join(
        f"      - {{to: {{account: a{n}, role: ci}}, allow: pull}}\n" for n in range(150)
    )
    head = f'version: 1\ndefaults: {{regions: [eu-west-1]}}\naccounts:\n  hub: {{id: "{HUB}", registry_policy: create}}\n'
    text = f"{head}{accounts}registries:\n  hub:\n    caches: {{quay: {{}}}}\n    grants:\n{grants}"
    before = read(tmp_path, text)
    after = read(
        tmp_path, text.replace("a149, role: ci}, allow: pull", "a149, role: ci}, allow: cached")
    )
    sides = [
        Pulls(topology=one, estate=intend(one), statement_span=lambda *_: None)
        for one in (before, after)
    ]
    asked: list[str] = []
    real = Pulls.may

    def may(self: Pulls, question: PullQuestion, *, shows_lines: bool = True) -> object:
        asked.append(question.puller.name)
        return real(self, question, shows_lines=shows_lines)

    monkeypatch.setattr(Pulls, "may", may)

    found = access_changes(*sides)

    assert [(one.before, one.after) for one in found.changes] == [("pull", "cached")]
    assert (found.grants, found.left_out) == (150, 0)
    assert len(asked) <= 2 * len(Level)
