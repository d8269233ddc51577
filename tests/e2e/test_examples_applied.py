"""The examples, applied by real Terraform in a local AWS, and judged afterwards."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from e2e.deployer import refused_calls, role_arns
from e2e.project import EXAMPLES, Project, from_example
from terraform.fixtures import with_both_programs
from terraform.program import TOFU

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

ACCOUNTS = {"main": "111122223333", "platform": "111122223333", "shop": "222233334444"}
# Terraform applies an example's roots in this order, OpenTofu in the opposite one: what others cache
# from is applied first by one, and last by the other.
ORDERS = {
    "all-upstreams": ("builds", "main"),
    "brown-field": ("platform",),
    "central-cache-for-an-organization": ("platform", "search", "shop"),
    "docker-hub-and-ecr-public": ("main",),
    "hub-and-spokes": ("hub", "search", "shop"),
    "private-to-private": ("platform", "shop"),
    "start-up": ("main",),
    "tokens-and-templates": ("main",),
    "two-regions": ("platform", "shop"),
}
SUPPLIED = {"TF_VAR_github": '{"username": "octo", "access_token": "for-this-machine-only"}'}
TOKEN = "a-token-that-nobody-may-see"

pytestmark = pytest.mark.slow


def test_every_example_is_applied_here() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/topology.yaml")} == set(ORDERS)


def make_what_exists(example: str, local_aws: LocalAws) -> None:
    """Make what an example says is there before the first apply."""
    account = ACCOUNTS["main"]
    if example in ("start-up", "brown-field"):
        secrets = local_aws.client("secretsmanager", account=account)
        secrets.create_secret(Name="ecr-pullthroughcache/docker-hub", SecretString="a person's")
    if example == "brown-field":
        kept = (EXAMPLES / example / "policies" / "registry.json").read_text(encoding="utf-8")
        for name, value in (("partition", "aws"), ("region", "eu-west-1"), ("account_id", account)):
            kept = kept.replace(f"{{{name}}}", value)
        policy = {"Version": "2012-10-17", "Statement": json.loads(kept)}
        ecr = local_aws.client("ecr", account=account)
        ecr.put_registry_policy(policyText=json.dumps(policy))
        iam = local_aws.client("iam", account=account)
        for path, name in (("/ci/", "builder"), ("/ecr/", "templates")):
            iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument="{}")
        kms = local_aws.client("kms", account=account)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/ecr", TargetKeyId=key)


@with_both_programs
@pytest.mark.parametrize("example", ORDERS)
def test_an_example_applies_in_any_order_and_nothing_is_left_to_do(
    example: str,
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    local_aws: LocalAws,
    request: pytest.FixtureRequest,
) -> None:
    project = from_example(example, tmp_path)
    make_what_exists(example, local_aws)
    local_aws.forget_calls()
    accounts = project.accounts
    order = list(ORDERS[example])
    if request.node.callspec.params["terraform_program"] == TOFU:
        order.reverse()

    assert sorted(accounts) == sorted(order)
    roots = [
        terraform_factory(project.file(root), SUPPLIED, account=accounts[root]) for root in order
    ]
    plans: list[str] = []
    for root, terraform in zip(order, roots, strict=True):
        terraform.init()
        plan = terraform.plan()
        shown = tmp_path / f"{root}.plan.json"
        shown.write_text(json.dumps(terraform.show_json(plan)), encoding="utf-8")
        plans += ["--plan", str(shown)]
        terraform.apply(plan=plan)
    # The first plan knows no ARN yet, and still says what its code refers to.
    for command in ("drift", "check"):
        planned = project.forebay(command, *plans)
        assert planned.exit_code == 0, planned.stdout + planned.stderr
    for terraform in roots:
        assert not terraform.plan(detailed=True).has_changes
    terraform.fmt_check(project.code)
    drift, check = project.forebay("drift"), project.forebay("check")
    assert drift.exit_code == 0, drift.stdout + drift.stderr
    assert check.exit_code == 0, check.stdout + check.stderr
    # The applies are here already: what `forebay policies` gives is enough for each of their calls.
    roles = role_arns(local_aws, accounts.values())
    for terraform in reversed(roots):
        terraform.destroy()
    calls = [call for call in local_aws.calls() if call.operation != "ListRoles"]
    assert refused_calls(project, calls, roles) == set()


def test_the_cache_rules_are_what_the_topology_says(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = from_example("private-to-private", tmp_path)
    for root in ("shop", "platform"):
        terraform = terraform_factory(project.file(root), account=ACCOUNTS[root])
        terraform.init()
        terraform.apply()

    ecr = local_aws.client("ecr", account=ACCOUNTS["shop"])
    (rule,) = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert rule["ecrRepositoryPrefix"] == "platform"
    assert rule["upstreamRegistryUrl"] == "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    assert rule["upstreamRepositoryPrefix"] == "base-images"
    assert rule["customRoleArn"] == "arn:aws:iam::222233334444:role/forebay-upstream"
    upstream = local_aws.client("ecr", account=ACCOUNTS["platform"])
    setting = upstream.get_account_setting(name="REGISTRY_POLICY_SCOPE")
    assert setting["value"] == "V2"
    policy = json.loads(upstream.get_registry_policy()["policyText"])
    (statement,) = policy["Statement"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::222233334444:role/forebay-upstream"]}
    }


@with_both_programs
def test_no_secret_value_reaches_state_or_plan_and_terraform_keeps_the_real_one(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = from_example("docker-hub-and-ecr-public", tmp_path)
    root = project.file("main")
    terraform = terraform_factory(root, account=ACCOUNTS["main"])
    terraform.init()
    plan = terraform.plan()
    first = json.dumps(terraform.show_json(plan))
    terraform.apply(plan=plan)
    secrets = local_aws.client("secretsmanager", account=ACCOUNTS["main"])
    name = "ecr-pullthroughcache/docker-hub"
    placeholder = secrets.get_secret_value(SecretId=name)["SecretString"]

    secrets.put_secret_value(
        SecretId=name, SecretString=json.dumps({"username": "u", "accessToken": TOKEN})
    )
    second = terraform.plan(detailed=True)
    terraform.apply()

    assert json.loads(placeholder) == {"username": "placeholder", "accessToken": "placeholder"}
    assert not second.has_changes
    assert TOKEN in secrets.get_secret_value(SecretId=name)["SecretString"]
    texts = [first, json.dumps(terraform.show_json(second)), json.dumps(terraform.show_json())]
    texts += [file.read_text() for file in root.glob("*.tfstate*")]
    with zipfile.ZipFile(second.file) as archive:
        texts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    for text in texts:
        assert TOKEN not in text
        assert '"accessToken' not in text
        assert 'accessToken\\"' not in text


def test_the_creation_templates_are_what_the_topology_says(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = from_example("tokens-and-templates", tmp_path)
    terraform = terraform_factory(project.file("main"), SUPPLIED, account=ACCOUNTS["main"])
    terraform.init()
    terraform.apply()

    for region in ("eu-west-1", "us-east-1"):
        ecr = local_aws.client("ecr", account=ACCOUNTS["main"], region=region)
        answer = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
        github, quay = sorted(answer, key=lambda template: template["prefix"])
        role = "arn:aws:iam::111122223333:role/forebay-template"
        assert (github["prefix"], quay["prefix"]) == ("github", "quay")
        assert github["customRoleArn"] == quay["customRoleArn"] == role
        assert github["appliedFor"] == quay["appliedFor"] == ["PULL_THROUGH_CACHE"]
        assert github["resourceTags"] == [{"Key": "managed-by", "Value": "forebay"}]
        assert github["encryptionConfiguration"]["encryptionType"] == "AES256"
        assert quay["encryptionConfiguration"]["encryptionType"] == "KMS"
        (rule,) = json.loads(github["lifecyclePolicy"])["rules"]
        assert (rule["selection"]["countType"], rule["selection"]["countNumber"]) == (
            "sinceImagePushed",
            90,
        )
        (rule,) = json.loads(quay["lifecyclePolicy"])["rules"]
        assert rule["selection"]["countNumber"] == 20
    iam = local_aws.client("iam", account=ACCOUNTS["main"])
    trust = iam.get_role(RoleName="forebay-template")["Role"]["AssumeRolePolicyDocument"]
    assert [statement["Principal"] for statement in trust["Statement"]] == [
        {"Service": "ecr.amazonaws.com"}
    ]


def test_a_rule_changed_by_hand_shows_in_the_next_plan(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = from_example("docker-hub-and-ecr-public", tmp_path)
    terraform = terraform_factory(project.file("main"), account=ACCOUNTS["main"])
    terraform.init()
    terraform.apply()

    ecr = local_aws.client("ecr", account=ACCOUNTS["main"])
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="ecr-public")

    assert terraform.plan(detailed=True).has_changes


def test_a_root_refuses_the_wrong_account(
    tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    project = from_example("private-to-private", tmp_path)
    terraform = terraform_factory(project.file("shop"), account=ACCOUNTS["platform"])
    terraform.init()

    refused = terraform.plan(expect=(1,))

    assert "not allowed" in refused.output
    assert "111122223333" in refused.output


def test_a_second_generate_changes_nothing(tmp_path: Path) -> None:
    project: Project = from_example("private-to-private", tmp_path)
    before = {path: path.read_bytes() for path in project.code.rglob("*") if path.is_file()}

    again = project.forebay("generate", "--check")

    assert again.exit_code == 0, again.stdout + again.stderr
    assert {path: path.read_bytes() for path in project.code.rglob("*") if path.is_file()} == before
