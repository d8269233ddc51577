"""`forebay plan`: many plans in one summary, and what it cannot tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from state.state_samples import MAIN, SHOP, Sample, literal, plan, provider, quay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def policy(actions: Sequence[str] = PULL, **more: object) -> Sample:
    """A registry policy that lets the other account pull."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Shop",
                "Effect": "Allow",
                "Principal": {"AWS": SHOP},
                "Action": list(actions),
                "Resource": f"arn:aws:ecr:eu-west-1:{MAIN}:repository/quay/*",
                **more,
            }
        ],
    }
    return Sample(
        type="aws_ecr_registry_policy",
        name="it",
        values={"region": "eu-west-1", "registry_id": MAIN, "policy": json.dumps(document)},
        actions=("update",),
    )


def changed(before: Sequence[Sample], after: Sequence[Sample], **more: object) -> dict[str, object]:
    """A plan that begins with some resources and ends with others."""
    document = plan(after, **more)
    document["prior_state"] = {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [one.content for one in before]}},
    }
    gone = {one.address for one in before} - {one.address for one in after}
    changes = document["resource_changes"]
    assert isinstance(changes, list)
    for one in before:
        if one.address in gone:
            changes.append(
                {
                    "address": one.address,
                    "type": one.type,
                    "mode": "managed",
                    "change": {"actions": ["delete"], "after_unknown": {}},
                }
            )
    return document


def write(folder: Path, name: str, document: Mapping[str, object]) -> str:
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return name


def test_many_plans_stand_in_one_table_and_quiet_ones_are_counted(tmp_path: Path) -> None:
    nothing = Sample(type=quay().type, name="quay", values=quay().values, actions=("no-op",))
    names = [
        write(tmp_path, "hub.json", changed([policy()], [policy(["ecr:BatchGetImage"])])),
        write(tmp_path, "new.json", changed([], [quay()])),
        write(tmp_path, "quiet-1.json", changed([nothing], [nothing])),
        write(tmp_path, "quiet-2.json", changed([nothing], [nothing])),
    ]

    ran = forebay(tmp_path, "plan", *names)

    assert ran.code == 0
    table = ran.out.split("\n\n", maxsplit=1)[0].splitlines()
    assert [line.split() for line in table[2:]] == [
        ["hub.json", MAIN, "0", "0", "1", "0", "narrower:", "1"],
        ["new.json", MAIN, "0", "1", "0", "0", "as", "before"],
        ["2", "plans", "change", "nothing."],
    ]
    assert "warning[pulls-narrower]" in ran.out
    assert "`ecr:GetDownloadUrlForLayer`" in ran.out


def test_a_policy_that_is_only_written_in_another_way_harms_nothing(tmp_path: Path) -> None:
    same = policy(PULL[::-1], Principal={"AWS": [f"arn:aws:iam::{SHOP}:root"]}, Sid="Renamed")
    name = write(tmp_path, "plan.json", changed([policy()], [same]))

    ran = forebay(tmp_path, "plan", name, "--fail-on-interruption", "--format", "json")

    assert ran.code == 0
    assert ran.document["plans"][0]["interruptions"] == []


TOPOLOGY = f"""\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
  main: {{id: "{MAIN}", registry_policy: create}}
  shop: {{id: "{SHOP}"}}
upstreams:
  docker-hub: {{credential: ecr-pullthroughcache/docker-hub}}
registries:
  main:
    caches: {{quay: {{}}, docker-hub: {{}}}}
    grants: [{{to: {{account: shop}}, allow: pull}}]
"""


def test_the_page_shows_on_the_map_what_a_plan_stops_and_tells_what_is_lost(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, "utf-8")
    write(tmp_path, "hub.json", changed([policy(), quay()], [policy(["ecr:BatchGetImage"])]))

    ran = forebay(tmp_path, "plan", "hub.json", "--format", "json", "--report", "html=page.html")

    narrower, stop = ran.document["results"]
    assert narrower["witness"]["action"] == "ecr:GetDownloadUrlForLayer"
    page = (tmp_path / "page.html").read_text("utf-8")
    told = page.partition("Step by step")[2].partition("</ol>")[0]
    assert "Principal fits, Action does not fit, Resource fits" in told
    assert "denied: no Allow statement matches" in told
    first, second = (one.partition('"')[0].split() for one in page.split('data-show="')[1:3])
    assert all(f'id="{name}"' in page for name in (*first, *second))
    # The rule's own edge, and not that of the other cache.
    (edge,) = [name for name in second if name.startswith("e")]
    assert 'aria-label="quay to main' in page.partition(f'id="{edge}"')[2].partition(">")[0]
    assert stop["witness"] is None


