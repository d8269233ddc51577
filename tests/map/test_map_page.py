"""The page without a browser: the same bytes, its own trust alone, the right statement on each edge."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
from cli_running import MISTAKE, forebay, write_topology

from generator.map.details import Teller
from generator.map.folding import drawing
from generator.map.graph import graph_of
from generator.map.index import index_of
from generator.map.labels import node_lines
from generator.map.layout import Box, layout
from generator.map.page import page
from generator.map.panels import sizes, tokens
from generator.map.statements import Statements
from generator.map.texts import Quote
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span
from generator.report.html import html
from generator.report.report import Report
from generator.topology import read_topology
from map.estates import CHAIN, many_accounts, read, spokes

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*/topology.yaml"))
CHAINED = read(CHAIN)


def page_of(text: str) -> str:
    return page("topology.yaml", read(text), lambda span: Quote(place=str(span.line), text="x"))


def index_in(text: str) -> dict[str, list[list[int]]]:
    found = re.search(r'<script type="application/json" id="index">(.*?)</script>', text)
    assert found is not None
    document: dict[str, list[list[int]]] = json.loads(found[1])
    return document


def test_one_topology_has_one_page() -> None:
    assert page_of(CHAIN) == page_of(CHAIN)


def test_the_page_trusts_its_own_style_and_script_alone() -> None:
    text = page_of(CHAIN)

    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', text)
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[0]
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in (style, script)
    ]
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src {hashes[0]}; script-src {hashes[1]}; base-uri 'none'; "
        "form-action 'none'"
    )
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!#)""", text)
    assert not re.search(r"\bon[a-z]+=|style=", text)


@pytest.mark.parametrize("text", [CHAIN, spokes(40), many_accounts(30)])
def test_no_node_covers_another_and_no_edge_runs_behind_one(text: str) -> None:
    drawn = drawing(graph_of(read(text)), groups=160, bundles=400)
    placed = layout(drawn, [node_lines(group) for group in drawn.groups])

    boxes = placed.boxes
    assert len(boxes) == len(drawn.groups)
    for number, one in enumerate(boxes):
        assert one.x + one.width <= placed.width
        assert one.y + one.height <= placed.height
        assert not any(overlap(one, other) for other in boxes[number + 1 :])
    for curve in placed.curves:
        for box in boxes:
            for x, y in points(curve.path):
                assert not (
                    box.x + 1 < x < box.x + box.width - 1 and box.y < y < box.y + box.height
                )


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of curves and level lines."""
    found: list[tuple[float, float]] = []
    at = (0.0, 0.0)
    for letter, rest in re.findall(r"([MCH])([^MCH]*)", path):
        numbers = [float(number) for number in rest.split()]
        if letter == "M":
            at = (numbers[0], numbers[1])
        elif letter == "H":
            found += [(at[0] + (numbers[0] - at[0]) * step / 20, at[1]) for step in range(21)]
            at = (numbers[0], at[1])
        else:
            (x1, y1), (x2, y2), end = (tuple(numbers[n : n + 2]) for n in (0, 2, 4))
            for step in range(21):
                t = step / 20
                u = 1 - t
                found.append(
                    (
                        u**3 * at[0] + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * end[0],
                        u**3 * at[1] + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * end[1],
                    )
                )
            at = (end[0], end[1])
    return found


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_every_grant_and_cache_shows_the_statement_that_it_needs(file: Path) -> None:
    topology = read_topology(file).topology
    assert topology is not None
    statements = Statements(topology=topology)
    for grant in topology.grants:
        statement = statements.lets_in(grant)
        assert (statement is not None) is grant.crosses_accounts
        if statement is not None:
            document = json.loads(statement)
            assert list(grant.level.actions) == document["Action"]
            assert any(
                arn.endswith(f":repository/{grant.repositories}") for arn in document["Resource"]
            )
            account = topology.consumer_account_id(grant)
            whole = json.dumps(document)
            assert account is None or account in whole or "PrincipalOrg" in whole
        assert grant.level.actions[0] in statements.own(grant)
    for cache in topology.caches:
        assert (statements.lets_copy(cache) is not None) is cache.crosses_accounts


def test_a_grant_shows_the_statement_of_its_own_roles() -> None:
    """Two consumers of one account at one level, of which one may not be shown the other's."""
    text = CHAIN.replace("  auditors:", "  shop-all: {account: shop}\n  auditors:").replace(
        "      - {to: auditors", "      - {to: shop-all, allow: first-pull}\n      - {to: auditors"
    )
    topology = read(text)
    statements = Statements(topology=topology)

    found = {
        grant.consumer.policy_name: json.loads(statements.lets_in(grant) or "null")
        for grant in topology.grants
        if grant.cache.account == "hub"
    }

    assert "Condition" not in found["shop-all"]
    assert "role/eks-node" in json.dumps(found["shop-nodes"]["Condition"])
    assert "AWSReservedSSO_Auditor" in json.dumps(found["auditors"]["Condition"])


def test_every_grant_and_every_cache_can_be_found_by_the_filters() -> None:
    drawn = drawing(graph_of(CHAINED), groups=160, bundles=400)
    index = index_in(page_of(CHAIN))

    assert index == index_of(CHAINED, drawn)
    texts = index["texts"]
    grants = sum(len(index["caches"][row[8]]) for row in index["rows"] if row[3] >= 0)
    assert grants == len(CHAINED.grants)
    assert {texts[cache[0]] for found in index["caches"] for cache in found} == {
        "base/*", "docker-hub/*", "partner/*", "quay/*"
    }  # fmt: skip


