"""What is known, what stays unknown and why: without Terraform, from the code alone."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hcl_support import Files, root_module

from generator.hcl.reader import CodeReading
from generator.hcl.records import RootRecords
from generator.hcl.values import EvaluationError, Value, first_unknown
from generator.model.estate import Json, Known, Unknown

Outputs = Callable[[str], Callable[[str], Json]]

SECRET = """
resource "aws_secretsmanager_secret" "s" {
  for_each = toset(["a", "b"])
  name     = each.key
}
variable "given" {}
"""


def reference(value: Json) -> str:
    assert isinstance(value, Unknown), value
    return value.reference


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ('aws_secretsmanager_secret.s["a"].arn', 'aws_secretsmanager_secret.s["a"].arn'),
        (
            '{ for k, s in aws_secretsmanager_secret.s : k => s.arn }["b"]',
            'aws_secretsmanager_secret.s["b"].arn',
        ),
        ("var.given", "var.given"),
        ("var.given.inner[0]", "var.given.inner[0]"),
        ("var.missing", "var.missing"),
        ("local.missing", "local.missing"),
        ("aws_iam_role.missing.arn", "aws_iam_role.missing.arn"),
        ("data.aws_region.missing.name", "data.aws_region.missing.name"),
        ("module.missing.x", "module.missing.x"),
        ("terraform.workspace", "terraform.workspace"),
        ("upper(var.given)", "var.given"),
        ("var.given ? 1 : 2", "var.given"),
        ("var.given + 1", "var.given"),
        ("[for x in var.given : x]", "var.given"),
        ("var.given[*].x", "var.given[*]"),
        ("uuid()", "uuid(…)"),
        ("merge({ a = 1 }, var.given)", "var.given"),
        ("var.given == null", "var.given"),
        ("try(var.given.x, 1)", "var.given.x"),
        ("can(var.given)", "var.given"),
        ("jsondecode(var.given)", "var.given"),
        ("try(jsondecode(var.given), 1)", "var.given"),
        ('try(startswith("a", var.given), 1)', "startswith(…)"),
        ("try(format(var.given), 1)", "format(…)"),
        ('try(upper("x${var.given}"), 1)', "var.given"),
        ('try(length(aws_secretsmanager_secret.s["a"]), 1)', "length(…)"),
        (
            'can(jsonencode(aws_secretsmanager_secret.s["a"].arn))',
            'aws_secretsmanager_secret.s["a"].arn',
        ),
        ("{ (var.given) = 1 }", "var.given"),
        (
            "ephemeral.aws_secretsmanager_secret_version.x.secret_string",
            "ephemeral.aws_secretsmanager_secret_version.x.secret_string",
        ),
    ],
)
def test_what_the_code_does_not_say_is_unknown_by_name(
    outputs: Outputs, expression: str, name: str
) -> None:
    value = outputs(f'{SECRET}output "it" {{\n  value = {expression}\n}}\n')("it")

    assert reference(value) == name


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("false && var.given", False),
        ("true || var.given", True),
        ("var.given ? 1 : 1", 1),
        ("length([var.given, 1])", 2),
        ("[var.given, 1][1]", 1),
        ("{ a = var.given, b = 2 }.b", 2),
        ("merge({ a = var.given }, { b = 2 }).b", 2),
        ("keys({ a = var.given })", ("a",)),
        ("concat([1], [var.given])[0]", 1),
        ('contains(["x", var.given], "x")', True),
        ('aws_secretsmanager_secret.s["a"].arn == null', False),
        ('aws_secretsmanager_secret.s["a"].arn != null', True),
        ('aws_secretsmanager_secret.s["a"].name', "a"),
        ('jsondecode(jsonencode({ a = var.given, b = "x" })).b', "x"),
        ('startswith("arn:aws:${var.given}", "arn:")', True),
        ('one([for k, s in aws_secretsmanager_secret.s : k if k == "a"])', "a"),
    ],
)
def test_an_unknown_that_cannot_matter_does_no_harm(
    outputs: Outputs, expression: str, value: Json
) -> None:
    found = outputs(f'{SECRET}output "it" {{\n  value = {expression}\n}}\n')("it")

    assert found == value


def test_a_partly_known_text_keeps_its_known_pieces(outputs: Outputs) -> None:
    value = outputs(
        'variable "id" {}\noutput "it" {\n  value = "arn:${var.id}:x${"y"}${var.id}"\n}\n'
    )("it")

    assert isinstance(value, Unknown)
    assert value.parts == ("arn:", None, ":xy", None)
    assert value.reference == "var.id"


def test_json_keeps_its_structure_around_unknown_leaves(outputs: Outputs) -> None:
    value = outputs(
        'variable "id" {}\n'
        'output "it" {\n  value = jsondecode(jsonencode({ a = [var.id, "x-${var.id}"], b = 1 }))\n}\n'
    )("it")

    assert isinstance(value, Mapping)
    assert value["b"] == 1
    first, second = value["a"]
    assert reference(first) == "var.id"
    assert isinstance(second, Unknown)
    assert second.parts == ("x-", None)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('["a"][1]', "there is no element 1"),
        ('{ a = 1 }["b"]', "there is no key `b`"),
        ("{ a = 1 }.b", "there is no attribute `b`"),
        ('upper(["a"])', "upper(): a text is needed, not a tuple"),
        ("upper()", "upper() does not take 0 arguments"),
        ('"a" + 1', "a number is needed, not a text"),
        ("1 / 0", "the division is by zero"),
        ("!5", "a boolean is needed, not a number"),
        ('"x${[1]}"', "a text is needed, not a tuple"),
        ("null.x", "null has no attribute `x`"),
        ('{ for x in ["a", "a"] : x => 1 }', "two elements have the key `a`"),
        ("each.key", "`each` has no meaning here"),
        ('regex("b", "a")', "regex(): the pattern does not match"),
        ("range(2000)", "range(): the range has more than 1024 elements"),
    ],
)
def test_a_mistake_in_an_expression_says_what_is_wrong(
    value_of: Callable[[str], Value], expression: str, reason: str
) -> None:
    with pytest.raises(EvaluationError) as refused:
        value_of(expression)

    assert str(refused.value) == reason


def test_a_mistake_in_one_argument_leaves_the_others(
    write: Callable[[Files], Path],
) -> None:
    folder = write(
        {
            "main.tf": 'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
            '  ecr_repository_prefix = "quay"\n  upstream_registry_url = ["a"][3]\n}\n'
        }
    )

    (record,) = RootRecords("", root_module(folder)).records()

    assert record.key == "quay"
    url = record.get("upstream_registry_url")
    assert isinstance(url, Unknown)
    assert url.reason == "there is no element 3"
    assert url.span is not None
    assert (url.span.line, url.span.column) == (3, 27)


def test_values_that_refer_to_each_other_are_unknown_and_end(outputs: Outputs) -> None:
    value = outputs(
        'locals {\n  a = local.b\n  b = "${local.a}x"\n}\noutput "it" {\n  value = local.a\n}\n'
    )("it")

    assert isinstance(value, Unknown)
    assert value.reason == "it refers to itself"


def chain(link: str, end: str, length: int = 45) -> str:
    """Locals that each refer to the next one; `@` stands for the next one's name."""
    names = "".join(f"  l{n} = {link.replace('@', f'local.l{n + 1}')}\n" for n in range(length))
    return f"locals {{\n{names}  l{length} = {end}\n}}\n"