def test_a_topology_with_mistakes_stops_the_page_that_would_show_it(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY.replace("pull", "push"), "utf-8")
    write(tmp_path, "hub.json", changed([quay()], [quay()]))

    assert forebay(tmp_path, "plan", "hub.json").code == 0
    told = forebay(tmp_path, "plan", "hub.json", "--report", "html=page.html")
    assert told.code == 1
    assert "invalid-value" in told.out + told.err


def test_a_deny_that_is_added_is_narrower(tmp_path: Path) -> None:
    before, after = policy(), policy()
    document = json.loads(str(after.values["policy"]))
    document["Statement"].append(
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage", "Resource": "*"}
    )
    denied = Sample(
        type=after.type,
        name=after.name,
        values={**after.values, "policy": json.dumps(document)},
        actions=("update",),
    )
    name = write(tmp_path, "plan.json", changed([before], [denied]))

    ran = forebay(tmp_path, "plan", name, "--fail-on-interruption")

    assert ran.code == 2
    assert "high[pulls-narrower]" in ran.out


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ([quay()], [], "pulls-stop"),
        (
            [quay()],
            [
                Sample(
                    type=quay().type,
                    name="quay",
                    values=quay().values,
                    actions=("delete", "create"),
                )
            ],
            "pulls-stop",
        ),
        ([policy()], [], "pulls-stop"),
    ],
    ids=["a rule that goes", "a rule that is replaced", "a policy that goes"],
)
def test_what_carries_pulls_and_goes_stops_them(
    before: list[Sample], after: list[Sample], rule: str, tmp_path: Path
) -> None:
    name = write(tmp_path, "plan.json", changed(before, after))

    ran = forebay(tmp_path, "plan", name, "--fail-on-interruption", "--format", "json")

    assert ran.code == 2
    assert [result["rule"] for result in ran.document["results"]] == [rule]


def test_a_policy_that_only_an_apply_tells_ends_with_3(tmp_path: Path) -> None:
    unknown = Sample(
        type="aws_ecr_registry_policy",
        name="it",
        values={"region": "eu-west-1", "registry_id": MAIN},
        unknown={"policy": True},
        actions=("update",),
        written=("policy",),
    )
    name = write(tmp_path, "plan.json", changed([policy()], [unknown]))

    ran = forebay(tmp_path, "plan", name)

    assert ran.code == 3
    assert "undecided[pulls-not-told]" in ran.out


def test_a_plan_that_is_not_complete_and_one_that_is_none_are_said_beside_the_rest(
    tmp_path: Path,
) -> None:
    part = write(tmp_path, "part.json", changed([], [quay()], complete=False))
    (tmp_path / "none.json").write_text("{", encoding="utf-8")

    ran = forebay(tmp_path, "plan", part, "none.json", "--format", "json")

    assert ran.code == 1
    assert {(result["kind"], result["rule"]) for result in ran.document["results"]} == {
        ("error", "unreadable-file"),
        ("undecided", "unread-module"),
    }
    assert len(ran.document["plans"]) == 1


def test_a_moved_resource_harms_nothing(tmp_path: Path) -> None:
    moved = Sample(type=quay().type, name="other", values=quay().values, actions=("no-op",))
    document = changed([quay()], [moved])
    changes = document["resource_changes"]
    assert isinstance(changes, list)
    document["resource_changes"] = [{**changes[0], "previous_address": quay().address}]
    name = write(tmp_path, "plan.json", document)

    ran = forebay(tmp_path, "plan", name, "--fail-on-interruption")

    assert ran.code == 0, ran.out


def test_the_comment_holds_the_table(tmp_path: Path) -> None:
    name = write(tmp_path, "plan.json", changed([quay()], []))

    ran = forebay(tmp_path, "plan", name, "--format", "markdown")

    assert "```text\nPlans\n  PLAN       ACCOUNT" in ran.out


def test_no_plan_and_the_same_plan_twice_are_refused(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        "plan.json",
        changed([], [quay()], providers={"aws": provider(region=literal("eu-west-1"))}),
    )

    assert forebay(tmp_path, "plan").code == 1
    twice = forebay(tmp_path, "plan", name, name)
    assert twice.code == 1
    assert "a plan is named twice" in twice.err
    assert forebay(tmp_path, "plan", "missing.json").code == 1
