"""Calls of modules whose code is not on disk: known by their inputs, by our own copy, or not at all."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hcl_support import Files, results

from generator.data.resources import stand_in_folder
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings, check_findings_without_topology
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.hcl.parser import parse_body
from generator.hcl.public_modules import remote_source
from generator.hcl.reader import CodeReading
from generator.hcl.source import SourceText
from generator.hcl.syntax import Block, Body, Call
from generator.model.estate import Kind, Known, Link, Record, Unknown
from generator.model.finding import Severity
from generator.model.reading import Reading
from generator.model.topology import Topology
from generator.topology import read_topology
from generator.version import version

sys.path.append(str(Path(__file__).parents[1] / "house"))
from function_table import evaluated

Read = Callable[[Files], CodeReading]

PROVIDER_ALONE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
PROVIDER = f"""{PROVIDER_ALONE}
resource "aws_secretsmanager_secret" "hub" {{
  name = "ecr-pullthroughcache/hub"
}}
"""


def by_address(reading: CodeReading) -> dict[str, Record]:
    return {
        record.address: record
        for record in reading.estate.records
        if record.kind is not Kind.SECRET
    }


@pytest.mark.parametrize(
    "source",
    [
        'source = "terraform-aws-modules/ecr/aws"\n  version = "~> 3.0"',
        'source = "registry.terraform.io/terraform-aws-modules/ecr/aws"',
        'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=v3.2.0"',
        'source = "github.com/terraform-aws-modules/terraform-aws-ecr?ref=v3.1.0"',
        'source = "git@github.com:terraform-aws-modules/terraform-aws-ecr.git?ref=v3.0.1"',
        'source = "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=3.1.0"',
        'source = "terraform-aws-modules/ecr/aws"\n  version = ">= 1.5"',
    ],
)
def test_rules_and_policy_given_to_the_public_module_are_records(read: Read, source: str) -> None:
    reading = read(
        {
            "main.tf": PROVIDER
            + f"""
