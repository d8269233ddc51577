"""What `import` cannot tell is asked for at once, and what is asked for is all that is missing."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from import_support import drift_of, topology_in
from test_cli_import_accounts import HOSTS, MAIN, REGION, code, imported, listed, provider, rule

if TYPE_CHECKING:
    from pathlib import Path

    from cli_running import Ran

ACTS = provider(REGION, f'allowed_account_ids = ["{MAIN}"]')
ROLE_OF_VARIABLE = provider(REGION, "assume_role {\n    role_arn = var.role\n  }")
ALIASED = ROLE_OF_VARIABLE.replace('"aws" {', '"aws" {\n  alias = "hub"')
IN_HUB = rule("quay", "quay.io", "  provider = aws.hub\n")


def variable(name: str, *lines: str) -> str:
    return f'variable "{name}" {{\n' + "".join(f"  {line}\n" for line in lines) + "}\n"


def gated(switch: str) -> str:
    return rule("quay", "quay.io", f"  count = {switch}\n")


def options_in(ran: Ran, **values: str) -> list[str]:
    """The one line of options that the run prints, with what a person puts in."""
    lines = [
        line.strip()
        for one in ran.document["results"]
        for line in one["message"].splitlines()
        if line.startswith("  --")
    ]
    assert len(lines) == 1, lines
    filled = {"ACCOUNT_ID": MAIN, "REGION": "eu-west-1", **values}
    return [
        re.sub(r"(?<==)(ACCOUNT_ID|REGION|VALUE)$", lambda word, name=name: filled[word[0] if word[0] != "VALUE" else name], text)
        for text in shlex.split(lines[0])
        for name in [text.partition("=")[0]]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "title", "values"),
    [
        (rule("quay", HOSTS["quay"]), "the account and the region", {}),
        (provider(REGION) + rule("quay", HOSTS["quay"]), "the account", {}),
        (provider("region = var.region") + variable("region") + rule("quay", HOSTS["quay"]),
         "the account and `var.region`", {"region": "eu-west-1"}),
        (ALIASED + variable("role") + IN_HUB, "`var.role`",
         {"role": f"arn:aws:iam::{MAIN}:role/tf"}),
        (ACTS + variable("host") + rule("quay", "${var.host}"), "`var.host`", {"host": "quay.io"}),
        (ACTS + variable("prefix") + rule("x", "quay.io").replace('"x"\n', '"${var.prefix}-x"\n'),
         "`var.prefix`", {"prefix": "dev"}),
        (provider(REGION) + variable("on", "default = false") + gated("var.on ? 1 : 0"),
         "the account and `var.on`", {"on": "true"}),
        (ACTS + variable("on", "type = object({ it = bool })", "default = { it = false }")
         + gated("var.on.it ? 1 : 0"), "`var.on`", {"on": "{ it = true }"}),
        (ACTS + variable("rules", "type = map(string)")
         + rule("quay", "${each.value}").replace('prefix = "quay"', "prefix = each.key")
         .replace("}\n", "  for_each = var.rules\n}\n"), "`var.rules`",
         {"rules": '{ quay = "quay.io" }'}),
        (ACTS + variable("on", "default = false") + variable("user", 'default = ""')
         + variable("all", "default = true") + gated('var.on && var.all && var.user != "" ? 1 : 0'),
         "`var.on` and `var.user`", {"on": "true", "user": "me"}),
        (ACTS + gated('terraform.workspace == "prod" ? 1 : 0'), "the workspace", {}),
    ],
    ids=["both", "account", "region", "alias", "host", "prefix", "switch", "switch in an object",
         "map", "two switches", "workspace"],
)  # fmt: skip
def test_the_options_that_are_printed_are_all_that_is_missing(
    tmp_path: Path, text: str, title: str, values: dict[str, str]
) -> None:
    code(tmp_path, root=text)

    first = imported(tmp_path)

    assert first.code == 3
    (told,) = first.document["results"]
    assert told["title"] == f"Cannot tell {title} of the folder `root`"
    options = ["prod" if word == "NAME" else word for word in options_in(first, **values)]
    assert imported(tmp_path, *options).code == 0
    (cache,) = topology_in(tmp_path / "t.yaml").caches
    assert cache.upstream.registry.host == "quay.io"


def test_one_result_names_what_waits_for_an_account_and_how_much_more(tmp_path: Path) -> None:
    rules = "".join(rule(f"q{number}", "quay.io") for number in range(23))
    code(tmp_path, a=provider(REGION) + rules, b=ACTS + rule("quay", "quay.io"))

    ran = imported(tmp_path)

    (told,) = ran.document["results"]
    assert "23 cache rules" in told["message"]
    assert "and 3 more" in told["message"]
    assert [str(cache.prefix) for cache in topology_in(tmp_path / "t.yaml").caches] == ["quay"]


def test_a_folder_that_is_no_root_module_is_answered_with_those_that_are(tmp_path: Path) -> None:
    code(tmp_path, live=provider(REGION) + rule("quay", "quay.io"))

    ran = imported(tmp_path, f"--account=.={MAIN}")

    assert ran.code == 1
    assert "Root modules of the code are `live`" in ran.err


def test_an_account_against_the_word_of_the_code_is_told(tmp_path: Path) -> None:
    code(tmp_path, live=ACTS + rule("quay", "quay.io"))

    ran = imported(tmp_path, "--account=live=222233334444")

    assert ran.code == 3
    assert listed(ran) == {"The code says another account for the folder `live`"}


def test_a_cache_that_lacks_its_credential_is_kept_with_a_place_for_one(tmp_path: Path) -> None:
    code(tmp_path, live=ACTS + rule("hub", "registry-1.docker.io"))

    ran = imported(tmp_path)

    (cache,) = topology_in(tmp_path / "t.yaml").caches
    assert cache.credential is not None
    assert cache.credential.secret == "ecr-pullthroughcache/hub"
    (told,) = ran.document["results"]
    assert told["title"] == "The cache `hub` has no credential"
    assert {one.address for one in drift_of(tmp_path / "t.yaml", tmp_path / "code")} <= listed(ran)


def test_a_credential_that_ecr_does_not_take_is_told(tmp_path: Path) -> None:
    arn = f"arn:aws:secretsmanager:eu-west-1:{MAIN}:secret:ecr-pullthroughcache/quay-AbCdEf"
    code(tmp_path, live=ACTS + rule("quay", "quay.io", f'  credential_arn = "{arn}"\n'))

    ran = imported(tmp_path)

    (cache,) = topology_in(tmp_path / "t.yaml").caches
    assert cache.credential is None
    assert {one["title"] for one in ran.document["results"]} == {
        "The cache `quay` takes no credential"
    }


def test_a_cache_behind_a_sensitive_value_is_kept_and_told(tmp_path: Path) -> None:
    token = variable("token", "sensitive = true", 'default = ""')
    code(tmp_path, live=ACTS + token + gated('var.token != "" ? 1 : 0'))

    ran = imported(tmp_path)

    assert [str(cache.prefix) for cache in topology_in(tmp_path / "t.yaml").caches] == ["quay"]
    assert ran.code == 3
    (told,) = ran.document["results"]
    assert told["title"] == "Whether the cache `quay` is there is not known"


def test_a_template_with_a_role_that_is_not_known_is_kept_with_a_place_for_it(
    tmp_path: Path,
) -> None:
    template = """
resource "random_id" "end" { byte_length = 4 }
resource "aws_iam_role" "templates" {
  name               = "ecr-${random_id.end.hex}"
  assume_role_policy = "{}"
}
resource "aws_ecr_repository_creation_template" "t" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  resource_tags   = { team = "a" }
  custom_role_arn = aws_iam_role.templates.arn
}
"""
    code(tmp_path, live=ACTS + rule("quay", "quay.io") + template)

    ran = imported(tmp_path)

    (placed,) = topology_in(tmp_path / "t.yaml").templates
    assert placed.template.role == "templates"
    assert "The role of the creation template of `quay` is not known" in {
        one["title"] for one in ran.document["results"]
    }
    assert {one.address for one in drift_of(tmp_path / "t.yaml", tmp_path / "code")} <= listed(ran)
