"""Results that a person accepts: in comments, in a file, and exactly so much access."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from generator.hcl.suppressions import read_suppressions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
registries:
  main:
    caches:
      quay: {}
"""
PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

"""
RULE = """\
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

"""
UNEXPECTED = """\
resource "aws_ecr_pull_through_cache_rule" "more" {
  ecr_repository_prefix = "more"
  upstream_registry_url = "public.ecr.aws"
}
"""
QUAY = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
ACCEPT = '# forebay: ignore[unexpected] reason="until it has moved"\n'


def policy(*statements: tuple[str, str, str], comment: str = "") -> str:
    """A registry policy with statements of a principal, an action and a resource."""
    written = "".join(
        f"""\
      {comment}
      {{
        Effect    = "Allow"
        Principal = {{ AWS = "{principal}" }}
        Action    = [{", ".join(f'"{action}"' for action in actions.split(","))}]
        Resource  = "{resource}"
      }},
"""
        for principal, actions, resource in statements
    )
    return f"""\
resource "aws_ecr_registry_policy" "it" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
{written}    ]
  }})
}}
"""


FOREIGN = ("arn:aws:iam::999988887777:root", "ecr:BatchImportUpstreamImage", QUAY)
ACCESS = f"999988887777 ecr:BatchImportUpstreamImage {QUAY}"


def run(
    folder: Path, command: str, code: str, *arguments: str, ignore: str = ""
) -> tuple[int, list[tuple[str, str]], dict[str, int]]:
    """Exit code, kind and rule of each result that is not information, and the summary."""
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    (folder / "terraform").mkdir(exist_ok=True)
    (folder / "terraform" / "main.tf").write_text(code, encoding="utf-8")
    if ignore:
        (folder / "forebay-ignore.yaml").write_text(ignore, encoding="utf-8")
    ran = forebay(folder, command, "--format", "json", *arguments)
    document = ran.document
    told = [one for one in document["results"] if one["severity"] != "info"]
    return ran.code, [(one["kind"], one["rule"]) for one in told], document["summary"]


WITHOUT = PROVIDER + RULE + UNEXPECTED


@pytest.mark.parametrize(
    "code",
    [
        PROVIDER + RULE + ACCEPT + UNEXPECTED,
        PROVIDER + RULE + ACCEPT.replace("#", "//") + UNEXPECTED,
        PROVIDER + RULE + ACCEPT.replace("#", "/*").replace("\n", " */\n") + UNEXPECTED,
        PROVIDER + RULE + ACCEPT + "# It goes away in May.\n" + UNEXPECTED,
        PROVIDER + RULE + UNEXPECTED.replace("{\n", "{ " + ACCEPT, 1),
        PROVIDER + RULE + ACCEPT.replace("[unexpected]", "[missing, unexpected]") + UNEXPECTED,
        PROVIDER + RULE + ACCEPT.replace(" reason", " until=2999-12-31 reason") + UNEXPECTED,
    ],
)
def test_a_comment_on_or_above_the_line_accepts_a_result(tmp_path: Path, code: str) -> None:
    code_, results, summary = run(tmp_path, "drift", code)

    assert (code_, results, summary["suppressed"], summary["drift"]) == (0, [], 1, 0)


@pytest.mark.parametrize(
    "code",
    [
        PROVIDER + ACCEPT + RULE + UNEXPECTED,
        PROVIDER + RULE + ACCEPT + "\n" + UNEXPECTED,
        PROVIDER + RULE + ACCEPT.replace("unexpected", "missing") + UNEXPECTED,
        PROVIDER + RULE + ACCEPT.replace("[unexpected]", "[undecided/unexpected]") + UNEXPECTED,
    ],
)
def test_a_comment_elsewhere_or_for_another_rule_accepts_nothing_and_is_found(
    tmp_path: Path, code: str
) -> None:
    _, results, summary = run(tmp_path, "drift", code)

    assert sorted(results) == [("drift", "unexpected"), ("finding", "suppression-unused")]
    assert summary["suppressed"] == 0


def test_a_text_that_looks_like_a_comment_accepts_nothing(tmp_path: Path) -> None:
    text = f"locals {{\n  it = <<-EOT\n    {ACCEPT}  EOT\n}}\n"

    _, results, _ = run(tmp_path, "drift", PROVIDER + RULE + text + UNEXPECTED)

    assert results == [("drift", "unexpected")]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# forebay: ignore[unexpected]", "no reason"),
        ('# forebay: ignore[unexpected] reason=""', "no reason"),
        ('# forebay: ignore[] reason="x"', "no rule"),
        ('# forebay: ignore reason="x"', "not understood"),
        ("# forebay: ignore[unexpected] reason=moves in May", "not understood"),
        ('# forebay: ignore[unexpected] reason="x" until=May', "not a day"),
        ('# forebay: ignore[unexpected] reason="x" until=2027-02-30', "not a day"),
        ('# forebay: ignore[unexpected] reason="x" reason="y"', "two values"),
        ('# forebay: ignore[unexpected] reason="x" access="everything"', "not an access"),
        ('# forebay: ignore[unexpectd] reason="x"', "`unexpectd`"),
    ],
)
def test_a_comment_that_is_wrong_is_a_finding_and_accepts_nothing(
    tmp_path: Path, comment: str, words: str
) -> None:
    code = PROVIDER + RULE + comment + "\n" + UNEXPECTED
    run(tmp_path, "drift", code)

    results = forebay(tmp_path, "drift", "--format", "json").document["results"]

    assert {one["rule"] for one in results} == {"unexpected", "suppression-invalid"}
    assert words in next(one["message"] for one in results if one["rule"] == "suppression-invalid")


def test_an_expired_comment_is_a_finding_and_accepts_nothing(tmp_path: Path) -> None:
    comment = ACCEPT.replace(" reason", " until=2020-01-31 reason")

    _, results, _ = run(tmp_path, "drift", PROVIDER + RULE + comment + UNEXPECTED)

    assert sorted(results) == [("drift", "unexpected"), ("finding", "suppression-expired")]


def test_a_comment_about_the_other_command_is_not_unused(tmp_path: Path) -> None:
    code, results, _ = run(tmp_path, "check", PROVIDER + RULE + ACCEPT + UNEXPECTED)

    assert (code, results) == (0, [])


def test_an_error_is_never_accepted(tmp_path: Path) -> None:
    broken = '# forebay: ignore[unreadable-file] reason="x"\nresource "x" {\n'
    entry = "- {rule: unreadable-file, file: terraform/*, reason: x}"

    code, results, _ = run(tmp_path, "drift", broken, ignore=f"version: 1\nignore:\n  {entry}\n")

    assert code == 1
    assert ("error", "unreadable-file") in results


def test_what_could_not_be_decided_is_accepted_only_by_that_name(tmp_path: Path) -> None:
    comment = '# forebay: ignore[RULE] reason="x"\n'
    named = PROVIDER + RULE.replace('"quay.io"', "var.host") + comment + 'variable "host" {}\n'

    plain = run(tmp_path, "drift", named.replace("RULE", "different"))
    exact = run(tmp_path, "drift", named.replace("RULE", "undecided/different"))

    assert ("undecided", "different") in plain[1]
    assert (exact[0], exact[1], exact[2]["suppressed"]) == (0, [], 1)


def test_access_that_is_too_wide_needs_to_be_named(tmp_path: Path) -> None:
    code = (
        PROVIDER
        + RULE
        + policy(FOREIGN, comment='# forebay: ignore[grant-outside-topology] reason="a partner"')
    )

    _, results, summary = run(tmp_path, "check", code)

    assert sorted(results) == [
        ("finding", "grant-outside-topology"),
        ("finding", "suppression-invalid"),
    ]
    assert summary["suppressed"] == 0


def accepted(access: str) -> str:
    return f'# forebay: ignore[grant-outside-topology] reason="a partner" access="{access}"'


def test_access_that_is_named_is_accepted(tmp_path: Path) -> None:
    code = PROVIDER + RULE + policy(FOREIGN, comment=accepted(ACCESS))

    result = run(tmp_path, "check", code)

    assert (result[0], result[1], result[2]["suppressed"]) == (0, [], 1)


@pytest.mark.parametrize(
    "wider",
    [
        ("*", FOREIGN[1], FOREIGN[2]),
        ("arn:aws:iam::999988886666:root", FOREIGN[1], FOREIGN[2]),
        (FOREIGN[0], "ecr:BatchImportUpstreamImage,ecr:CreateRepository", FOREIGN[2]),
        (FOREIGN[0], FOREIGN[1], QUAY.replace("quay", "qu*")),
        (FOREIGN[0], FOREIGN[1], "*"),
    ],
)
def test_other_access_in_the_same_statement_is_still_found(
    tmp_path: Path, wider: tuple[str, str, str]
) -> None:
    comment = accepted(ACCESS).replace(
        "[grant-outside-topology]", "[grant-outside-topology,grant-any-principal]"
    )
    code = PROVIDER + RULE + policy(wider, comment=comment)

    exit_code, results, _ = run(tmp_path, "check", code)

    assert exit_code == 2
    assert {rule for _, rule in results} & {"grant-outside-topology", "grant-any-principal"}


def test_other_access_in_another_statement_is_still_found(tmp_path: Path) -> None:
    code = PROVIDER + RULE + policy(FOREIGN, comment=accepted(ACCESS))
    other = policy(("arn:aws:iam::999988886666:root", FOREIGN[1], QUAY)).split("Statement = [\n")[1]
    code = code.replace("Statement = [\n", "Statement = [\n" + other.split("    ]\n")[0])

    _, results, summary = run(tmp_path, "check", code)

    assert results == [("finding", "grant-outside-topology")]
    assert summary["suppressed"] == 1


ENTRY: Mapping[str, object] = {
    "rule": "unexpected",
    "file": "terraform/*",
    "reason": "moves in May",
}


def ignore(**changes: object) -> str:
    entry = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    return json.dumps({"version": 1, "ignore": [entry]})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"file": None, "address": "aws_ecr_pull_through_cache_rule.m?re"},
        {"address": "*.more", "until": "2999-12-31"},
    ],
)
def test_an_entry_of_the_ignore_file_accepts_what_it_describes(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    result = run(tmp_path, "drift", WITHOUT, ignore=ignore(**changes))

    assert (result[0], result[1], result[2]["suppressed"]) == (0, [], 1)


def test_an_entry_can_name_a_fingerprint(tmp_path: Path) -> None:
    run(tmp_path, "drift", WITHOUT)
    (found,) = forebay(tmp_path, "drift", "--format", "json").document["results"]

    result = run(
        tmp_path, "drift", WITHOUT, ignore=ignore(file=None, fingerprint=found["fingerprint"])
    )

    assert (result[0], result[1]) == (0, [])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"file": "other/*"}, "suppression-unused"),
        ({"address": "x"}, "suppression-unused"),
        ({"rule": "missing"}, "suppression-unused"),
        ({"until": "2020-01-31"}, "suppression-expired"),
        ({"rule": "unexpectd"}, "suppression-invalid"),
    ],
)
def test_an_entry_that_accepts_nothing_is_a_finding(
    tmp_path: Path, changes: dict[str, object], rule: str
) -> None:
    _, results, _ = run(tmp_path, "drift", WITHOUT, ignore=ignore(**changes))

    assert sorted(results) == [("drift", "unexpected"), ("finding", rule)]


def test_an_entry_accepts_access_in_code_that_has_no_comments(tmp_path: Path) -> None:
    entry = ignore(rule="grant-outside-topology", access=[ACCESS])

    result = run(tmp_path, "check", PROVIDER + RULE + policy(FOREIGN), ignore=entry)

    assert (result[0], result[1], result[2]["suppressed"]) == (0, [], 1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty-value"),
        ("version: 1\n", "missing-key"),
        ("ignore: []\n", "missing-key"),
        (ignore(reason=None), "missing-key"),
        (ignore(file=None), "missing-key"),
        (ignore(reason=" "), "invalid-value"),
        (ignore(fingerprint="abc"), "invalid-value"),
        (ignore(until="soon"), "invalid-value"),
        (ignore(access=["all of it"]), "invalid-value"),
        (ignore(resaon="x"), "unknown-key"),
        (ignore() + "\n---\n{}\n", "second-document"),
    ],
)
def test_a_mistake_in_the_ignore_file_stops_the_run(tmp_path: Path, text: str, rule: str) -> None:
    code, results, _ = run(tmp_path, "drift", WITHOUT, ignore=text or "\n")

    assert code == 1
    assert ("finding", rule) in results


def test_the_ignore_file_can_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "accepted.yaml").write_text(ignore(), encoding="utf-8")

    assert run(tmp_path, "drift", WITHOUT, "--ignore-file", "accepted.yaml")[0] == 0
    ran = forebay(tmp_path, "drift", "--ignore-file", "nothing.yaml")
    assert (ran.code, "nothing.yaml" in ran.err) == (1, True)


def test_comments_in_files_that_cannot_be_read_are_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_bytes(b"# forebay: ignore[x]\xff")
    (tmp_path / "b.tf").write_text('# forebay: ignore[x]\nx = "', encoding="utf-8")

    files = [tmp_path / "a.tf", tmp_path / "b.tf", tmp_path / "c.tf"]

    assert read_suppressions(files, project_root=tmp_path) == ([], [])


def test_without_a_topology_comments_count_too(tmp_path: Path) -> None:
    code = policy(("arn:aws:iam::222233334444:root", "ecr:*", "*"))
    run(tmp_path, "drift", PROVIDER + code)
    check = ("check", "--no-topology", "--code", "terraform", "--format", "json")
    before = list(forebay(tmp_path, *check).document["results"])
    named = {one["rule"] for one in before if one["severity"] != "info"}
    comment = f'# forebay: ignore[{", ".join(named)}, grant-missing] reason="x"'
    lines = (PROVIDER + code).splitlines()
    for number in sorted({one["location"]["line"] for one in before}, reverse=True):
        lines.insert(number - 1, comment)
    (tmp_path / "terraform" / "main.tf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    after = forebay(tmp_path, *check).document

    assert named
    assert [one for one in after["results"] if one["severity"] != "info"] == []
    assert after["summary"]["suppressed"] == len(before)


IMMUTABLE = TOPOLOGY.replace(
    "registries:",
    "creation_templates: {kept: {mutability: IMMUTABLE}}\nregistries:",
).replace("quay: {}", "quay: {creation_template: kept}")


@pytest.mark.parametrize("rule", ["cache-immutable", "immutable-cache"])
def test_one_entry_accepts_a_warning_of_validate_and_of_check(tmp_path: Path, rule: str) -> None:
    (tmp_path / "topology.yaml").write_text(IMMUTABLE)
    forebay(tmp_path, "generate")
    assert forebay(tmp_path, "validate", "--strict").code == 2
    (tmp_path / "forebay-ignore.yaml").write_text(
        f'version: 1\nignore:\n  - {{rule: {rule}, file: "*", reason: "the partner never moves"}}\n'
    )

    validated = forebay(tmp_path, "validate", "--strict", "--format", "json")

    assert (validated.code, validated.document["summary"]["suppressed"]) == (0, 1)
    checked = forebay(tmp_path, "check", "--strict", "--format", "json")
    assert (checked.code, checked.document["summary"]["suppressed"]) == (0, 1)
    assert forebay(tmp_path, "drift").code == 0
    selected = forebay(tmp_path, "validate", "--select", rule, "--format", "json")
    assert selected.code == 0


def test_a_mistake_of_the_topology_cannot_be_accepted_and_an_idle_entry_is_told_once(
    tmp_path: Path,
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY.replace("quay: {}", "quay: {upstrem: x}"))
    (tmp_path / "forebay-ignore.yaml").write_text(
        'version: 1\nignore:\n  - {rule: unknown-key, file: "*", reason: "mine"}\n'
    )

    found = forebay(tmp_path, "validate", "--format", "json").document["results"]

    assert "unknown-key" in [one["rule"] for one in found]
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)
    forebay(tmp_path, "generate")
    idle = [
        one["rule"]
        for command in ("validate", "drift", "check")
        for one in forebay(tmp_path, command, "--format", "json").document["results"]
    ]
    assert idle.count("suppression-unused") == 1