module "ecr" {{
  {source}
  create_repository = false
  registry_pull_through_cache_rules = {{
    hub = {{
      ecr_repository_prefix = "docker-hub"
      upstream_registry_url = "registry-1.docker.io"
      credential_arn        = aws_secretsmanager_secret.hub.arn
    }}
    k8s = {{ ecr_repository_prefix = "k8s", upstream_registry_url = "registry.k8s.io", region = "us-east-1" }}
  }}
  create_registry_policy = true
  registry_policy        = jsonencode({{ Version = "2012-10-17", Statement = [] }})
}}
"""
        }
    )

    found = by_address(reading)
    rules = 'module.ecr.aws_ecr_pull_through_cache_rule.this["{}"]'
    assert set(found) == {
        rules.format("hub"),
        rules.format("k8s"),
        "module.ecr.aws_ecr_registry_policy.this[0]",
    }
    assert isinstance(found[rules.format("hub")].get("credential_arn"), Link)
    assert found[rules.format("k8s")].region == "us-east-1"
    assert reading.unread_modules == ()
    (note,) = reading.problems
    assert (note.severity, note.rule) == (Severity.INFO, "module-not-on-disk")
    assert "what the inputs of `terraform-aws-modules/ecr/aws` mean" in note.message


VERSIONED = """
module "ecr" {{
  source  = "terraform-aws-modules/ecr/aws"
  version = "{version}"
  registry_pull_through_cache_rules = {{
    hub = {{
      ecr_repository_prefix      = "docker-hub"
      upstream_registry_url      = "registry-1.docker.io"
      credential_arn             = aws_secretsmanager_secret.hub.arn
      upstream_repository_prefix = "library"
      region                     = "us-east-1"
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("version", "has_credential", "has_prefix", "region", "read_as"),
    [
        ("1.6.0", False, False, "eu-west-1", "mean before 2.1.1"),
        ("~> 2.1.0, < 2.1.1", False, False, "eu-west-1", "mean before 2.1.1"),
        ("~> 2.2", True, True, "eu-west-1", "mean before 3.0.0"),
        ("2.3.1", True, False, "eu-west-1", "mean before 2.4.0"),
        ("~> 2.0", True, True, "eu-west-1", "mean before 3.0.0"),
        (">= 1.5", True, True, "us-east-1", "mean. "),
    ],
)
def test_the_newest_version_that_a_call_allows_is_the_one_that_counts(
    read: Read,
    version: str,
    has_credential: bool,
    has_prefix: bool,
    region: str,
    read_as: str,
) -> None:
    """Earlier versions of the module take no credential, prefix or region of a rule, and say nothing."""
    reading = read({"main.tf": PROVIDER + VERSIONED.format(version=version)})

    rule = by_address(reading)['module.ecr.aws_ecr_pull_through_cache_rule.this["hub"]']
    assert isinstance(rule.get("credential_arn"), Link) is has_credential
    assert (rule.get("upstream_repository_prefix") == Known(value="library")) is has_prefix
    assert rule.region == region
    (note,) = reading.problems
    assert read_as in note.message


CACHES_OF_OTHERS = """
module "cache" {{
  source  = "{source}"
  version = "{version}"
  {arguments}
}}
"""


@pytest.mark.parametrize(
    ("source", "version", "arguments", "expected"),
    [
        (
            "lgallard/ecr/aws",
            "2.1.1",
            (
                'name = "app"\n  enable_pull_through_cache = true\n'
                '  pull_through_cache_rules = [{ ecr_repository_prefix = "hub",'
                ' upstream_registry_url = "registry-1.docker.io" }]'
            ),
            {("finding", "credential-missing")},
        ),
        (
            "lgallard/ecr/aws",
            "2.1.1",
            (
                'name = "app"\n  pull_through_cache_rules = [{ ecr_repository_prefix = "hub",'
                ' upstream_registry_url = "registry-1.docker.io" }]'
            ),
            set(),
        ),
        (
            "lgallard/ecr/aws",
            "~> 2.0",
            (
                'name = "app"\n  enable_repository_creation_templates = true\n'
                '  repository_creation_templates = [{ prefix = "quay", applied_for = ["PULL_THROUGH_CACHE"],'
                ' image_tag_mutability = "IMMUTABLE" }]\n  enable_pull_through_cache = true\n'
                '  pull_through_cache_rules = [{ ecr_repository_prefix = "quay",'
                ' upstream_registry_url = "quay.io" }]'
            ),
            {("finding", "cache-immutable")},
        ),
        (
            "lgallard/ecr/aws//modules/pull-through-cache",
            "2.1.1",
            (
                'name = "app"\n  aws_account_id = "111122223333"\n'
                '  pull_through_cache_rules = [{ ecr_repository_prefix = "gcr",'
                ' upstream_registry_url = "gcr.io" }]'
            ),
            {("finding", "upstream-refused")},
        ),
        (
            "lgallard/ecr/aws//modules/pull-through-cache",
            "2.1.1",
            (
                'name = "app"\n  aws_account_id = "111122223333"\n'
                '  pull_through_cache_rules = [{ ecr_repository_prefix = "quay",'
                ' upstream_registry_url = "quay.io" }]'
            ),
            set(),
        ),
        ("zesty-co/kompass-compute/aws//modules/ecr", "1.5.1", "", set()),
        (
            "zesty-co/kompass-compute/aws//modules/ecr",
            "1.5.1",
            "registries = { ghcr = { create = true } }",
            {("finding", "credential-missing")},
        ),
        (
            "zesty-co/kompass-compute/aws//modules/ecr",
            "1.5.1",
            'registries = { ghcr = { secret_content = jsonencode({ username = "u", password = "t" }) } }',
            {("finding", "secret-keys")},
        ),
        (
            "zesty-co/kompass-compute/aws//modules/ecr",
            "1.5.1",
            'registries = { ghcr = { secret_content = jsonencode({ username = "u", accessToken = "t" }) } }',
            set(),
        ),
    ],
)
def test_caches_of_other_public_modules_are_judged(
    read: Read, source: str, version: str, arguments: str, expected: set[tuple[str, str]]
) -> None:
    code = CACHES_OF_OTHERS.format(source=source, version=version, arguments=arguments)
    reading = read({"main.tf": PROVIDER_ALONE + code})

    assert results(reading) == expected


def test_everything_of_such_a_module_stands_in_the_call(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER + 'module "registry" {\n'
            '  source = "tedilabs/container/aws//modules/ecr-registry"\n'
            "  pull_through_cache_rules = [\n"
            '    { upstream_url = "quay.io" },\n'
            '    { upstream_url = "registry.k8s.io", namespace = "k8s" },\n'
            "  ]\n"
            '  pull_through_cache_policies = [{ iam_entities = ["222233334444"], repositories = ["quay/*"] }]\n'
            "  default_pull_through_cache_role = { enabled = false }\n"
            "}\n"
        }
    )

    records = by_address(reading).values()
    assert {(record.kind, record.key) for record in records} == {
        (Kind.CACHE_RULE, "quay"),
        (Kind.CACHE_RULE, "k8s"),
        (Kind.REGISTRY_POLICY, ""),
        (Kind.ACCOUNT_SETTING, "REGISTRY_POLICY_SCOPE"),
    }
    spans = [record.span for record in records]
    spans += [value.span for record in records for value in record.attributes.values()]
    assert {span.file.name for span in spans if span is not None} == {"main.tf"}
    policy = next(record for record in records if record.kind is Kind.REGISTRY_POLICY).get("policy")
    assert policy == Known(
        value={
            "Version": "2012-10-17",
            "Statement": (
                {
                    "Sid": "PullThroughCacheAccess-0",
                    "Effect": "Allow",
                    "Action": "ecr:BatchImportUpstreamImage",
                    "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
                    "Principal": {"AWS": "222233334444"},
                },
            ),
        }
    )


def test_a_role_that_only_some_versions_make_is_perhaps_there(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER
            + 'module "registry" {\n  source = "tedilabs/container/aws//modules/ecr-registry"\n}\n'
        }
    )

    (role,) = (record for record in reading.estate.records if record.kind is Kind.ROLE)
    assert role.uncertain is not None


def test_a_template_of_the_public_module_has_its_rule_and_its_role(read: Read) -> None:
    reading = read(
        {
            "main.tf": PROVIDER
            + """
module "template" {
  source  = "terraform-aws-modules/ecr/aws//modules/repository-template"
  version = "3.1.0"

  for_each = toset(["quay", "k8s"])
  prefix   = each.key

  create_pull_through_cache_rule = true
  upstream_registry_url          = { quay = "quay.io", k8s = "registry.k8s.io" }[each.key]
  create_repository_policy       = false
  image_tag_mutability           = "MUTABLE"
  resource_tags                  = { team = "water" }
  iam_role_name                  = "templates-${each.key}"
  iam_role_use_name_prefix       = false
}
"""
        }
    )

    found = by_address(reading)
    quay = 'module.template["quay"]'
    template = found[f"{quay}.aws_ecr_repository_creation_template.this[0]"]
    assert (template.key, template.get("image_tag_mutability")) == ("quay", Known(value="MUTABLE"))
    role = template.get("custom_role_arn")
    assert isinstance(role, Link)
    assert role.target.key == "templates-quay"
    assert found[f"{quay}.aws_ecr_pull_through_cache_rule.this[0]"].key == "quay"
    # What the module writes into the role's policy is the module's affair, and so not known.
    assert isinstance(found[f"{quay}.aws_iam_policy.this[0]"].get("policy"), Unknown)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (
            'source = "terraform-aws-modules/ecr/aws"\n  version = "0.9.0"',
            "its inputs are known from version 1.0 on only",
        ),
        (
            'source = "terraform-aws-modules/ecr/aws"\n  version = ">= 1.5-beta"',
            "its inputs are known from version 1.0 on only",
        ),
        (
            'source = "terraform-aws-modules/iam/aws//modules/iam-policy"\n  version = "~> 4.0"',
            "its inputs are known from version 5.0 on only",
        ),
        (
            'source = "github.com/terraform-aws-modules/terraform-aws-ecr?ref=v0.9.0"',
            "its inputs are known from version 1.0 on only",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git"',
            "its code may be anybody's",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=main"',
            "its code may be anybody's",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=refs/pull/999/head"',
            "its code may be anybody's",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
            "its code may be anybody's",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=v3.1"',
            "its code may be anybody's",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=v3.1.0&archive=zip"',
            "is not on disk",
        ),
        (
            'source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=v3.1.0&ref=main"',
            "is not on disk",
        ),
        ('source = "https://terraform-aws-modules/ecr/aws"', "is not on disk"),
        ('source = "git::terraform-aws-modules/ecr/aws"', "is not on disk"),
        (
            'source = "git::http://github.com/terraform-aws-modules/terraform-aws-ecr?ref=v3.1.0"',
            "is not on disk",
        ),
        ('source = "evil.example/terraform-aws-modules/ecr/aws"', "is not on disk"),
        (
            'source = "terraform-aws-modules/ecr/aws"\n  registry_rules = {}',
            "what `registry_rules` means to it is not known",
        ),
        ('source = "terraform-aws-modules/ecr/aws//modules/other"', "is not on disk"),
        ('source = "somebody/ecr/aws"', "is not on disk"),
        ('source = "git::https://example.com/terraform-aws-modules/ecr/aws.git"', "is not on disk"),
    ],
)
def test_a_call_whose_inputs_are_not_known_is_not_read(read: Read, call: str, reason: str) -> None:
    reading = read({"main.tf": PROVIDER + f'module "ecr" {{\n  {call}\n}}\n'})