@pytest.mark.parametrize(
    "text",
    [
        chain('"${@}${@}"', '"ha"'),
        chain("concat(@, @)", '["ha"]'),
        chain("{ a = @, b = @ }", '"ha"'),
        chain("jsonencode([@])", '"ha"'),
        chain('replace(@, "a", "aa")', '"ha"'),
        chain("@ == @ ? [@, @] : [@]", '"ha"'),
        chain("[@]", '"ha"', 3000),
        chain("@", '"ha"', 3000),
        "locals {\n  r = range(1000)\n  l0 = length(local.deep)\n"
        + "  deep = [for a in local.r : [for b in local.r : [for c in local.r : a]]]\n}\n",
        f'locals {{\n  l0 = regex("(a+)+$", "{"a" * 1000}b")\n}}\n',
        'locals {\n  l0 = format("%999999999s", "a")\n}\n',
        "locals {\n  l0 = pow(10, 100000)\n}\n",
    ],
    ids=[
        "texts",
        "lists",
        "objects",
        "json",
        "replacements",
        "branches",
        "a deep list",
        "names",
        "loops",
        "a pattern in a pattern",
        "a width",
        "a power",
    ],
)
def test_code_made_to_take_for_ever_ends_as_unknown(outputs: Outputs, text: str) -> None:
    text += (
        'resource "aws_ecr_account_setting" "it" {\n  name = "BASIC"\n  value = local.l0\n}\n'
        'output "it" {\n  value = aws_ecr_account_setting.it.value\n}\n'
    )

    assert isinstance(outputs(text)("it"), Unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<EOT\n a\n  b\nEOT", " a\n  b\n"),
        ("<<-EOT\n    a\n      b\n\n    EOT", "a\n  b\n\n"),
        (
            "<<-EOT\n  %{ for x in [1, 2] ~}\n  ${x},\n  %{ endfor ~}\n  end\nEOT",
            "  1,\n  2,\n  end\n",
        ),
        ("<<EOT\nEOT", ""),
        ('<<EOT\n"q" \\n $${a} %%{b}\nEOT', '"q" \\n ${a} %{b}\n'),
        ('"%{ if true }a%{ else }b%{ endif }"', "a"),
        ('"%{ if false }a%{ endif }"', ""),
        ('"%{ for k, v in { b = 1, a = 2 } }${k}${v}%{ endfor }"', "a2b1"),
        ('"  ${~ "x" ~}  y"', "xy"),
        ('"${upper("a")}-${1}-${true}"', "A-1-true"),
        ('jsonencode({ b = 1, a = ["<", null] })', '{"a":["\\u003c",null],"b":1}'),
    ],
)
def test_a_template_gives_the_text_that_terraform_gives(
    outputs: Outputs, text: str, expected: str
) -> None:
    assert outputs(f'output "it" {{\n  value = {text}\n}}\n')("it") == expected


