"""`drift` and `check` of plans and states: what combinations mean, and that nothing secret is shown."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

from state.state_samples import IN_MAIN, MAIN, SHOP, Sample, literal, plan, provider, quay, state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ONE_ACCOUNT = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
registries:
  main:
    caches:
      quay: {}
"""
TWO_ACCOUNTS = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  all:
    accounts: all
    caches:
      quay: {}
"""
IN_SHOP = {"aws": provider(allowed_account_ids=literal([SHOP]), region=literal("eu-west-1"))}
SECRET = "hunter2-hunter2"
OPEN_POLICY = Sample(
    type="aws_ecr_registry_policy",
    name="it",
    values={
        "region": "eu-west-1",
        "registry_id": MAIN,
        "policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "ecr:BatchImportUpstreamImage",
                        "Resource": "*",
                    }
                ],
            }
        ),
    },
)


def write(folder: Path, name: str, document: Mapping[str, object]) -> None:
    (folder / name).write_text(json.dumps(document), encoding="utf-8")


def rules(results: Sequence[Mapping[str, object]]) -> list[tuple[object, object]]:
    return [(result["kind"], result["rule"]) for result in results]


def results_of(folder: Path, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    """The exit code, and the results that are not only for information."""
    ran = forebay(folder, *arguments, "--format", "json")
    return ran.code, [one for one in ran.document["results"] if one["severity"] != "info"]


def test_a_plan_that_does_what_the_topology_says_is_silent(tmp_path: Path) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "plan.json", plan([quay()]))

    for command in ("drift", "check"):
        assert results_of(tmp_path, command, "--plan", "plan.json") == (0, [])


@pytest.mark.parametrize(
    ("resources", "rule"),
    [
        ([quay(upstream_registry_url="ghcr.io")], "different"),
        ([], "missing"),
        ([quay(), quay(ecr_repository_prefix="more")], "unexpected"),
        ([quay(), quay()], "two-owners"),
    ],
)
@pytest.mark.parametrize("source", ["plan", "state"])
def test_what_a_plan_or_state_has_otherwise_is_drift(
    tmp_path: Path, source: str, resources: list[Sample], rule: str
) -> None:
    exists = Sample(
        type="aws_iam_role", name="x", values={"name": "x", "arn": f"arn:aws:iam::{MAIN}:role/x"}
    )
    write_topology(tmp_path, ONE_ACCOUNT)
    made = {"plan": plan, "state": state}[source]([*resources, exists])
    write(tmp_path, "it.json", made)

    code, (result,) = results_of(tmp_path, "drift", f"--{source}", "it.json")

    assert (code, result["kind"], result["rule"]) == (2, "drift", rule)
    location = result["location"]
    assert isinstance(location, dict)
    assert location["file"] == "it.json"


def test_policies_of_a_plan_are_judged(tmp_path: Path) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "plan.json", plan([quay(), OPEN_POLICY]))

    code, results = results_of(tmp_path, "check", "--plan", "plan.json")

    assert (code, rules(results)) == (2, [("finding", "grant-any-principal")])


def test_accounts_without_a_plan_are_named_once_and_not_missing(tmp_path: Path) -> None:
    write_topology(tmp_path, TWO_ACCOUNTS)
    write(tmp_path, "plan.json", plan([quay()]))

    ran = forebay(tmp_path, "drift", "--plan", "plan.json", "--format", "json")

    assert (ran.code, rules(ran.document["results"])) == (0, [("finding", "not-compared")])


def test_plans_of_several_roots_are_one_picture(tmp_path: Path) -> None:
    write_topology(tmp_path, TWO_ACCOUNTS)
    write(tmp_path, "main.json", plan([quay()]))
    write(tmp_path, "shop.json", plan([quay()], providers=IN_SHOP))
    write(tmp_path, "more.json", plan([quay()], providers=IN_SHOP))
    both = ("drift", "--plan", "main.json", "--plan", "shop.json")

    assert results_of(tmp_path, *both) == (0, [])
    code, results = results_of(tmp_path, *both, "--plan", "more.json")
    assert (code, rules(results)) == (2, [("drift", "two-owners")])


def test_a_plan_of_an_account_that_the_topology_does_not_name_proves_nothing(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "plan.json", plan([quay()], providers=IN_SHOP))

    code, results = results_of(tmp_path, "drift", "--plan", "plan.json")

    assert (code, rules(results)) == (3, [("undecided", "nothing-compared")])


def test_a_plan_that_tells_no_account_cannot_be_compared(tmp_path: Path) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "plan.json", plan([], providers={"aws": provider()}))

    code, results = results_of(tmp_path, "drift", "--plan", "plan.json")

    assert (code, rules(results)) == (3, [("undecided", "nothing-compared")])


def test_a_plan_that_is_not_complete_has_nothing_missing_for_sure(tmp_path: Path) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "plan.json", plan([], complete=False))

    code, results = results_of(tmp_path, "drift", "--plan", "plan.json")

    assert (code, rules(results)) == (3, [("undecided", "unread-module")])


CODE = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_secretsmanager_secret" "it" {
  name = "ecr-pullthroughcache/x"
}

resource "aws_ecr_pull_through_cache_rule" "it" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.it.arn
}
"""