    (unread,) = reading.unread_modules
    assert unread.reason.endswith(reason)
    assert by_address(reading) == {}


def test_a_module_on_disk_is_read_as_it_lies_there(read: Read) -> None:
    manifest = (
        '{"Modules": [{"Key": "ecr", "Dir": ".terraform/modules/ecr", "Version": "3.1.0",'
        ' "Source": "registry.terraform.io/terraform-aws-modules/ecr/aws"}]}'
    )
    reading = read(
        {
            "main.tf": PROVIDER + 'module "ecr" {\n  source = "terraform-aws-modules/ecr/aws"\n}\n',
            ".terraform/modules/modules.json": manifest,
            ".terraform/modules/ecr/main.tf": 'resource "aws_ecr_account_setting" "s" {\n'
            '  name = "BLOB_MOUNTING"\n}\n',
        }
    )

    assert [record.key for record in by_address(reading).values()] == ["BLOB_MOUNTING"]
    assert reading.problems == ()


OWN = "git::https://git.example.com/platform/forebay.git//modules?ref=v9.9.9"
OWN_CALL = """
module "cache" {
  source = "git::https://git.example.com/platform/forebay.git//modules/%s?ref=%s"
  region = "eu-west-1"
  rules  = { quay = { upstream_registry_url = "quay.io" } }
}
"""


def topology_with(folder: Path, modules: str) -> Topology:
    file = folder.parent / "topology.yaml"
    file.write_text(
        'version: 1\naccounts: {main: {id: "111122223333", regions: [eu-west-1]}}\n'
        "registries: {main: {caches: {quay: {}}, grants: [{to: {role: node}, allow: pull}]}}\n"
        f"terraform: {{modules: '{modules}'}}\n",
        encoding="utf-8",
    )
    topology = read_topology(file).topology
    assert topology is not None
    return topology


def read_own(write: Callable[[Files], Path], code: str, own: str = OWN) -> Reading:
    folder = write({"main.tf": PROVIDER + code})
    return read_code(folder, project_root=folder, topology=topology_with(folder, own))


def test_a_tree_that_takes_our_modules_from_git_is_compared_like_any_other(
    tmp_path: Path,
) -> None:
    topology = topology_with(tmp_path / "terraform", OWN.replace("v9.9.9", f"v{version()}"))
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    found = (*drift_findings(topology, reading), *check_findings(topology, reading))
    assert {finding.severity for finding in found} == {Severity.INFO}
    assert "module-not-on-disk" in {finding.rule for finding in found}


def test_our_own_module_is_read_from_the_packaged_copy_of_its_version(
    write: Callable[[Files], Path],
) -> None:
    reading = read_own(write, OWN_CALL % ("pull-through-cache", f"v{version()}"))

