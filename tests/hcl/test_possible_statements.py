"""Statements that may not be there, or not as they stand: judged, and never certain."""

from collections.abc import Callable

import pytest
from hcl_support import Files, results

from generator.gate.check import check_findings_without_topology
from generator.hcl.reader import CodeReading

Read = Callable[[Files], CodeReading]

PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
variable "on" {
  type = bool
}
variable "names" {
  type = list(string)
}
"""
POLICY = """
data "aws_iam_policy_document" "p" {
  STATEMENTS
}
resource "aws_ecr_registry_policy" "p" {
  policy = data.aws_iam_policy_document.p.json
}
"""
FRIEND = 'principals {\n type = "AWS"\n identifiers = ["222233334444"]\n }\n'
ANYBODY = 'principals {\n type = "AWS"\n identifiers = ["*"]\n }\n'
IMPORTS = (
    'actions = ["ecr:BatchImportUpstreamImage"]\n'
    ' resources = ["arn:aws:ecr:eu-west-1:111122223333:repository/hub/*"]\n'
)
OPEN = {("undecided", "grant-any-principal")}


def statement(*parts: str) -> str:
    return "statement {\n" + "".join(parts) + IMPORTS + "}\n"


def dynamic(kind: str, content: str, for_each: str = "var.on ? [1] : []") -> str:
    return f'dynamic "{kind}" {{\n for_each = {for_each}\n content {{\n{content}}}\n}}\n'


def condition(value: str = "o-abcdefghij") -> str:
    return f'test = "StringEquals"\n variable = "aws:PrincipalOrgID"\n values = ["{value}"]\n'


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (statement(FRIEND) + dynamic("statement", ANYBODY + IMPORTS), OPEN),
        (statement(FRIEND) + dynamic("statement", FRIEND + IMPORTS), set()),
        (statement(FRIEND, dynamic("principals", 'type = "AWS"\n identifiers = ["*"]\n')), OPEN),
        (
            statement(FRIEND, dynamic("principals", 'type = "AWS"\n identifiers = ["333344445555"]\n')),
            set(),
        ),
        (statement(ANYBODY, dynamic("condition", condition())), OPEN),
        (statement(ANYBODY, "condition {\n" + condition() + "}\n", dynamic("condition", condition())), set()),
        (statement(FRIEND, dynamic("condition", condition())), set()),
        (dynamic("statement", ANYBODY + IMPORTS, "var.names"), OPEN),
        (dynamic("statement", FRIEND + IMPORTS, "toset(var.names)"), set()),
        # What is known is certain.
        (dynamic("statement", ANYBODY + IMPORTS, "true ? [1] : []"), {("finding", "grant-any-principal")}),
        (dynamic("statement", ANYBODY + IMPORTS, "false ? [1] : []"), set()),
    ],
)  # fmt: skip
def test_a_statement_that_may_be_there_is_judged_as_the_most_it_may_say(
    read: Read, statements: str, expected: set[tuple[str, str]]
) -> None:
    reading = read({"main.tf": PROVIDER + POLICY.replace("STATEMENTS", statements)})

    assert results(reading) == expected


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ("statement.value", {("undecided", "policy-undecided")}),
        ("[statement.value]", {("undecided", "policy-undecided")}),
        ('["arn:aws:iam::${statement.value}:root"]', set()),
    ],
)
def test_a_statement_that_names_whom_a_variable_gives_is_one_open_question(
    read: Read, identifiers: str, expected: set[tuple[str, str]]
) -> None:
    content = f'principals {{\n type = "AWS"\n identifiers = {identifiers}\n }}\n' + IMPORTS
    code = POLICY.replace("STATEMENTS", dynamic("statement", content, "var.names"))

    assert results(read({"main.tf": PROVIDER + code})) == expected


JSON = """
resource "aws_ecr_registry_policy" "p" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(
    [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchImportUpstreamImage", Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/hub/*" }],
    var.on ? [{ Effect = "Allow", Principal = WHO, Action = "ecr:BatchImportUpstreamImage", Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/hub/*" }] : [],
  ) })
}
"""


@pytest.mark.parametrize(("who", "expected"), [('"*"', OPEN), ('{ AWS = "333344445555" }', set())])
def test_so_is_one_of_a_list_that_a_switch_makes_longer(
    read: Read, who: str, expected: set[tuple[str, str]]
) -> None:
    assert results(read({"main.tf": PROVIDER + JSON.replace("WHO", who)})) == expected


def test_a_deny_that_may_be_there_keeps_nobody_out(read: Read) -> None:
    deny = (
        'effect = "Deny"\n'
        + ANYBODY
        + 'actions = ["ecr:*"]\n resources = ["*"]\n'
        + (
            'condition {\n test = "StringNotEquals"\n variable = "aws:PrincipalOrgID"\n'
            ' values = ["o-abcdefghij"]\n}\n'
        )
    )
    certain = POLICY.replace("STATEMENTS", statement(ANYBODY) + "statement {\n" + deny + "}\n")
    possible = POLICY.replace("STATEMENTS", statement(ANYBODY) + dynamic("statement", deny))

    assert results(read({"main.tf": PROVIDER + certain})) == set()
    assert ("finding", "grant-any-principal") in results(read({"main.tf": PROVIDER + possible}))


def test_what_a_variable_switches_on_is_certain_with_its_value(read: Read) -> None:
    code = POLICY.replace("STATEMENTS", dynamic("statement", ANYBODY + IMPORTS))
    given = PROVIDER.replace("type = bool", "type = bool\n  default = true")

    (found,) = check_findings_without_topology(read({"main.tf": PROVIDER + code}))

    assert "Whether it stands there so is not known" in found.message
    assert "--var on=…" in found.message
    assert results(read({"main.tf": given + code})) == {("finding", "grant-any-principal")}


SWITCHED = """
data "aws_iam_policy_document" "given" {
  statement {
    actions   = ["ecr:BatchImportUpstreamImage"]
    resources = ["arn:aws:ecr:eu-west-1:111122223333:repository/hub/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
variable "region" {
  type = string
}
locals {
  policy = GIVEN
}
resource "aws_ecr_registry_policy" "p" {
  count  = local.policy != "" ? 1 : 0
  policy = local.policy
}
"""


@pytest.mark.parametrize(
    "given",
    [
        "data.aws_iam_policy_document.given.json",
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "arn:aws:ecr:${var.region}:111122223333:repository/hub/*" }] })',
    ],
)  # fmt: skip
def test_a_document_is_never_empty(read: Read, given: str) -> None:
    """A module that takes a policy asks for nothing more than whether there is one."""
    found = results(read({"main.tf": PROVIDER + SWITCHED.replace("GIVEN", given)}))

    assert found == {("finding", "grant-any-principal")}
