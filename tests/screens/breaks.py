"""Ways to break the code of one estate, each as a person or a merge would, by name.

A break is a list of edits: a file below `terraform`, the text that stands in it, and the text that
takes its place the first time. An empty text to find stands for the whole file; `None` deletes.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Edit = tuple[str, str, str | None]

_OTHER_POLICY = """
resource "aws_ecr_registry_policy" "mine" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Mine"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222222222222:root" }
      Action    = ["ecr:BatchGetImage"]
      Resource  = "arn:aws:ecr:eu-west-1:111111111111:repository/quay/*"
    }]
  })
}
"""
_OTHER_RULE = """
resource "aws_ecr_pull_through_cache_rule" "github" {
  ecr_repository_prefix = "github"
  upstream_registry_url = "ghcr.io"
  credential_arn        = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:ecr-pullthroughcache/github-a1b2c3"
}
"""
_KMS = """\
      encryption_type = "KMS"
      kms_key_arn     = data.aws_kms_alias.key["eu-central-1:alias/ecr-cache"].target_key_arn
"""
_OTHER_SECRET = """
resource "aws_ecr_pull_through_cache_rule" "mirror" {
  ecr_repository_prefix = "mirror"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:ecr-pullthroughcache/docker-hub-a1b2c3"
}
"""
_PUSH = """
resource "aws_iam_role" "payments" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "payments" {
  role       = aws_iam_role.payments.name
  policy_arn = module.pullers.policy_arns["forebay-payments-nodes"]
}

resource "aws_iam_role_policy" "push" {
  name = "push"
  role = aws_iam_role.payments.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
      Resource = "*"
    }]
  })
}
"""

BREAKS: dict[str, tuple[Edit, ...]] = {
    "01-stranger-in-account-ids": (
        (
            "hub/access.tf",
            'account_ids = ["444444444444"]',
            'account_ids = ["444444444444", "999999999999"]',
        ),
    ),
    "02-role-widened": (("hub/access.tf", ':role/eks-node"', ':role/*"'),),
    "03-level-raised": (("hub/access.tf", '"pull"', '"first-pull"'),),
    "04-level-lowered-at-consumer": (("payments/access.tf", '"pull"', '"cached"'),),
    "05-rule-deleted": (
        ("hub/main.tf", '    quay = {\n      upstream_registry_url = "quay.io"\n    }\n', ""),
    ),
    "06-host-typo": (("hub/main.tf", '"quay.io"', '"quay.oi"'),),
    "07-other-secret": (
        (
            "hub/main.tf",
            'credential_secret_name = "ecr-pullthroughcache/docker-hub"',
            'credential_arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:ecr-pullthroughcache/old-a1b2c3"',
        ),
    ),
    "08-lifecycle": (("hub/main.tf", "expire_after_days = 60", "expire_after_days = 600"),),
    "09-rule-added": (("hub/mine.tf", "", _OTHER_RULE),),
    "10-second-registry-policy": (("hub/mine.tf", "", _OTHER_POLICY),),
    "11-unit-condition-gone": (
        (
            "hub/access.tf",
            '      organization_paths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]\n',
            "",
        ),
    ),
    "12-wrong-account-in-provider": (
        ("payments/providers.tf", '"333333333333"', '"222222222222"'),
    ),
    "13-wildcard-in-module": (
        ("modules/registry-access/main.tf", '"ecr:BatchGetImage"', '"ecr:BatchGetImage", "ecr:*"'),
    ),
    "14-wrong-region": (
        (
            "hub/main.tf",
            'region = "eu-west-1"\n  credential_arns',
            'region = "us-west-2"\n  credential_arns',
        ),
    ),
    "15-kms-dropped": (
        (
            "hub/main.tf",
            _KMS,
            "",
        ),
    ),
    "16-scope-v1": (("modules/registry-access/main.tf", '"V2"', '"V1"'),),
    "17-boundary-gone": (
        (
            "hub/access.tf",
            '  permissions_boundary = "arn:aws:iam::111111111111:policy/boundary"\n',
            "",
        ),
    ),
    "18-typo-in-object": (("hub/main.tf", "expire_after_days = 60", "expire_after_day  = 60"),),
    "19-syntax": (("hub/main.tf", 'region = "eu-west-1"', 'region = "eu-west-1'),),
    "20-variable-without-value": (
        (
            "hub/access.tf",
            'account_ids    = ["222222222222"]',
            'account_ids    = concat(["222222222222"], var.extra_accounts)',
        ),
        ("hub/mine.tf", "", 'variable "extra_accounts" {\n  type = list(string)\n}\n'),
    ),
    "21-trust-widened": (
        (
            "modules/template-role/main.tf",
            'Service = "ecr.amazonaws.com"',
            'Service = ["ecr.amazonaws.com", "ec2.amazonaws.com"]',
        ),
    ),
    "22-root-deleted": (("payments", "", None),),
    "23-attachment-gone": (("hub/access.tf", '      roles = ["github-actions-images"]\n', ""),),
    "24-role-may-push": (("payments/mine.tf", "", _PUSH),),
    "25-modules-missing": (("modules", "", None),),
    "26-topology-newer": (("../topology.yaml", "expire_after_days: 60", "expire_after_days: 90"),),
    "27-other-rule-with-secret": (("hub/mine.tf", "", _OTHER_SECRET),),
}


def broken(terraform: Path, name: str) -> None:
    """Break the code below a folder; an edit that finds nothing is a mistake of the break."""
    for file, before, after in BREAKS[name]:
        path = terraform / file
        if after is None:
            shutil.rmtree(path)
        elif not before:
            path.write_text(after)
        else:
            text = path.read_text()
            # How far names are aligned depends on what stands beside them.
            pattern = " +".join(map(re.escape, re.split(" +", before)))
            broken_text, number = re.subn(pattern, lambda _: after, text, count=1)  # noqa: B023
            assert number, f"{name}: {file} has no {before!r}"
            path.write_text(broken_text)