    (rule,) = by_address(reading).values()
    assert (rule.kind, rule.key) == (Kind.CACHE_RULE, "quay")
    assert rule.span is not None
    assert rule.span.file.name == "main.tf"
    (note,) = reading.problems
    assert f"the copy of it that forebay {version()} has" in note.message


@pytest.mark.parametrize(
    ("code", "own", "reason"),
    [
        (OWN_CALL % ("pull-through-cache", "v0.0.9"), OWN, "of which forebay"),
        (OWN_CALL % ("pull-through-cache", "main"), OWN, "the call names `main`"),
        (OWN_CALL % ("other", f"v{version()}"), OWN, "has no module `other`"),
        (OWN_CALL % ("../tests", f"v{version()}"), OWN, "has no module"),
        (OWN_CALL % ("pull-through-cache", f"v{version()}"), "vendored", "is not on disk"),
        (
            OWN_CALL % ("pull-through-cache", f"v{version()}"),
            OWN.replace("platform", "else"),
            "is not on disk",
        ),
        (
            (OWN_CALL % ("pull-through-cache", f"v{version()}")).replace("rules ", "rulez "),
            OWN,
            "what `rulez` means to it is not known",
        ),
    ],
)
def test_another_version_of_our_own_module_is_not_read(
    write: Callable[[Files], Path], code: str, own: str, reason: str
) -> None:
    reading = read_own(write, code, own)