def test_units_find_their_accounts_and_those_of_units_above() -> None:
    (file,) = [each for each in EXAMPLES if "organization" in each.parent.name]
    topology = read_topology(file).topology
    assert topology is not None
    index = index_of(topology, drawing(graph_of(topology), groups=160, bundles=400))
    texts, rows = index["texts"], index["rows"]

    units = {texts[row[3]]: texts[row[2]] for row in rows}  # type: ignore[index,call-overload]

    assert units["shop-nodes"] == units["workloads"] == units["sandbox-nodes"] == "workloads"
    assert units["everyone"] == ""


def test_each_node_and_edge_has_its_detail() -> None:
    drawn = drawing(graph_of(CHAINED), groups=160, bundles=400)

    details = list(
        Teller(topology=CHAINED, quote=lambda _: Quote(place="here", text="line")).details(drawn)
    )

    wanted = [f"n{n}" for n in range(len(drawn.groups))]
    wanted += [f"e{n}" for n in range(len(drawn.bundles))]
    assert [detail.id for detail in details] == wanted


def test_tokens_that_end_first_stand_first() -> None:
    text = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
upstreams:
  docker-hub: {credential: {secret: ecr-pullthroughcache/a, expires: 2027-05-01}}
  github: {credential: {secret: ecr-pullthroughcache/b, expires: 2027-02-01}}
  gitlab: {credential: {secret: ecr-pullthroughcache/c}}
registries: {main: {caches: {docker-hub: {}, github: {}, gitlab: {}}}}
"""

    found = [(token.expires, token.secret[-1], token.usual) for token in tokens(read(text))]

    assert found == [("2027-02-01", "b", ""), ("2027-05-01", "a", ""), ("", "c", "365 days")]


def test_sizes_are_counted_against_their_limits() -> None:
    found, more = sizes(CHAINED)

    assert more == 0
    told = {(size.what, size.of): (size.used, size.limit) for size in found}
    assert told["cache rules", "hub · eu-west-1"] == (2, 50)
    assert told["registry policy", "hub · eu-west-1"][1] == 10_240
    assert told["policy of a consumer", "forebay-shop-nodes · shop"][1] == 6_144
    assert [size.share for size in found] == sorted((size.share for size in found), reverse=True)


def test_a_topology_with_mistakes_is_a_page_of_mistakes(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    done = forebay(tmp_path, "show", "--format", "html")

    assert done.code == 1
    assert "push" in done.out
    assert 'id="map"' not in done.out


def test_a_page_quotes_no_secret_and_no_private_file(tmp_path: Path) -> None:
    write_topology(tmp_path, CHAIN)
    (tmp_path / "terraform" / "shop").mkdir(parents=True)
    (tmp_path / "terraform" / "shop" / "main.tf").write_text(
        'provider "aws" {\n  region              = "eu-west-1"\n  allowed_account_ids = ["222233334444"]\n}\n'
        'resource "aws_secretsmanager_secret_version" "token" {\n'
        '  secret_id     = "ecr-pullthroughcache/docker-hub"\n'
        '  secret_string = "{\\"username\\": \\"me\\", \\"token\\": \\"TheValue4711\\"}"\n}\n',
        "utf-8",
    )

    done = forebay(tmp_path, "check", "--report", "html=report.html")

    text = (tmp_path / "report.html").read_text("utf-8")
    assert "secret-keys" in done.out
    assert "(sensitive value)" in text
    assert "TheValue4711" not in text


def test_a_plan_has_a_page_of_its_own(tmp_path: Path) -> None:
    plan = {"format_version": "1.2", "resource_changes": [], "configuration": {"root_module": {}}}
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")

    done = forebay(tmp_path, "plan", "plan.json", "--report", "html=report.html")

    assert done.code in {0, 3}, done.err
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "forebay plan" in text
    assert "1 plan changes nothing" in text


def test_the_command_of_each_grant_asks_for_that_grant(tmp_path: Path) -> None:
    write_topology(tmp_path, CHAIN)
    drawn = drawing(graph_of(CHAINED), groups=160, bundles=400)
    teller = Teller(topology=CHAINED, quote=lambda _: Quote(place="here", text="line"))

    commands = [
        shlex.split(block.text)
        for detail in teller.details(drawn)
        for block in detail.blocks
        if block.title == "Ask"
    ]

    assert len(commands) == 3
    for forebay_, *words in commands:
        assert forebay_ == "forebay"
        done = forebay(tmp_path, *words)
        # Whether ECR may read on from another registry is not always told by the topology alone.
        expected = {0, 3} if "shop/eu-west-1" in words else {0}
        assert done.code in expected, (words, done.out, done.err)


def test_thousands_of_results_stay_a_page_that_can_be_opened(tmp_path: Path) -> None:
    code = tmp_path / "main.tf"
    code.write_text("resource {}\n" * 3000, "utf-8")
    findings = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="grant-undeclared",
            severity=Severity.HIGH,
            title=f"Finding {n}",
            message="A sentence that says what is wrong, and what to do about it. " * 4,
            subject=str(n),
            location=Span(file=code, line=n, column=1, end_line=n, end_column=9),
        )
        for n in range(1, 3001)
    )

    text = html(Report(command="check", findings=findings, topology=CHAINED))

    assert len(text.encode()) < 5_000_000
    assert text.count('class="what">Finding ') == 3000
    assert text.count("resource {}") == 300
    assert "The last 2700 are shown without their code" in text
