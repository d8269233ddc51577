"""`check` and `replay` never disagree, on random estates, about declared requests and those around."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.gate.check import check_findings
from generator.grants.replay import Side, replay, replay_request
from generator.grants.replay_policies import policies_of
from generator.model.estate import Attribute, Estate, Kind, Known, Link, Record, Root
from generator.model.finding import Finding, FindingKind
from generator.model.reading import Reading
from generator.model.span import first_line
from generator.model.values import AccountId, Region
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.model.topology import Topology

MAIN, SHOP, STRANGER = AccountId("111122223333"), AccountId("222233334444"), "444455556666"
REGION = Region("eu-west-1")
CODE = first_line(Path("/code/main.tf"))

TOPOLOGY = f"""
version: 1
accounts:
  main: {{id: "{MAIN}", regions: [{REGION}], registry_policy: create}}
  shop: {{id: "{SHOP}", regions: [{REGION}]}}
consumers:
  ci: {{account: shop, role: ci}}
  nodes: {{account: shop, role: "node-*", identity: elsewhere}}
registries:
  main:
    caches: {{quay: {{}}, ecr-public: {{}}}}
    grants:
      - {{to: ci, allow: first-pull, caches: [quay]}}
      - {{to: nodes, allow: pull, caches: [quay]}}
"""
CACHED = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
PULL = [*CACHED, "ecr:BatchImportUpstreamImage"]
FIRST_PULL = [*PULL, "ecr:CreateRepository"]
SURPLUS = ["ecr:PutImage", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy"]
QUAY = f"arn:aws:ecr:{REGION}:{MAIN}:repository/quay/*"
CI, NODE, OTHER = (f"arn:aws:iam::{SHOP}:role/{name}" for name in ("ci", "node-a", "other"))
REPOSITORIES = ("quay/web", "quay/new/image", "quay/app", "quay/other")
FAR = f"arn:aws:iam::{STRANGER}:role/x"
OVER = {
    "grant-any-principal",
    "grant-outside-topology",
    "grant-undeclared",
    "identity-undeclared",
}
NEEDED = {"grant-missing", "grant-by-network"}


def statement(effect: str, actions: list[str], **more: object) -> dict[str, Any]:
    """A statement of a policy."""
    return {"Effect": effect, "Action": actions, **more}


def of_role(operator: str, arn: str) -> dict[str, object]:
    """A condition on the role that calls."""
    return {operator: {"aws:PrincipalArn": arn}}


REGISTRY = [
    statement("Allow", FIRST_PULL, Principal={"AWS": SHOP}, Resource=QUAY)
    | {"Condition": of_role("ArnEquals", CI)},
    statement("Allow", PULL, Principal={"AWS": SHOP}, Resource=QUAY)
    | {"Condition": of_role("ArnLike", f"arn:aws:iam::{SHOP}:role/node-*")},
]
IDENTITY = [
    statement("Allow", ["ecr:GetAuthorizationToken"], Resource="*"),
    statement("Allow", FIRST_PULL, Resource=QUAY),
]

BESIDE = [{name: value for name, value in one.items() if name != "Resource"} for one in REGISTRY]

ACTIONS = st.lists(
    st.sampled_from([*FIRST_PULL, *SURPLUS, "ecr:*", "ecr:Batch*", "*"]),
    min_size=1,
    max_size=3,
    unique=True,
)
RESOURCES = st.sampled_from([QUAY, "*", QUAY.replace("quay/*", "quay/app"), QUAY[:-2] + "*"])
PRINCIPALS = st.sampled_from(
    [
        {"Principal": "*"},
        {"Principal": {"AWS": SHOP}},
        {"Principal": {"AWS": CI}},
        {"Principal": {"AWS": STRANGER}},
        {"Principal": {"AWS": [SHOP, STRANGER]}},
    ]
)
CONDITIONS = st.sampled_from(
    [
        None,
        None,
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        of_role("ArnNotLike", f"arn:aws:iam::{SHOP}:role/node-*"),
        of_role("StringEquals", CI),
        {"StringNotEquals": {"aws:PrincipalAccount": SHOP}},
        {"StringEquals": {"aws:PrincipalAccount": SHOP}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"Bool": {"aws:ViaAWSService": "true"}},
    ]
)


@st.composite
def statements(draw: st.DrawFn, *, principal: bool, resource: bool) -> dict[str, Any]:
    """A random statement for the place that a policy is attached to."""
    made = statement(draw(st.sampled_from(["Allow", "Deny"])), draw(ACTIONS))
    if principal:
        made |= draw(PRINCIPALS)
    if resource:
        made["Resource"] = draw(RESOURCES)
    if (condition := draw(CONDITIONS)) is not None:
        made["Condition"] = condition
    return made


@st.composite
def near(draw: st.DrawFn, exact: list[dict[str, Any]], **sort: bool) -> list[dict[str, Any]]:
    """Exact statements, some of them left out, with random ones beside them."""
    kept = [one for one in exact if draw(st.integers(0, 5))]
    return [*kept, *draw(st.lists(statements(**sort), max_size=1))]


@dataclass(frozen=True)
class World:
    """The documents of one estate; `None` for a policy that is not there."""

    registry: list[dict[str, Any]]
    identity: list[dict[str, Any]]
    repository: list[dict[str, Any]] | None
    template: list[dict[str, Any]] | None
    nearer: list[dict[str, Any]] | None
    has_repository: bool
    boundary: list[dict[str, Any]] | None
    has_role: bool


WORLDS = st.builds(
    World,
    registry=near(REGISTRY, principal=True, resource=True),
    identity=near(IDENTITY, principal=False, resource=True),
    repository=st.none() | near(BESIDE, principal=True, resource=False),
    template=st.none() | near(BESIDE, principal=True, resource=False),
    nearer=st.none() | near(BESIDE, principal=True, resource=False),
    has_repository=st.booleans(),
    boundary=st.none()
    | near([statement("Allow", ["*"], Resource="*")], principal=False, resource=True),
    has_role=st.booleans(),
)


def frozen(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A JSON value as records hold it."""
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def document(entries: list[dict[str, Any]]) -> Known:
    """The policy of some statements."""
    return Known(value=frozen({"Version": "2012-10-17", "Statement": entries}), span=CODE)


