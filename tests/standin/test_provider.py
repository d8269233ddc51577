"""Real Terraform, the stand-in and the local AWS together."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from terraform.runner import PlanResult, Terraform

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from standin.install import Mirror
    from terraform.fixtures import TerraformFactory

pytestmark = pytest.mark.slow

FIRST, SECOND = "111122223333", "222233334444"
REGION = "eu-west-1"
TOKEN = "an-access-token-that-must-not-leak"
HEADER = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    time = {
      source = "hashicorp/time"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
MakeRoot = Callable[..., Terraform]
Document = Mapping[str, object]


@pytest.fixture
def make_root(terraform_factory: TerraformFactory, tmp_path: Path) -> MakeRoot:
    """Write a root with the usual provider block, initialise it and return its Terraform."""

    def make(text: str, *, header: str = HEADER, **more: object) -> Terraform:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        (root / "main.tf").write_text(header + text, encoding="utf-8")
        terraform = terraform_factory(root, **more)
        terraform.init()
        return terraform

    return make


def write(terraform: Terraform, text: str, header: str = HEADER) -> None:
    """Change the configuration of a root that `make_root` made."""
    (terraform.root / "main.tf").write_text(header + text, encoding="utf-8")


def actions(terraform: Terraform, plan: PlanResult) -> dict[str, list[str]]:
    """Return what a plan would do, by address, without what it leaves alone."""
    changes = terraform.show_json(plan).get("resource_changes", [])
    return {
        change["address"]: change["change"]["actions"]
        for change in changes
        if change["change"]["actions"] != ["no-op"]
    }


def resources(terraform: Terraform) -> dict[str, Document]:
    """Return the values in the state, by address."""
    module = terraform.show_json()["values"]["root_module"]
    return {one["address"]: one["values"] for one in module["resources"]}


def plan_contents(plan: PlanResult) -> bytes:
    """Return everything inside a saved plan, unpacked."""
    with zipfile.ZipFile(plan.file) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


TWO_ACCOUNTS = """
provider "aws" {
  alias  = "second"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/deploy"
  }
}

variable "token" {
  type      = string
  ephemeral = true
}

data "aws_caller_identity" "second" {
  provider = aws.second
}

resource "aws_secretsmanager_secret" "hub" {
  for_each                = toset(["eu-west-1", "us-east-1"])
  region                  = each.key
  name                    = "ecr-pullthroughcache/docker-hub"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "hub" {
  for_each                 = aws_secretsmanager_secret.hub
  region                   = each.value.region
  secret_id                = each.value.id
  secret_string_wo         = jsonencode({ username = "u", accessToken = var.token })
  secret_string_wo_version = 1
}

resource "time_sleep" "settle" {
  create_duration = "15m"
  triggers        = { for region, version in aws_secretsmanager_secret_version.hub : region => version.arn }
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  for_each              = aws_secretsmanager_secret.hub
  region                = each.key
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = time_sleep.settle.triggers[each.key]
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.second.account_id }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = ["arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"]
    }]
  })
}