    (unread,) = reading.unread_modules
    assert reason in unread.reason
    assert by_address(reading) == {}


def called(node: object) -> set[str]:
    """The functions that a piece of code calls; the type of a variable is no call."""
    if isinstance(node, Block) and node.type == "variable":
        return called(tuple(value for key, value in node.body.attributes.items() if key != "type"))
    if is_dataclass(node):
        own = {node.name} if isinstance(node, Call) else set()
        return own.union(*(called(getattr(node, each.name)) for each in fields(node)))
    if isinstance(node, Mapping | tuple):
        return set().union(*map(called, node.values() if isinstance(node, Mapping) else node))
    return set()


@pytest.mark.parametrize(
    "name", sorted(path.name for path in stand_in_folder("").iterdir() if path.is_dir())
)
def test_our_code_for_public_modules_can_be_parsed_and_evaluated(name: str) -> None:
    file = stand_in_folder(name) / "main.tf"

    body = parse_body(SourceText(Path("main.tf"), file.read_text("utf-8")))

    assert isinstance(body, Body)
    assert called(body) - evaluated() == set()


@pytest.mark.parametrize(
    ("folder", "more"),
    [
        ("", "enable_pull_through_cache = true"),
        ("//modules/pull-through-cache", 'aws_account_id = "111122223333"'),
    ],
)
def test_the_policy_of_a_role_that_a_public_module_makes_is_known(
    read: Read, folder: str, more: str
) -> None:
    rules = '[{ ecr_repository_prefix = "quay", upstream_registry_url = "quay.io" }]'
    code = CACHES_OF_OTHERS.format(
        source=f"lgallard/ecr/aws{folder}",
        version="2.1.1",
        arguments=f'name = "app"\n  pull_through_cache_rules = {rules}\n  {more}',
    )

    records = by_address(read({"main.tf": PROVIDER + code}))

    policy = records["module.cache.aws_iam_role_policy.pull_through_cache[0]"].get("policy")
    assert isinstance(policy, Known)
    assert "arn:aws:ecr:*:111122223333:repository/*" in str(policy.value)


@pytest.mark.parametrize(
    ("source", "place", "folder", "version"),
    [
        ("a/b/aws//modules/x", "a/b/aws", "modules/x", "9"),
        ("git::https://host.example/Team/Repo.git//modules/x?ref=v1.2.0", "host.example/team/repo", "modules/x", "v1.2.0"),
        ("git@host.example:team/repo.git//modules/x?ref=v2", "host.example/team/repo", "modules/x", "v2"),
        ("git::ssh://git@host.example/team/repo.git", "host.example/team/repo", "", ""),
    ],
)  # fmt: skip
def test_a_source_says_where_which_folder_and_which_version(
    source: str, place: str, folder: str, version: str
) -> None:
    remote = remote_source(source, "9")

    assert remote is not None
    assert (remote.place, remote.folder, remote.version) == (place, folder, version)


SECRETS = """
module "hub" {
  source  = "terraform-aws-modules/secrets-manager/aws"
  version = "~> 1.1"
  NAME
  secret_string = jsonencode({ username = "u", KEY = "t" })
}
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = module.hub.secret_arn
}
"""


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ('name = "hub"', "accessToken", {("finding", "secret-name")}),
        ('name_prefix = "hub-"', "accessToken", {("finding", "secret-name")}),
        ('name = "ecr-pullthroughcache/hub"', "password", {("finding", "secret-keys")}),
        ('name_prefix = "ecr-pullthroughcache/hub-"', "accessToken", set()),
    ],
)
def test_a_secret_of_the_public_module_is_judged(
    read: Read, name: str, key: str, expected: set[tuple[str, str]]
) -> None:
    code = SECRETS.replace("NAME", name).replace("KEY", key)

    assert results(read({"main.tf": PROVIDER_ALONE + code})) == expected