def record(kind: Kind, account: AccountId, key: str, **attributes: Attribute) -> Record:
    """A record of the code; roles and their policies have no region."""
    is_global = kind in {Kind.ROLE, Kind.MANAGED_POLICY, Kind.ATTACHMENT}
    return Record(
        kind=kind,
        account=account,
        region=None if is_global else REGION,
        key=key,
        attributes=attributes,
        address=f"{kind.name.lower()}.{key.replace('/', '-') or 'this'}",
        span=CODE,
        root="root",
    )


def reading_of(world: World) -> Reading:
    """The estate of a world."""
    policy = record(Kind.MANAGED_POLICY, SHOP, "forebay-ci", policy=document(world.identity))
    assert policy.identity is not None
    records = [
        record(Kind.REGISTRY_POLICY, MAIN, "", policy=document(world.registry)),
        record(Kind.ACCOUNT_SETTING, MAIN, "REGISTRY_POLICY_SCOPE", value=Known(value="V2")),
        policy,
    ]
    if world.repository:
        found = document(world.repository)
        records.append(record(Kind.REPOSITORY_POLICY, MAIN, "quay/web", policy=found))
    for prefix, policy_text in (("quay", world.template), ("quay/new", world.nearer)):
        if policy_text is not None:
            applied = Known(value=("PULL_THROUGH_CACHE",))
            given: dict[str, Attribute] = (
                {"repository_policy": document(policy_text)} if policy_text else {}
            )
            records.append(
                record(Kind.CREATION_TEMPLATE, MAIN, prefix, applied_for=applied, **given)
            )
    if world.has_repository:
        records.append(record(Kind.REPOSITORY, MAIN, "quay/app"))
    if world.has_role:
        more: dict[str, Attribute] = {}
        if world.boundary is not None:
            limit = record(Kind.MANAGED_POLICY, SHOP, "limit", policy=document(world.boundary))
            assert limit.identity is not None
            records.append(limit)
            more["permissions_boundary"] = Link(target=limit.identity)
        records.append(record(Kind.ROLE, SHOP, "ci", **more))
        records.append(
            record(
                Kind.ATTACHMENT,
                SHOP,
                "ci:forebay-ci",
                role=Known(value="ci"),
                policy_arn=Link(target=policy.identity),
            )
        )
    root = Root(name="root", account=MAIN, first_file=CODE)
    return Reading(estate=Estate(records=tuple(records), roots=(root,)), problems=())