resource "aws_iam_policy" "pull" {
  provider = aws.second
  name     = "pull"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "ecr:BatchGetImage"
      Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"
    }]
  })
}
"""


def test_two_accounts_are_applied_and_the_secret_value_is_nowhere_but_in_aws(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(TWO_ACCOUNTS, environment={"TF_VAR_token": TOKEN})

    plan = terraform.plan(detailed=True)
    terraform.apply(plan=plan)
    writes = local_aws.writes()
    second_plan = terraform.plan(detailed=True)

    assert plan.has_changes
    assert not second_plan.has_changes, second_plan.stdout
    assert sorted((call.operation, call.account, call.region) for call in writes) == [
        ("CreatePolicy", SECOND, "eu-west-1"),
        ("CreatePullThroughCacheRule", FIRST, "eu-west-1"),
        ("CreatePullThroughCacheRule", FIRST, "us-east-1"),
        ("CreateSecret", FIRST, "eu-west-1"),
        ("CreateSecret", FIRST, "us-east-1"),
        ("PutRegistryPolicy", FIRST, "eu-west-1"),
        ("PutSecretValue", FIRST, "eu-west-1"),
        ("PutSecretValue", FIRST, "us-east-1"),
    ]
    for where in (
        (terraform.root / "terraform.tfstate").read_bytes(),
        json.dumps(terraform.show_json()).encode(),
        json.dumps(terraform.show_json(plan)).encode(),
        plan_contents(plan),
        plan_contents(second_plan),
    ):
        assert where
        assert TOKEN.encode() not in where
    for region in ("eu-west-1", "us-east-1"):
        client = local_aws.client("secretsmanager", account=FIRST, region=region)
        value = client.get_secret_value(SecretId="ecr-pullthroughcache/docker-hub")
        assert json.loads(value["SecretString"])["accessToken"] == TOKEN


def test_a_raised_version_writes_the_new_value_and_makes_the_settle_time_anew(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(TWO_ACCOUNTS, environment={"TF_VAR_token": TOKEN})
    terraform.apply()

    same = terraform.acting({"TF_VAR_token": "new"}).plan(detailed=True)
    write(
        terraform,
        TWO_ACCOUNTS.replace("secret_string_wo_version = 1", "secret_string_wo_version = 2"),
    )
    raised = terraform.acting({"TF_VAR_token": "new"})
    plan = raised.plan(detailed=True)
    raised.apply(plan=plan)

    assert not same.has_changes
    assert actions(raised, plan)['aws_secretsmanager_secret_version.hub["eu-west-1"]'] == [
        "delete",
        "create",
    ]
    client = local_aws.client("secretsmanager", account=FIRST)
    value = client.get_secret_value(SecretId="ecr-pullthroughcache/docker-hub")
    assert json.loads(value["SecretString"])["accessToken"] == "new"


QUAY = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""


def test_a_deleted_rule_shows_in_the_next_plan(make_root: MakeRoot, local_aws: LocalAws) -> None:
    terraform = make_root(QUAY)
    terraform.apply()
    assert not terraform.plan(detailed=True).has_changes

    ecr = local_aws.client("ecr", account=FIRST)
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    plan = terraform.plan(detailed=True)

    assert actions(terraform, plan) == {"aws_ecr_pull_through_cache_rule.quay": ["create"]}


RULES = """
variable "changed" {
  type    = bool
  default = false
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = toset(["prefix", "upstream", "upstream_prefix", "region"])

  region                     = var.changed && each.key == "region" ? "us-east-1" : "eu-west-1"
  ecr_repository_prefix      = var.changed && each.key == "prefix" ? "new" : replace(each.key, "_", "-")
  upstream_registry_url      = var.changed && each.key == "upstream" ? "registry.k8s.io" : "quay.io"
  upstream_repository_prefix = var.changed && each.key == "upstream_prefix" ? "org" : null
}
"""


def test_a_rule_is_replaced_when_what_it_is_changes(make_root: MakeRoot) -> None:
    terraform = make_root(RULES)
    terraform.apply()

    plan = terraform.plan("-var=changed=true", detailed=True)

    assert actions(terraform, plan) == {
        f'aws_ecr_pull_through_cache_rule.this["{argument}"]': ["delete", "create"]
        for argument in ("prefix", "upstream", "upstream_prefix", "region")
    }


def test_root_as_upstream_prefix_and_the_providers_own_region_change_nothing(
    make_root: MakeRoot,
) -> None:
    terraform = make_root(QUAY)
    terraform.apply()

    explicit = '"quay.io"\n  upstream_repository_prefix = "ROOT"\n  region = "eu-west-1"\n'
    write(terraform, QUAY.replace('"quay.io"\n', explicit))

    assert not terraform.plan(detailed=True).has_changes


def test_taking_a_credential_away_is_refused_by_ecr(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    arn = local_aws.client("secretsmanager", account=FIRST).create_secret(
        Name="ecr-pullthroughcache/quay", SecretString="{}"
    )["ARN"]
    terraform = make_root(QUAY.replace('"quay.io"\n', f'"quay.io"\n  credential_arn = "{arn}"\n'))
    terraform.apply()

    write(terraform, QUAY)
    plan = terraform.plan(detailed=True)
    applied = terraform.apply(plan=plan, expect=(1,))

    assert actions(terraform, plan) == {"aws_ecr_pull_through_cache_rule.quay": ["update"]}
    assert "Please set either credential arn or role arn" in " ".join(applied.output.split())


def test_imported_rule_and_registry_policy_need_no_change(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage"],
        "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    }
    ecr = local_aws.client("ecr", account=FIRST, region="us-east-1")
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    ecr.put_registry_policy(
        policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    local_aws.forget_calls()
    terraform = make_root(
        """