STATEMENT = """create_policy = true
  policy_statements = {
    read = {
      actions    = ["secretsmanager:GetSecretValue"]
      resources  = ["*"]
      principals = [{ type = "AWS", identifiers = ["WHO"] }]
      CONDITIONS = [{ test = "StringEquals", variable = "aws:PrincipalAccount", values = ["111122223333"] }]
    }
  }"""
OWN_ROOT = "arn:aws:iam::111122223333:root"
OPEN = {("finding", "grant-any-principal")}


@pytest.mark.parametrize(
    ("version", "who", "conditions", "expected"),
    [
        ("~> 2.0", OWN_ROOT, "condition", set()),
        ("~> 1.1", OWN_ROOT, "conditions", set()),
        (
            "~> 2.0",
            "arn:aws:iam::222233334444:root",
            "conditions",
            {("finding", "secret-shared")},
        ),
        ("~> 2.0", "*", "condition", set()),
        # The other version drops a list of this name without a word.
        ("~> 2.0", "*", "conditions", OPEN),
        ("~> 1.1", "*", "condition", OPEN),
        ("~> 1.1", "*", "conditions", set()),
    ],
)
def test_the_policy_of_such_a_secret_is_judged(
    read: Read, version: str, who: str, conditions: str, expected: set[tuple[str, str]]
) -> None:
    policy = STATEMENT.replace("WHO", who).replace("CONDITIONS", conditions)
    code = SECRETS.replace("~> 1.1", version).replace("KEY", "accessToken")
    code = code.replace("NAME", f'name = "ecr-pullthroughcache/hub"\n  {policy}')

    assert results(read({"main.tf": PROVIDER_ALONE + code})) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", set()),
        ('repository_read_write_access_arns = ["arn:aws:iam::111122223333:role/ci"]', set()),
        ('repository_read_write_access_arns = ["*"]', OPEN),
        ('repository_read_access_arns = ["arn:aws:iam::222233334444:root"]', set()),
        (
            (
                "repository_lambda_read_access_arns ="
                ' ["arn:aws:lambda:eu-west-1:111122223333:function:*"]'
            ),
            set(),
        ),
        (
            (
                "repository_policy_statements = { a = { actions = "
                '["ecr:BatchGetImage"], principals = [{ type = "AWS", identifiers = ["*"] }] } }'
            ),
            OPEN,
        ),
        (
            (
                "repository_policy_statements = { a = { actions = "
                '["ecr:BatchGetImage"], principals = [{ type = "AWS", identifiers = ["*"] }], conditions ='
                ' [{ test = "StringEquals", variable = "aws:PrincipalOrgID", values = ["o-abcdefghij"] }] } }'
            ),
            set(),
        ),
    ],
)
def test_the_policy_of_such_a_repository_is_judged(
    read: Read, arguments: str, expected: set[tuple[str, str]]
) -> None:
    code = (
        'module "app" {\n  source = "terraform-aws-modules/ecr/aws"\n  version = "~> 3.0"\n'
        f'  repository_name = "team/app"\n  {arguments}\n}}\n'
    )

    assert results(read({"main.tf": PROVIDER_ALONE + code})) == expected


def test_a_key_of_the_public_module_is_one_of_your_own(read: Read) -> None:
    code = """
module "key" {
  source  = "terraform-aws-modules/kms/aws"
  version = "3.1.0"
}
resource "aws_secretsmanager_secret" "s" {
  name       = "ecr-pullthroughcache/s"
  kms_key_id = module.key.key_arn
}
"""

    assert results(read({"main.tf": PROVIDER + code})) == {("finding", "secret-key-refused")}