def the_topology() -> Topology:
    """The topology that every world is judged by."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topology.yaml"
        file.write_text(TOPOLOGY, encoding="utf-8")
        read = read_topology(file)
    assert read.topology is not None, read.findings
    return read.topology


DECLARED = the_topology()


NETWORKS: list[list[tuple[str, str]]] = [
    [("aws:SourceIp", "192.0.2.7")],
    [("aws:SourceIp", "198.51.100.7")],
    [("aws:SourceVpce", "vpce-1a2b3c4d")],
]
"""Where requests come from."""


def allowed(
    reading: Reading,
    who: str,
    action: str,
    repository: str,
    side: Side,
    network: Sequence[tuple[str, str]] = (),
) -> bool | None:
    """What replay says about one request."""
    resource = f"arn:aws:ecr:{REGION}:{MAIN}:repository/{repository}"
    question = replay_request(
        principal=who,
        action=action,
        resource=resource,
        context=[
            ("aws:SecureTransport", "true"),
            ("aws:RequestedRegion", str(REGION)),
            *network,
        ],
        registry=None,
        side=side,
    )
    found, notes = policies_of(question, DECLARED, reading.estate, reading.statement_span)
    return replay(question, found, notes).decision.allowed


def speaks(findings: list[Finding], rules: set[str]) -> bool:
    """Whether a result is of some rules, or leaves something open."""
    return any(one.rule in rules or one.kind is FindingKind.UNDECIDED for one in findings)


@settings(deadline=None, max_examples=150)
@given(world=WORLDS)
def test_check_says_of_every_request_what_replay_says(world: World) -> None:
    reading = reading_of(world)
    findings = list(check_findings(DECLARED, reading))

    assert_declared_is_allowed_or_told(world, reading, findings)
    assert_undeclared_is_denied_or_told(world, reading, findings)
    assert_witnesses_are_replayed(reading, findings)


def assert_declared_is_allowed_or_told(
    world: World, reading: Reading, findings: list[Finding]
) -> None:
    # What was told may be of any request, so there is nothing left to hold against it.
    if speaks(findings, NEEDED):
        return
    for who, actions in ((CI, FIRST_PULL), (NODE, PULL)):
        for repository, action, network in product(REPOSITORIES, actions, NETWORKS):
            answer = allowed(reading, who, action, repository, Side.BOTH, network)
            where = f"{who} {action} {repository} {network}"
            assert answer is True, f"{where}: {json.dumps(world.__dict__)}"


def assert_undeclared_is_denied_or_told(
    world: World, reading: Reading, findings: list[Finding]
) -> None:
    if speaks(findings, OVER):
        return
    undeclared = [
        *((who, action) for who in (FAR, OTHER) for action in (*FIRST_PULL, *SURPLUS)),
        *((who, action) for who in (CI, NODE) for action in SURPLUS),
        (NODE, "ecr:CreateRepository"),
    ]
    for (who, action), repository in product(undeclared, REPOSITORIES):
        answer = allowed(reading, who, action, repository, Side.RESOURCE)
        where = f"{who} {action} {repository}"
        assert answer is False, f"{where}: {json.dumps(world.__dict__)}"


def assert_witnesses_are_replayed(reading: Reading, findings: list[Finding]) -> None:
    for finding in findings:
        witness = finding.witness
        if witness is None or not witness.resource.startswith("arn:aws:ecr:"):
            continue
        words = iter(witness.replay)
        options = [(word, next(words)) for word in words]
        side = next((Side(value) for name, value in options if name == "--only"), Side.BOTH)
        context = [
            (key, value)
            for name, pair in options
            if name == "--context"
            for key, _, value in (pair.partition("="),)
        ]
        question = replay_request(
            principal=witness.principal,
            action=witness.action,
            resource=witness.resource,
            context=context,
            registry=f"{MAIN}/{REGION}",
            side=side,
        )
        found, notes = policies_of(question, DECLARED, reading.estate, reading.statement_span)
        decision = replay(question, found, notes).decision
        if finding.rule in NEEDED:
            assert decision.allowed is not True, finding.message
        elif finding.rule in OVER:
            assert decision.allowed is not False or decision.sides.denied, finding.message
