"""Roles of public modules whose code is not on disk: what their inputs say is judged like any role."""

from collections.abc import Callable

import pytest
from hcl_support import Files, results

from generator.hcl.reader import CodeReading
from generator.model.estate import Kind

Read = Callable[[Files], CodeReading]

PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_ecr_pull_through_cache_rule" "own" {
  ecr_repository_prefix = "own"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = ROLE
}
"""
QUAY = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
IAM = "terraform-aws-modules/iam/aws//modules/"
FILLING = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",'
    ' Principal = { Service = "pullthroughcache.ecr.amazonaws.com" } }] })'
)
PULL = '"arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"'
OIDC = '"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB"'
WRONG = {("finding", "trust-wrong-principal")}
ANYBODY = {("finding", "federation-any-subject")}


def call(source: str, version: str, arguments: str) -> str:
    return f'module "role" {{\n  source  = "{source}"\n  version = "{version}"\n  {arguments}\n}}\n'


@pytest.mark.parametrize(
    ("source", "version", "arguments", "expected"),
    [
        (IAM + "iam-assumable-role", "5.60.0", 'trusted_role_services = ["ecr.amazonaws.com"]', WRONG),
        (IAM + "iam-assumable-role", "5.60.0", 'trusted_role_services = ["pullthroughcache.ecr.amazonaws.com"]', set()),
        # Nobody but a person signs in with a second factor, so no service can take this role.
        (IAM + "iam-assumable-role", "~> 5.30", f"create_custom_role_trust_policy = true\n  custom_role_trust_policy = {FILLING}", set()),
        (IAM + "iam-assumable-role", "5.20.0", f"custom_role_trust_policy = {FILLING}", set()),
        (IAM + "iam-assumable-role", "~> 5.30", f"custom_role_trust_policy = {FILLING}", {("finding", "policy-refused")}),
    ],
)  # fmt: skip
def test_a_rule_s_role_of_a_module_must_trust_the_service(
    read: Read, source: str, version: str, arguments: str, expected: set[tuple[str, str]]
) -> None:
    code = call(
        source,
        version,
        f'create_role = true\n  role_name = "fill"\n  role_requires_mfa = false\n  {arguments}',
    )
    provider = PROVIDER.replace("ROLE", "module.role.iam_role_arn")

    assert results(read({"main.tf": provider + code})) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [("ecr.amazonaws.com", WRONG), ("pullthroughcache.ecr.amazonaws.com", set())],
)
def test_a_rule_s_role_of_cloudposse_must_trust_the_service(
    read: Read, principal: str, expected: set[tuple[str, str]]
) -> None:
    code = call(
        "cloudposse/iam-role/aws",
        "0.19.0",
        f'name = "fill"\n  principals = {{ Service = ["{principal}"] }}\n  policy_document_count = 0',
    )

    found = results(read({"main.tf": PROVIDER.replace("ROLE", "module.role.arn") + code}))

    assert found == expected


@pytest.mark.parametrize(
    ("source", "version", "arguments", "expected"),
    [
        (IAM + "iam-assumable-role-with-oidc", "5.60.0", f'create_role = true\n  role_name = "ci"\n  provider_url = "token.actions.githubusercontent.com"\n  role_policy_arns = [{PULL}]', ANYBODY),
        (IAM + "iam-assumable-role-with-oidc", "5.60.0", f'create_role = true\n  role_name = "ci"\n  provider_url = "token.actions.githubusercontent.com"\n  role_policy_arns = [{PULL}]\n  oidc_fully_qualified_subjects = ["repo:acme/app:ref:refs/heads/main"]', set()),
        (IAM + "iam-assumable-role-with-oidc", "~> 5.0", f'create_role = true\n  role_name = "ci"\n  provider_urls = ["https://token.actions.githubusercontent.com"]\n  role_policy_arns = [{PULL}]\n  oidc_subjects_with_wildcards = ["repo:*"]', ANYBODY),
        (IAM + "iam-github-oidc-role", "5.60.0", f'name = "ci"\n  subjects = ["*"]\n  policies = {{ p = {PULL} }}', ANYBODY),
        (IAM + "iam-github-oidc-role", "5.60.0", f'name = "ci"\n  subjects = ["acme/app:*"]\n  policies = {{ p = {PULL} }}', set()),
        (IAM + "iam-role-for-service-accounts-eks", "5.60.0", f'role_name = "pull"\n  role_policy_arns = {{ p = {PULL} }}\n  oidc_providers = {{ a = {{ provider_arn = {OIDC}, namespace_service_accounts = ["app:pull"] }} }}', set()),
        (IAM + "iam-role-for-service-accounts-eks", "5.60.0", f'role_name = "pull"\n  role_policy_arns = {{ p = {PULL} }}\n  assume_role_condition_test = "StringLike"\n  oidc_providers = {{ a = {{ provider_arn = {OIDC}, namespace_service_accounts = ["*:*"] }} }}', set()),
        (IAM + "iam-role-for-service-accounts", "6.4.0", f'name = "pull"\n  policies = {{ p = {PULL} }}\n  oidc_providers = {{ a = {{ provider_arn = {OIDC}, namespace_service_accounts = ["app:pull"] }} }}', set()),
        (IAM + "iam-role-for-service-accounts", "6.4.0", f'name = "pull"\n  permissions = {{ a = {{ actions = ["ecr:*"], resources = ["*"] }} }}\n  oidc_providers = {{ a = {{ provider_arn = {OIDC}, namespace_service_accounts = ["app:pull"] }} }}', {("finding", "wildcard-action")}),
        (IAM + "iam-eks-role", "5.60.0", f'role_name = "pull"\n  role_policy_arns = {{ p = {PULL} }}\n  cluster_service_accounts = {{ main = ["app:pull"] }}', set()),
        (IAM + "iam-assumable-roles", "5.60.0", f'create_readonly_role = true\n  readonly_role_policy_arns = [{PULL}]\n  trusted_role_arns = ["arn:aws:iam::111122223333:root"]', set()),
        (IAM + "iam-assumable-roles", "5.60.0", f'create_readonly_role = true\n  allow_self_assume_role = true\n  readonly_role_policy_arns = [{PULL}]\n  trusted_role_arns = ["arn:aws:iam::111122223333:root"]', set()),
        (IAM + "iam-assumable-role", "5.60.0", 'create_role = true\n  role_name = "ci"\n  trusted_role_services = ["ec2.amazonaws.com"]\n  inline_policy_statements = [{ actions = ["ecr:*"], resources = ["*"] }]', {("finding", "wildcard-action")}),
        ("cloudposse/eks-iam-role/aws", "2.2.0", f'service_account_name = "pull"\n  service_account_namespace = "app"\n  eks_cluster_oidc_issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/AB"\n  managed_policy_arns = [{PULL}]', set()),
        ("cloudposse/eks-iam-role/aws", "2.2.0", 'service_account_name = "pull"\n  service_account_namespace = "app"\n  eks_cluster_oidc_issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/AB"\n  aws_iam_policy_document = [jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ecr:*", Resource = "*" }] })]', {("finding", "wildcard-action")}),
    ],
)  # fmt: skip
def test_who_may_take_a_role_of_a_module_is_judged(
    read: Read, source: str, version: str, arguments: str, expected: set[tuple[str, str]]
) -> None:
    reading = read({"main.tf": QUAY + call(source, version, arguments)})

    assert results(reading) == expected
    assert Kind.ROLE in {record.kind for record in reading.estate.records}
    assert reading.unread_modules == ()


def test_a_policy_that_the_module_writes_is_open_and_nothing_else(read: Read) -> None:
    """A controller's policy is not told from the inputs; the role's own rights still are."""
    arguments = (
        'role_name = "dns"\n  attach_external_dns_policy = true\n'
        f"  oidc_providers = {{ a = {{ provider_arn = {OIDC}, "
        'namespace_service_accounts = ["dns:dns"] } }'
    )
    code = call(IAM + "iam-role-for-service-accounts-eks", "5.60.0", arguments)

    assert results(read({"main.tf": QUAY + code})) == set()


def test_the_second_factor_that_a_module_asks_for_by_default_keeps_ecr_out(read: Read) -> None:
    arguments = (
        'create_role = true\n  role_name = "fill"\n'
        '  trusted_role_services = ["pullthroughcache.ecr.amazonaws.com"]'
    )
    provider = PROVIDER.replace("ROLE", "module.role.iam_role_arn")
    code = provider + call(IAM + "iam-assumable-role", "5.60.0", arguments)

    assert results(read({"main.tf": code})) == WRONG


@pytest.mark.parametrize(
    ("service", "expected"),
    [("pullthroughcache.ecr.amazonaws.com", set()), ("ecr.amazonaws.com", WRONG)],
)
def test_a_trust_policy_of_a_document_is_judged(
    read: Read, service: str, expected: set[tuple[str, str]]
) -> None:
    document = (
        'data "aws_iam_policy_document" "t" {\n  statement {\n    actions = ["sts:AssumeRole"]\n'
        f'    principals {{\n      type = "Service"\n      identifiers = ["{service}"]\n    }}\n  }}\n}}\n'
    )
    arguments = (
        'create_role = true\n  role_name = "fill"\n  create_custom_role_trust_policy = true\n'
        "  custom_role_trust_policy = data.aws_iam_policy_document.t.json"
    )
    provider = PROVIDER.replace("ROLE", "module.role.iam_role_arn")
    code = provider + document + call(IAM + "iam-assumable-role", "5.59.0", arguments)

    assert results(read({"main.tf": code})) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [("ecr:*", {("finding", "wildcard-action")}), ("ecr:BatchGetImage", set()), ("s3:*", set())],
)
def test_a_policy_of_a_group_of_the_public_module_is_judged(
    read: Read, action: str, expected: set[tuple[str, str]]
) -> None:
    policy = (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
        f'Action = "{action}", Resource = "*" }}] }})'
    )
    arguments = f'name = "team"\n  custom_group_policies = [{{ name = "p", policy = {policy} }}]'

    code = QUAY + call(IAM + "iam-group-with-policies", "5.60.0", arguments)

    assert results(read({"main.tf": code})) == expected