def test_a_policy_of_the_public_module_is_judged(read: Read) -> None:
    code = """
module "ci" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-policy"
  version = "5.30.0"
  name    = "ci"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "ecr:CreateRepository", Resource = "*"
  }] })
}
"""

    assert results(read({"main.tf": PROVIDER + code})) == {("finding", "wildcard-resource")}


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ('["*"]', {("finding", "grant-any-principal")}),
        ('["arn:aws:iam::222233334444:root"]', set()),
        ("[]", set()),
    ],
)
def test_a_repository_of_the_public_module_is_judged(
    read: Read, principals: str, expected: set[tuple[str, str]]
) -> None:
    code = f"""
module "app" {{
  source                     = "cloudposse/ecr/aws"
  version                    = "0.42.1"
  namespace                  = "acme"
  name                       = "app"
  principals_readonly_access = {principals}
}}
"""

    assert results(read({"main.tf": PROVIDER + code})) == expected


def test_modules_that_can_make_no_cache_are_silent(read: Read) -> None:
    code = """
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
}
module "label" {
  source  = "cloudposse/label/null"
  version = "0.25.0"
}
module "eks" {
  source = "git::https://github.com/terraform-aws-modules/terraform-aws-eks.git?ref=v20.8.4"
}
"""

    assert results(read({"main.tf": PROVIDER + code})) == set()


@pytest.mark.parametrize(
    "source",
    [
        "acme/vpc/aws",
        "git::https://github.com/terraform-aws-modules/terraform-aws-eks.git?ref=main",
        "git::https://github.com/acme/terraform-aws-eks.git?ref=v1.0.0",
    ],
)
def test_modules_of_others_and_of_branches_stay_open(read: Read, source: str) -> None:
    code = f'module "m" {{\n  source = "{source}"\n}}\nmodule "n" {{\n  source = "{source}"\n}}\n'

    reading = read({"main.tf": PROVIDER + code})

    (found,) = [
        each for each in check_findings_without_topology(reading) if each.rule == "unread-module"
    ]
    assert "module.m" in found.message
    assert "module.n" in found.message


ROLE = """
module "role" {
  source          = "terraform-aws-modules/iam/aws//modules/iam-role"
  version         = "6.4.0"
  name            = "fill"
  use_name_prefix = false
  TRUST
}
"""
FILLED = """
resource "aws_ecr_pull_through_cache_rule" "own" {
  ecr_repository_prefix = "own"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = module.role.arn
}
"""
QUAY = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
GITHUB = (
    "enable_github_oidc = true\n"
    '  policies = { p = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly" }'
)


def trusts(service: str) -> str:
    return (
        'trust_policy_permissions = { ecr = { actions = ["sts:AssumeRole"], principals = '
        f'[{{ type = "Service", identifiers = ["{service}"] }}] }} }}'
    )


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        (trusts("ecr.amazonaws.com"), FILLED, {("finding", "trust-wrong-principal")}),
        (trusts("pullthroughcache.ecr.amazonaws.com"), FILLED, set()),
        (
            GITHUB,
            QUAY,
            {("finding", "federation-any-subject")},
        ),
        (
            'oidc_subjects = ["acme/app:ref:refs/heads/main"]\n  ' + GITHUB,
            QUAY,
            set(),
        ),
        (
            trusts("ec2.amazonaws.com")
            + "\n  create_inline_policy = true\n  inline_policy_permissions ="
            ' { a = { actions = ["ecr:*"], resources = ["*"] } }',
            "",
            {("finding", "wildcard-action")},
        ),
    ],
)
def test_a_role_of_the_public_module_is_judged(
    read: Read, arguments: str, more: str, expected: set[tuple[str, str]]
) -> None:
    code = ROLE.replace("TRUST", arguments)

    assert results(read({"main.tf": PROVIDER + code + more})) == expected


LABEL = """
module "this" {
  source    = "cloudposse/label/null"
  version   = "0.25.0"
  namespace = "Eg_"
  stage     = "prod"
  name      = "cache"
  tags      = { Team = "a" }
  MORE
}
module "other" {
  source     = "cloudposse/label/null"
  version    = "0.25.0"
  attributes = ["x"]
  context    = module.this.context
}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  count                 = module.other.enabled ? 1 : 0
  ecr_repository_prefix = module.other.id
  upstream_registry_url = "quay.io"
}
resource "aws_ecr_repository_creation_template" "quay" {
  count         = module.this.enabled ? 1 : 0
  prefix        = module.this.id
  applied_for   = ["PULL_THROUGH_CACHE"]
  resource_tags = module.this.tags
}
"""