import {
  to = aws_ecr_pull_through_cache_rule.quay
  id = "quay@us-east-1"
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  region                = "us-east-1"
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

import {
  to = aws_ecr_registry_policy.this
  id = "111122223333@us-east-1"
}

resource "aws_ecr_registry_policy" "this" {
  region = "us-east-1"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-a1b2c3d4e5"] } }
      Effect    = "Allow"
      Principal = "*"
      Resource  = ["arn:aws:ecr:us-east-1:111122223333:repository/*"]
    }
  })
}
"""
    )

    applied = terraform.apply()

    assert "2 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout
    assert local_aws.writes() == ()
    assert not terraform.plan(detailed=True).has_changes


def test_an_import_of_what_is_not_there_fails_at_plan(make_root: MakeRoot) -> None:
    terraform = make_root(
        """
import {
  to = aws_ecr_registry_policy.this
  id = "111122223333"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
    )

    plan = terraform.plan(expect=(1,))

    assert "Cannot import non-existent remote object" in plan.output


def test_the_wrong_account_is_refused_before_any_change(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(QUAY, account=SECOND)

    plan = terraform.plan(expect=(1,))

    assert "AWS account ID not allowed: 222233334444" in plan.output
    assert {call.service for call in local_aws.calls()} == {"sts"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (QUAY.replace("}", '  upstream_registry = "quay"\n}'), "Unsupported argument"),
        (QUAY.replace('  upstream_registry_url = "quay.io"\n', ""), "Missing required argument"),
        (QUAY.replace('"quay"\n', '"Quay"\n'), "must only include alphanumeric"),
        (QUAY.replace('"quay.io"\n', '["quay.io"]\n'), "Inappropriate value"),
        (QUAY.replace("}", "  timeouts {}\n}"), "Unsupported block type"),
    ],
    ids=["unknown", "missing", "pattern", "type", "block"],
)
def test_validate_refuses_what_the_provider_does_not_know(
    make_root: MakeRoot, local_aws: LocalAws, text: str, words: str
) -> None:
    terraform = make_root(text)
    local_aws.forget_calls()

    result = terraform.validate(expect=(1,))

    assert words in result.output
    assert local_aws.calls() == ()


def test_an_endpoint_that_leaves_this_machine_is_refused(
    make_root: MakeRoot, stand_in: Mirror
) -> None:
    terraform = make_root(QUAY, environment={"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"})

    plan = terraform.plan(expect=(1,))

    assert "only talks to an AWS on this machine" in plan.output


def test_a_type_without_behaviour_says_so(make_root: MakeRoot, stand_in: Mirror) -> None:
    terraform = make_root(
        'resource "aws_iam_role_policies_exclusive" "x" {\n  role_name = "x"\n  policy_names = []\n}\n'
    )

    terraform.validate()
    plan = terraform.plan(expect=(1,))

    assert "no behaviour for it" in " ".join(plan.output.split())


PLACEHOLDER = """
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_secretsmanager_secret_version" "placeholder" {
  secret_id                = aws_secretsmanager_secret.hub.id
  secret_string_wo         = jsonencode({ username = "set-me", accessToken = "set-me" })
  secret_string_wo_version = 1
  version_stages           = ["AWSCURRENT", "forebay-placeholder"]

  lifecycle {
    ignore_changes = [version_stages]
  }
}
"""