def test_a_template_file_sees_its_variables_and_nothing_else(
    write: Callable[[Files], Path],
) -> None:
    folder = write(
        {
            "good.tftpl": "%{ for n in names ~}\n- ${upper(n)}\n%{ endfor ~}\n",
            "bad.tftpl": "${local.secret}",
            "main.tf": 'locals {\n  secret = "x"\n}\n'
            'output "good" {\n  value = templatefile("good.tftpl", { names = ["a", "b"] })\n}\n'
            'output "bad" {\n  value = templatefile("${path.module}/bad.tftpl", {})\n}\n',
        }
    )
    module = root_module(folder)

    good = module.output("good")

    assert good.content == "- A\n- B\n"
    with pytest.raises(EvaluationError, match="the template file has no variable `local`"):
        module.output("bad")


def test_files_below_the_project_are_read_and_others_are_not(
    write: Callable[[Files], Path], tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = write({"note.txt": "hello", "main.tf": ""})
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    paths = ["note.txt", "../secret.txt", "link.txt", str(tmp_path / "secret.txt"), "none.txt"]
    (folder / "main.tf").write_text(
        "".join(f'output "o{n}" {{\n  value = file("{path}")\n}}\n' for n, path in enumerate(paths))
        + 'output "exists" {\n  value = fileexists("../secret.txt")\n}\n'
    )
    module = root_module(folder)

    known = [module.output(f"o{n}") for n in range(len(paths))]

    assert known[0].content == "hello"
    assert all(first_unknown((value,)) is not None for value in known[1:])
    assert first_unknown((module.output("exists"),)) is not None


def test_an_ephemeral_variable_stays_unknown_although_it_has_a_default(outputs: Outputs) -> None:
    value = outputs(
        'variable "token" {\n  type = string\n  ephemeral = true\n  default = "hush"\n}\n'
        'output "it" {\n  value = "x${var.token}"\n}\n'
    )("it")

    assert isinstance(value, Unknown)
    assert "hush" not in repr(value)


def test_a_rule_s_upstream_may_come_out_of_yaml_or_csv(
    read: Callable[[Files], CodeReading],
) -> None:
    rule = 'resource "aws_ecr_pull_through_cache_rule" "{}" {{\n  for_each = {}\n'
    rule += "  ecr_repository_prefix = each.key\n  upstream_registry_url = each.value\n}}\n"
    reading = read(
        {
            "main.tf": rule.format("y", 'yamldecode(file("rules.yaml"))')
            + rule.format(
                "c",
                '{ for row in csvdecode("name,host\\nk8s,registry.k8s.io") : row.name => row.host }',
            ),
            "rules.yaml": "hub: registry-1.docker.io\nquay: quay.io\n",
        }
    )

    found = {record.key: record.get("upstream_registry_url") for record in reading.estate.records}

    assert {key: value.value for key, value in found.items() if isinstance(value, Known)} == {
        "hub": "registry-1.docker.io",
        "quay": "quay.io",
        "k8s": "registry.k8s.io",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: yes",
        "a: 2020-01-01",
        "a: 0x1f",
        "a: &x [1]\\nb: *x",
        "a: 1\\na: 2",
        "[1, 2",
        "a: !!str 1",
    ],
)
def test_yaml_that_can_be_read_in_two_ways_is_not_evaluated(outputs: Outputs, text: str) -> None:
    text = f'resource "aws_ecr_account_setting" "it" {{\n  name = yamldecode("{text}")["a"]\n}}\n'
    text += 'output "it" {\n  value = aws_ecr_account_setting.it.name\n}\n'

    assert isinstance(outputs(text)("it"), Unknown)