def test_a_label_says_names_and_tags_and_that_things_are_made(read: Read) -> None:
    reading = read({"main.tf": PROVIDER + LABEL.replace("MORE", "")})

    found = by_address(reading)
    assert {address: record.key for address, record in found.items()} == {
        "aws_ecr_pull_through_cache_rule.quay[0]": "eg-prod-cache-x",
        "aws_ecr_repository_creation_template.quay[0]": "eg-prod-cache",
    }
    template = found["aws_ecr_repository_creation_template.quay[0]"]
    assert template.get("resource_tags") == Known(
        value={"Name": "eg-prod-cache", "Namespace": "eg", "Stage": "prod", "Team": "a"}
    )


@pytest.mark.parametrize(
    ("more", "prefix"),
    [
        ("enabled = false", None),
        ('delimiter = "/"', "eg/prod/cache"),
        ('label_order = ["name", "stage"]', "cache-prod"),
        ('label_value_case = "none"', "Eg-prod-cache"),
        ('regex_replace_chars = "/x/"', "eg_-prod-cache"),
    ],
)
def test_a_label_is_made_as_its_inputs_say(read: Read, more: str, prefix: str | None) -> None:
    found = read({"main.tf": PROVIDER + LABEL.replace("MORE", more)}).estate.records

    keys = [each.key for each in found if each.kind is Kind.CREATION_TEMPLATE]
    assert keys == ([] if prefix is None else [prefix])


def test_whether_a_label_is_enabled_may_be_open(read: Read) -> None:
    code = 'variable "on" { type = bool }\n' + LABEL.replace("MORE", "enabled = var.on")

    found = by_address(read({"main.tf": PROVIDER + code}))

    assert all(record.uncertain is not None for record in found.values())
    assert len(found) == 2


MCAF = """
module "caches" {
  source  = "schubergphilis/mcaf-ecr/aws//modules/pull-through-cache"
  version = "~> 1.4"

  create_registry_policy = true
  readonly_principals    = ["222233334444"]
  pull_through_cache_rules = {
    hub = {
      credential_arn        = aws_secretsmanager_secret.hub.arn
      description           = "Docker Hub"
      ecr_repository_prefix = "hub"
      upstream_registry_url = "registry-1.docker.io"
    }
  }
}
module "repositories" {
  source  = "schubergphilis/mcaf-ecr/aws"
  version = "1.3.1"

  repository_names = ["team/app"]
  additional_ecr_policy_statements = {
    open = { effect = "allow", principal = { type = "AWS", identifiers = ["*"] }, actions = ["ecr:BatchGetImage"] }
  }
}
"""


def test_caches_of_mcaf_are_told_by_their_inputs(read: Read) -> None:
    reading = read({"main.tf": PROVIDER + MCAF})

    kinds = {(record.kind, record.key) for record in by_address(reading).values()}
    assert kinds == {
        (Kind.CACHE_RULE, "hub"),
        (Kind.REGISTRY_POLICY, ""),
        (Kind.ROLE, "EcrRepositoryCreationTemplate"),
        (Kind.ROLE_POLICY, "EcrRepositoryCreationTemplate:EcrRepositoryCreationTemplate"),
        (Kind.CREATION_TEMPLATE, "hub"),
        (Kind.REPOSITORY, "team/app"),
        (Kind.REPOSITORY_POLICY, "team/app"),
    }
    found = [
        (each.rule, each.location and each.location.line)
        for each in check_findings_without_topology(reading)
        if each.severity not in (Severity.INFO, Severity.WARNING)
    ]
    assert found == [("grant-any-principal", 32)]


@pytest.mark.parametrize(
    ("source", "is_open"),
    [
        ("terraform-google-modules/kubernetes-engine/google//modules/private-cluster", False),
        ("Azure/aks/azurerm", False),
        ("acme/google/aws", True),
        ("acme/cluster/kubernetes", True),
        ("git::https://github.com/acme/terraform-google-x.git?ref=v1.0.0", True),
    ],
)
def test_a_module_for_another_cloud_holds_no_cache(
    read: Read, source: str, *, is_open: bool
) -> None:
    reading = read({"main.tf": f'{PROVIDER}module "m" {{\n  source = "{source}"\n}}\n'})

    found = {each.rule for each in check_findings_without_topology(reading)}
    assert ("unread-module" in found) is is_open