def test_a_value_that_a_person_sets_later_is_left_alone(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(PLACEHOLDER)
    terraform.apply()
    secrets = local_aws.client("secretsmanager", account=FIRST)

    for value in ("the real one", "rotated", "rotated again"):
        secrets.put_secret_value(SecretId="ecr-pullthroughcache/docker-hub", SecretString=value)
        plan = terraform.plan(detailed=True)
        assert not plan.has_changes, plan.stdout

    current = secrets.get_secret_value(SecretId="ecr-pullthroughcache/docker-hub")
    assert current["SecretString"] == "rotated again"


def test_a_value_is_copied_from_another_accounts_secret_without_a_trace(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    owner = local_aws.client("secretsmanager", account=SECOND, region="us-east-1")
    arn = owner.create_secret(Name="tokens/hub", SecretString=TOKEN)["ARN"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    owner.put_resource_policy(
        SecretId=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    terraform = make_root(
        f"""
ephemeral "aws_secretsmanager_secret_version" "source" {{
  region    = "us-east-1"
  secret_id = "{arn}"
}}

resource "aws_secretsmanager_secret" "copy" {{
  name = "ecr-pullthroughcache/docker-hub"
}}

resource "aws_secretsmanager_secret_version" "copy" {{
  secret_id                = aws_secretsmanager_secret.copy.id
  secret_string_wo         = ephemeral.aws_secretsmanager_secret_version.source.secret_string
  secret_string_wo_version = 1
}}
"""
    )

    plan = terraform.plan()
    terraform.apply(plan=plan)

    copy = local_aws.client("secretsmanager", account=FIRST).get_secret_value(
        SecretId="ecr-pullthroughcache/docker-hub"
    )
    assert copy["SecretString"] == TOKEN
    assert TOKEN.encode() not in plan_contents(plan)
    assert TOKEN not in (terraform.root / "terraform.tfstate").read_text()


def test_data_sources_answer_from_the_local_aws(make_root: MakeRoot, local_aws: LocalAws) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    local_aws.client("iam", account=FIRST).create_role(
        RoleName="cache", AssumeRolePolicyDocument=trust, Path="/ecr/"
    )
    secret = local_aws.client("secretsmanager", account=FIRST).create_secret(
        Name="ecr-pullthroughcache/hub", SecretString="{}", Tags=[{"Key": "a", "Value": "b"}]
    )["ARN"]
    local_aws.client("ecr", account=FIRST).create_pull_through_cache_rule(
        ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io"
    )
    kms = local_aws.client("kms", account=FIRST)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/ecr", TargetKeyId=key["KeyId"])
    terraform = make_root(
        """
data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}
data "aws_iam_role" "cache" {
  name = "cache"
}
data "aws_secretsmanager_secret" "by_name" {
  name = "ecr-pullthroughcache/hub"
}
data "aws_secretsmanager_secret" "by_arn" {
  arn = data.aws_secretsmanager_secret.by_name.arn
}
data "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
}
data "aws_kms_alias" "ecr" {
  name = "alias/ecr"
}
data "aws_iam_policy_document" "pull" {
  statement {
    actions   = ["ecr:BatchGetImage"]
    resources = ["*"]
  }
}

output "found" {
  value = {
    account   = data.aws_caller_identity.this.account_id
    partition = data.aws_partition.this.partition
    suffix    = data.aws_partition.this.dns_suffix
    region    = data.aws_region.this.region
    role      = data.aws_iam_role.cache.arn
    secret    = data.aws_secretsmanager_secret.by_arn.arn
    tags      = data.aws_secretsmanager_secret.by_name.tags
    upstream  = data.aws_ecr_pull_through_cache_rule.quay.upstream_registry_url
    key       = data.aws_kms_alias.ecr.target_key_arn
    action    = jsondecode(data.aws_iam_policy_document.pull.json).Statement[0].Action
  }
}
"""
    )

    terraform.apply()

    assert terraform.output()["found"] == {
        "account": FIRST,
        "partition": "aws",
        "suffix": "amazonaws.com",
        "region": REGION,
        "role": "arn:aws:iam::111122223333:role/ecr/cache",
        "secret": secret,
        "tags": {"a": "b"},
        "upstream": "quay.io",
        "key": key["Arn"],
        "action": "ecr:BatchGetImage",
    }


def test_a_data_source_of_nothing_fails_at_plan(make_root: MakeRoot) -> None:
    terraform = make_root(
        """
data "aws_iam_role" "x" {
  name = "x"
}
data "aws_secretsmanager_secret" "x" {
  name = "x"
}
data "aws_ecr_pull_through_cache_rule" "x" {
  ecr_repository_prefix = "xx"
}
data "aws_kms_alias" "x" {
  name = "alias/x"
}
"""
    )

    plan = terraform.plan(expect=(1,))

    assert " ".join(plan.output.split()).count("couldn't find resource") == 4


ONE_OF_EVERYTHING = """
variable "text" {
  type    = string
  default = "before"
}

locals {
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecr.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.text } }
    }]
  }
  permissions = {
    Version   = "2012-10-17"
    Statement = [{ Sid = var.text, Effect = "Allow", Action = "ecr:CreateRepository", Resource = "*" }]
  }
  lifecycle = {
    rules = [{
      rulePriority = 1
      description  = var.text
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = 10
      }
      action = { type = "expire" }
    }]
  }
}

resource "aws_iam_role" "this" {
  name                 = "template"
  path                 = "/ecr/"
  description          = var.text
  max_session_duration = 7200
  permissions_boundary = var.text == "before" ? aws_iam_policy.this.arn : null
  assume_role_policy   = jsonencode(local.trust)
  tags                 = { text = var.text }
}

resource "aws_iam_role_policy" "this" {
  name   = "template"
  role   = aws_iam_role.this.name
  policy = jsonencode(local.permissions)
}

resource "aws_iam_policy" "this" {
  name   = "pull"
  policy = jsonencode(local.permissions)
  tags   = { text = var.text }
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_kms_key" "this" {
  description         = var.text
  enable_key_rotation = var.text == "after"
  tags                = { text = var.text }
}

resource "aws_kms_key_policy" "this" {
  key_id = aws_kms_key.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.text
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/ecr"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_ecr_repository_creation_template" "this" {
  prefix               = "quay"
  description          = var.text
  applied_for          = ["PULL_THROUGH_CACHE"]
  custom_role_arn      = aws_iam_role.this.arn
  image_tag_mutability = var.text == "before" ? "MUTABLE" : "IMMUTABLE"
  lifecycle_policy     = jsonencode(local.lifecycle)
  resource_tags        = { text = var.text }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }
}

resource "aws_ecr_repository_creation_template" "plain" {
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]
}

resource "aws_ecr_account_setting" "this" {
  name  = "BLOB_MOUNTING"
  value = var.text == "before" ? "ENABLED" : "DISABLED"
}

resource "aws_ecr_repository" "this" {
  name                 = "own"
  image_tag_mutability = var.text == "before" ? "MUTABLE" : "IMMUTABLE"
  tags                 = { text = var.text }

  image_scanning_configuration {
    scan_on_push = var.text == "after"
  }
}

resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = var.text, Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
  })
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = jsonencode(local.lifecycle)
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "ecr-pullthroughcache/hub"
  description             = var.text
  recovery_window_in_days = 0
  tags                    = { text = var.text }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.text
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222233334444:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id      = aws_secretsmanager_secret.this.id
  secret_string  = "in the open"
  version_stages = var.text == "before" ? ["AWSCURRENT"] : ["AWSCURRENT", "second"]
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret_version.this.arn
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.text
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/hub/*"
    }]
  })
}

resource "time_sleep" "this" {
  create_duration = var.text == "before" ? "1h" : "2h"
}
"""
DEFAULT_TAGS = HEADER.replace(
    '["111122223333"]\n',
    '["111122223333"]\n  default_tags {\n    tags = { owner = "platform" }\n  }\n',
)


def test_one_of_everything_is_created_changed_and_destroyed_cleanly(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(ONE_OF_EVERYTHING, header=DEFAULT_TAGS)

    terraform.apply()
    settled = terraform.plan(detailed=True)
    change = terraform.plan("-var=text=after", detailed=True)
    terraform.apply(plan=change)
    changed = terraform.plan("-var=text=after", detailed=True)
    state = resources(terraform)

    assert not settled.has_changes, settled.stdout
    assert not changed.has_changes, changed.stdout
    # A changed lifecycle policy is a new one: the provider has no update for it.
    assert actions(terraform, change) == {
        **{
            f"{type_name}.this": ["update"]
            for type_name in (
                "aws_ecr_account_setting",
                "aws_ecr_registry_policy",
                "aws_ecr_repository",
                "aws_ecr_repository_creation_template",
                "aws_ecr_repository_policy",
                "aws_iam_policy",
                "aws_iam_role",
                "aws_iam_role_policy",
                "aws_kms_key",
                "aws_kms_key_policy",
                "aws_secretsmanager_secret",
                "aws_secretsmanager_secret_version",
                "time_sleep",
            )
        },
        "aws_ecr_lifecycle_policy.this": ["delete", "create"],
    }
    assert state["aws_iam_role.this"]["tags"] == {"text": "after"}
    assert state["aws_iam_role.this"]["tags_all"] == {"owner": "platform", "text": "after"}
    role = local_aws.client("iam", account=FIRST).get_role(RoleName="template")["Role"]
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {
        "owner": "platform",
        "text": "after",
    }
    assert role["Description"] == "after"
    assert "PermissionsBoundary" not in role

    terraform.destroy("-var=text=after")

    assert local_aws.client("iam", account=FIRST).list_roles()["Roles"] == []
    ecr = local_aws.client("ecr", account=FIRST)
    assert ecr.describe_repositories()["repositories"] == []
    assert ecr.describe_repository_creation_templates()["repositoryCreationTemplates"] == []
    secrets = local_aws.client("secretsmanager", account=FIRST)
    assert secrets.list_secrets()["SecretList"] == []


IMPORT_IDS = {
    "aws_iam_role": "template",
    "aws_iam_role_policy": "template:template",
    "aws_iam_policy": "arn:aws:iam::111122223333:policy/pull",
    "aws_iam_role_policy_attachment": "template/arn:aws:iam::111122223333:policy/pull",
    "aws_kms_alias": "alias/ecr",
    "aws_ecr_repository_creation_template": "quay",
    "aws_ecr_account_setting": "BLOB_MOUNTING@eu-west-1",
    "aws_ecr_repository": "own",
    "aws_ecr_repository_policy": "own",
    "aws_ecr_lifecycle_policy": "own",
    "aws_ecr_pull_through_cache_rule": "hub@eu-west-1",
    "aws_ecr_registry_policy": "111122223333",
}


def test_what_was_made_is_imported_without_a_change(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    terraform = make_root(ONE_OF_EVERYTHING, header=DEFAULT_TAGS)
    terraform.apply()
    for type_name in IMPORT_IDS:
        terraform.run("state", "rm", f"{type_name}.this")
    blocks = "".join(
        f'import {{\n  to = {type_name}.this\n  id = "{identifier}"\n}}\n'
        for type_name, identifier in IMPORT_IDS.items()
    )
    local_aws.forget_calls()

    write(terraform, ONE_OF_EVERYTHING + blocks, header=DEFAULT_TAGS)
    applied = terraform.apply()

    assert f"{len(IMPORT_IDS)} imported, 0 added, 0 changed, 0 destroyed" in applied.stdout, (
        applied.stdout
    )
    assert local_aws.writes() == ()


def test_an_imported_secret_gets_its_terraform_only_arguments_in_place(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    arn = local_aws.client("secretsmanager", account=FIRST).create_secret(
        Name="ecr-pullthroughcache/hub"
    )["ARN"]
    local_aws.forget_calls()
    terraform = make_root(
        f"""
import {{
  to = aws_secretsmanager_secret.this
  id = "{arn}"
}}

resource "aws_secretsmanager_secret" "this" {{
  name = "ecr-pullthroughcache/hub"
}}
"""
    )

    applied = terraform.apply()

    assert "1 imported, 0 added, 1 changed, 0 destroyed" in applied.stdout
    assert local_aws.writes() == ()


def test_a_state_in_s3_lands_in_the_account_of_the_keys(
    make_root: MakeRoot, local_aws: LocalAws
) -> None:
    local_aws.client("s3", account=FIRST).create_bucket(
        Bucket="state", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    backend = """
terraform {
  backend "s3" {
    bucket         = "state"
    key            = "ecr.tfstate"
    region         = "eu-west-1"
    use_lockfile   = true
    use_path_style = true
  }
}
"""
    terraform = make_root(QUAY + backend)

    terraform.apply()

    listed = local_aws.client("s3", account=FIRST).list_objects_v2(Bucket="state")
    assert [one["Key"] for one in listed["Contents"]] == ["ecr.tfstate"]
    assert not (terraform.root / "terraform.tfstate").exists()


def test_module_tests_run_with_mocks_and_without_any_aws(
    terraform_offline: TerraformFactory, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(HEADER + QUAY)
    (root / "quay.tftest.hcl").write_text(
        """
mock_provider "aws" {}

run "apply" {
  assert {
    condition     = aws_ecr_pull_through_cache_rule.quay.ecr_repository_prefix == "quay"
    error_message = "prefix"
  }
}
"""
    )
    terraform = terraform_offline(root)
    terraform.init()

    result = terraform.test()

    assert "1 passed, 0 failed" in result.stdout