def test_the_code_says_what_the_plan_leaves_open(tmp_path: Path) -> None:
    write_topology(
        tmp_path,
        ONE_ACCOUNT.replace("quay: {}", "docker-hub: {credential: ecr-pullthroughcache/x}"),
    )
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.tf").write_text(CODE, encoding="utf-8")
    rule = Sample(
        type=quay().type,
        name="it",
        values={
            "ecr_repository_prefix": "docker-hub",
            "upstream_registry_url": "registry-1.docker.io",
            "region": "eu-west-1",
        },
        unknown={"credential_arn": True},
        written=("credential_arn",),
    )
    write(tmp_path, "plan.json", plan([rule]))

    alone = results_of(tmp_path, "drift", "--plan", "plan.json")
    with_code = results_of(tmp_path, "drift", "--plan", "plan.json", "--code", "code")

    assert (alone[0], rules(alone[1])) == (3, [("undecided", "different")])
    assert with_code == (0, [])


def test_the_code_is_not_needed_for_a_plan_and_judged_when_it_is_named(tmp_path: Path) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    assert forebay(tmp_path, "generate", "--out", "code").code == 0
    write(tmp_path, "plan.json", plan([]))
    write(tmp_path, "state.json", state([quay(registry_id=MAIN)]))

    code, results = results_of(
        tmp_path, "drift", "--plan", "plan.json", "--state", "state.json", "--code", "code"
    )

    assert (code, [result["title"] for result in results]) == (
        2,
        ["The plan has no cache rule quay"],
    )


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    content = json.dumps(plan([])).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    code, (result,) = results_of(tmp_path, "drift", "--plan", "-")

    assert code == 2
    location = result["location"]
    assert isinstance(location, dict)
    assert location["file"] == "<stdin>"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plan", "it.json", "--state", "it.json"), "is named twice"),
        (("--plan", "-", "--plan", "-"), "`-` is named twice"),
        (("--plan", "nothing.json"), "nothing.json"),
        (("--plan", "."), "is a folder"),
        (("--plan", ""), "the name is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    write_topology(tmp_path, ONE_ACCOUNT)
    write(tmp_path, "it.json", plan([]))

    ran = forebay(tmp_path, "drift", *arguments)

    assert ran.code == 1
    assert words in ran.err


@pytest.mark.parametrize(
    "format_", ["human", "json", "sarif", "github", "markdown", "gitlab", "junit"]
)
@pytest.mark.parametrize("command", ["drift", "check"])
def test_no_report_shows_a_secret(tmp_path: Path, format_: str, command: str) -> None:
    secret = Sample(
        type="aws_secretsmanager_secret_version",
        name="it",
        values={"secret_string": SECRET, "secret_id": "ecr-pullthroughcache/x"},
        sensitive={"secret_string": True},
    )
    hidden = Sample(
        type="aws_ecr_registry_policy",
        name="hidden",
        values={"policy": f'{{"Statement": "{SECRET}"}}', "region": "eu-west-1"},
        sensitive={"policy": True},
    )
    document = plan(
        [quay(upstream_registry_url="ghcr.io"), secret, OPEN_POLICY, hidden],
        variables={"token": {"value": SECRET}},
        providers=IN_MAIN,
    )
    write_topology(tmp_path, ONE_ACCOUNT)
    for indent, name in ((None, "plan.json"), (1, "lines.json")):
        (tmp_path / name).write_text(json.dumps(document, indent=indent), encoding="utf-8")

        ran = forebay(tmp_path, command, "--plan", name, "--format", format_)

        assert ran.code == 2
        assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize(
    ("value", "stages", "code"),
    [
        ("placeholder", ["forebay-placeholder"], 0),
        ("placeholder", ["AWSPREVIOUS", "forebay-placeholder"], 0),
        ("placeholder", ["AWSCURRENT"], 2),
        ("{variable: hub, version: 1}", ["AWSCURRENT"], 0),
        ("{variable: hub, version: 1}", ["AWSPREVIOUS"], 0),
        ("{variable: hub, version: 1}", ["mine"], 2),
    ],
)
def test_a_rotation_that_moves_the_labels_of_aws_is_no_drift(
    tmp_path: Path, value: str, stages: list[str], code: int
) -> None:
    name = "ecr-pullthroughcache/hub"
    arn = f"arn:aws:secretsmanager:eu-west-1:{MAIN}:secret:{name}-aB3dE6"
    write_topology(
        tmp_path,
        ONE_ACCOUNT.replace(
            "quay: {}", f"docker-hub: {{credential: {{secret: {name}, value: {value}}}}}"
        ),
    )
    rule = quay(
        ecr_repository_prefix="docker-hub",
        upstream_registry_url="registry-1.docker.io",
        credential_arn=arn,
    )
    secret = Sample(
        type="aws_secretsmanager_secret",
        name="hub",
        values={"name": name, "arn": arn, "recovery_window_in_days": 30, "policy": ""},
    )
    version = Sample(
        type="aws_secretsmanager_secret_version",
        name="hub",
        values={
            "secret_id": arn,
            "arn": arn,
            "version_stages": stages,
            "secret_string_wo_version": 1,
        },
    )
    write(tmp_path, "state.json", state([rule, secret, version]))

    assert results_of(tmp_path, "drift", "--state", "state.json")[0] == code


TEMPLATE = """
resource "aws_ecr_repository_creation_template" "it" {
  prefix               = "quay"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"

  encryption_configuration {
    encryption_type = "AES256"
    kms_key         = null
  }
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""


def test_the_code_says_a_part_that_the_plan_leaves_open(tmp_path: Path) -> None:
    template = Sample(
        type="aws_ecr_repository_creation_template",
        name="it",
        values={
            "prefix": "quay",
            "applied_for": ["PULL_THROUGH_CACHE"],
            "image_tag_mutability": "MUTABLE",
            "region": "eu-west-1",
            "encryption_configuration": [{"kms_key": None}],
        },
        unknown={"encryption_configuration": [{"encryption_type": True}]},
    )
    write_topology(
        tmp_path,
        ONE_ACCOUNT.replace(
            "registries:",
            "defaults: {creation_template: it}\ncreation_templates: {it: {mutability: MUTABLE}}\nregistries:",
        ),
    )
    (tmp_path / "code").mkdir()
    head = CODE.partition("resource")[0]
    (tmp_path / "code" / "main.tf").write_text(head + TEMPLATE, encoding="utf-8")
    write(tmp_path, "plan.json", plan([quay(), template]))

    alone = results_of(tmp_path, "drift", "--plan", "plan.json")
    with_code = results_of(tmp_path, "drift", "--plan", "plan.json", "--code", "code")

    assert (alone[0], rules(alone[1])) == (3, [("undecided", "different")])
    assert with_code == (0, [])
