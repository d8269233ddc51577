"""Drift and check on code that a person wrote, without any module of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gate_support import POLICY, PROVIDER, RULES, TOPOLOGY, WHOLE, judged, rules

if TYPE_CHECKING:
    from pathlib import Path


def test_hand_written_code_that_means_the_same_is_neither_drift_nor_finding(tmp_path: Path) -> None:
    result = judged(tmp_path, WHOLE)

    assert result.drift == []
    assert result.check == []


def test_a_policy_of_another_name_that_means_the_same_counts(tmp_path: Path) -> None:
    result = judged(tmp_path, WHOLE.replace('"forebay-nodes"', '"pull-through"'))

    assert result.drift == []
    assert result.check == []


def test_a_policy_attached_to_a_role_in_the_code_counts_whatever_its_name(tmp_path: Path) -> None:
    code = (
        WHOLE.replace('"forebay-nodes"', '"pull-through"')
        + """
resource "aws_iam_role" "nodes" {
  name               = "eks-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  role       = aws_iam_role.nodes.name
  policy_arn = aws_iam_policy.pull.arn
}
"""
    )

    result = judged(tmp_path, code)

    assert result.drift == []
    assert result.check == []
    assert "attachment-not-seen" not in result.notes


def test_a_role_in_the_code_without_the_access_is_an_under_grant(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_iam_role" "nodes" {
  name               = "eks-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""
    )

    result = judged(tmp_path, code)

    assert {rule for _, rule in rules(result.check)} == {"grant-missing"}


def test_an_attachment_of_a_policy_of_another_name_counts(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("role: eks-node}", "role: eks-node, identity: attach}")
    code = (
        WHOLE.replace('"forebay-nodes"', '"pull-through"')
        + """
resource "aws_iam_role_policy_attachment" "nodes" {
  role       = "eks-node"
  policy_arn = aws_iam_policy.pull.arn
}
"""
    )

    result = judged(tmp_path, code, topology)

    assert result.drift == []
    assert result.check == []


def test_an_attachment_that_is_asked_for_and_not_there_is_missing(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("role: eks-node}", "role: eks-node, identity: attach}")

    assert rules(judged(tmp_path, WHOLE, topology).drift) == [("drift", "missing")]


def test_an_inline_policy_of_the_role_counts(tmp_path: Path) -> None:
    inline = POLICY.replace('"aws_iam_policy" "pull"', '"aws_iam_role_policy" "pull"').replace(
        'name = "forebay-nodes"', 'name = "pull"\n  role = aws_iam_role.nodes.name'
    )
    code = (
        PROVIDER
        + RULES
        + inline
        + """
resource "aws_iam_role" "nodes" {
  name               = "eks-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""
    )

    result = judged(tmp_path, code)

    assert result.drift == []
    assert result.check == []


def test_a_policy_of_aws_that_does_not_ship_leaves_the_question_open(tmp_path: Path) -> None:
    code = (
        PROVIDER
        + RULES
        + """
resource "aws_iam_role_policy_attachment" "nodes" {
  role       = "eks-node"
  policy_arn = "arn:aws:iam::aws:policy/AmazonBraketFullAccess"
}
"""
    )

    result = judged(tmp_path, code)

    assert ("undecided", "grant-undecided") in rules(result.check)


def test_a_missing_rule_points_at_the_first_file(tmp_path: Path) -> None:
    result = judged(tmp_path, PROVIDER + RULES.replace('"quay"', '"kuay"', 2) + POLICY)

    assert sorted(rules(result.drift)) == [("drift", "missing"), ("drift", "unexpected")]
    missing = next(finding for finding in result.drift if finding.rule == "missing")
    assert missing.location is not None
    assert (missing.location.file.name, missing.location.line) == ("main.tf", 1)
    assert missing.topology is not None
    assert missing.topology.line == 10


def test_two_rules_for_one_prefix_have_two_owners(tmp_path: Path) -> None:
    again = RULES[
        RULES.index("resource") : RULES.index('resource "aws_ecr_pull_through_cache_rule" "hub"')
    ]

    result = judged(tmp_path, WHOLE + again.replace('"quay" {', '"again" {'))

    assert rules(result.drift) == [("drift", "two-owners")]


def test_a_rule_whose_prefix_is_unknown_may_be_the_missing_one(tmp_path: Path) -> None:
    code = WHOLE.replace('ecr_repository_prefix = "quay"', "ecr_repository_prefix = var.prefix")

    result = judged(tmp_path, code + 'variable "prefix" { type = string }\n')

    assert rules(result.drift) == [("undecided", "missing")]


def test_a_credential_that_is_unknown_is_undecided(tmp_path: Path) -> None:
    code = WHOLE.replace("data.aws_secretsmanager_secret.hub.arn", "var.arn")

    result = judged(tmp_path, code + 'variable "arn" { type = string }\n')

    assert rules(result.drift) == [("undecided", "different")]
    assert "var.arn" in result.drift[0].message


def test_a_literal_arn_equals_the_secret_it_names(tmp_path: Path) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"

    same = judged(tmp_path, WHOLE.replace("data.aws_secretsmanager_secret.hub.arn", f'"{arn}"'))
    other = judged(
        tmp_path,
        WHOLE.replace(
            "data.aws_secretsmanager_secret.hub.arn", f'"{arn.replace("eu-west-1", "eu-west-2")}"'
        ),
    )

    assert same.drift == []
    assert rules(other.drift) == [("drift", "different")]


@pytest.mark.parametrize("line", ['upstream_repository_prefix = "ROOT"', "credential_arn = null"])
def test_a_default_that_is_spelled_out_is_no_drift(line: str, tmp_path: Path) -> None:
    code = WHOLE.replace(
        'upstream_registry_url = "quay.io"', f'upstream_registry_url = "quay.io"\n  {line}'
    )

    assert judged(tmp_path, code).drift == []


def test_a_trailing_slash_of_a_prefix_is_no_drift(tmp_path: Path) -> None:
    code = WHOLE.replace('ecr_repository_prefix = "quay"', 'ecr_repository_prefix = "quay/"')

    assert judged(tmp_path, code).drift == []


def test_a_public_policy_on_a_cached_repository_is_found(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_ecr_repository_policy" "open" {
  repository = "quay/app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
  })
}
"""
    )

    result = judged(tmp_path, code)

    assert rules(result.check) == [("finding", "grant-any-principal")]
    assert result.check[0].witness is not None


def test_a_public_policy_of_a_creation_template_is_found(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_ecr_repository_creation_template" "open" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  repository_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
  })
}
"""
    )

    result = judged(tmp_path, code)

    assert rules(result.check) == [("finding", "grant-any-principal")]
    assert rules(result.drift) == [("drift", "unexpected")]


def test_a_registry_policy_nobody_asked_for_is_drift_and_judged(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_ecr_registry_policy" "all" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Action    = "ecr:*"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/*"
    }]
  })
}
"""
    )

    result = judged(tmp_path, code)

    assert rules(result.drift) == [("drift", "unexpected")]
    assert rules(result.check) == [("finding", "grant-outside-topology")]
    assert result.check[0].witness is not None
    assert "999988887777" in result.check[0].witness.principal


def test_an_account_outside_the_topology_is_said_and_not_judged(tmp_path: Path) -> None:
    other = WHOLE.replace("111122223333", "999988887777")

    result = judged(tmp_path, {"main/main.tf": WHOLE, "other/main.tf": other})

    assert result.drift == []
    assert result.notes.count("outside-topology") == 2


def test_a_region_outside_the_topology_is_said_and_not_judged(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_ecr_pull_through_cache_rule" "us" {
  region                = "us-east-1"
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
    )

    result = judged(tmp_path, code)

    assert result.drift == []
    assert "outside-topology" in result.notes


def test_a_file_that_does_not_parse_is_an_error_and_the_rest_is_judged(tmp_path: Path) -> None:
    broken = 'resource "x" {\n  a = = 1\n}\n'

    result = judged(tmp_path, {"main.tf": PROVIDER + POLICY, "rules.tf": RULES, "bad.tf": broken})

    assert [kind for kind, _ in rules(result.drift)] == ["error"]
    assert result.drift[0].location is not None
    assert (result.drift[0].location.file.name, result.drift[0].location.line) == ("bad.tf", 2)


def test_an_identity_policy_written_elsewhere_is_said_once(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("role: eks-node}", "role: eks-node, identity: elsewhere}")

    result = judged(tmp_path, PROVIDER + RULES, topology)

    assert result.drift == []
    assert result.check == []
    assert result.notes.count("identity-elsewhere") == 1


def test_commented_out_code_counts_for_nothing(tmp_path: Path) -> None:
    extra = RULES.replace('"quay"', '"gone"').splitlines()
    code = WHOLE + "/*\n" + "\n".join(extra) + "\n*/\n" + "\n".join(f"# {line}" for line in extra)

    assert judged(tmp_path, code).drift == []


def test_a_module_that_was_not_read_may_hold_what_is_missing(tmp_path: Path) -> None:
    code = (
        PROVIDER
        + RULES
        + """
module "pullers" {
  source  = "example/pullers/aws"
  version = "1.0.0"
}
"""
    )

    result = judged(tmp_path, code)

    assert rules(result.drift) == [("undecided", "unread-module")]
    assert "forebay-nodes" in result.drift[0].message
    assert rules(result.check) == [("undecided", "unread-module")]


def test_one_unknown_policy_is_one_open_question(tmp_path: Path) -> None:
    code = (
        WHOLE
        + """
resource "aws_ecr_registry_policy" "x" {
  policy = var.policy
}

variable "policy" { type = string }
"""
    )

    result = judged(tmp_path, code)

    assert rules(result.check) == [("undecided", "grant-undecided")]


def test_a_folder_without_code_is_said_to_be_one(tmp_path: Path) -> None:
    result = judged(tmp_path, {"notes.txt": "nothing here"})

    assert {rule for _, rule in rules(result.drift)} == {"missing", "no-code"}
    assert ("undecided", "no-code") in rules(result.check)


OVERLAP = (
    TOPOLOGY.replace("consumers:\n", "consumers:\n  all: {account: main, role: PATTERN}\n")
    .replace("grants: [", "grants: [{to: all, allow: cached, caches: [quay]}, ")
    .replace("role: eks-node}", "role: NAMED, identity: attach}")
)


@pytest.mark.parametrize(
    ("pattern", "named"), [('"*"', "eks-node"), ('"eks-*"', "eks-node"), ('"*"', "ci/builder")]
)
def test_a_named_role_below_a_pattern_is_judged_by_both_grants(
    pattern: str, named: str, tmp_path: Path
) -> None:
    topology = OVERLAP.replace("PATTERN", pattern).replace("NAMED", named)
    name = named.rsplit("/", 1)[-1]
    code = (
        WHOLE
        + f"""
resource "aws_iam_role_policy_attachment" "nodes" {{
  role       = "{name}"
  policy_arn = aws_iam_policy.pull.arn
}}

resource "aws_iam_policy" "all" {{
  name = "forebay-all"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }},
      {{
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      }},
    ]
  }})
}}
"""
    )

    result = judged(tmp_path, code, topology)

    assert result.drift == []
    assert result.check == []


def test_a_named_role_below_a_pattern_still_may_not_do_more(tmp_path: Path) -> None:
    topology = OVERLAP.replace("PATTERN", '"*"').replace("NAMED", "eks-node")
    wider = WHOLE.replace(
        '"ecr:BatchImportUpstreamImage"]', '"ecr:BatchImportUpstreamImage", "ecr:PutImage"]'
    )
    code = (
        wider
        + """
resource "aws_iam_role_policy_attachment" "nodes" {
  role       = "eks-node"
  policy_arn = aws_iam_policy.pull.arn
}
"""
    )

    result = judged(tmp_path, code, topology)

    assert ("finding", "identity-undeclared") in rules(result.check)


def test_a_named_role_may_hold_what_a_pattern_grants_beside_its_own(tmp_path: Path) -> None:
    topology = (
        OVERLAP.replace("PATTERN", '"*"')
        .replace("NAMED", "eks-node")
        .replace("{to: all, allow: cached", "{to: all, allow: first-pull")
    )
    both = WHOLE.replace(
        "      },\n    ]\n  })\n}\n",
        """      },
      {
        Effect   = "Allow"
        Action   = "ecr:CreateRepository"
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
    ]
  })
}
""",
        1,
    )
    assert both != WHOLE
    code = (
        both
        + """
resource "aws_iam_role_policy_attachment" "nodes" {
  role       = "eks-node"
  policy_arn = aws_iam_policy.pull.arn
}
"""
    )

    result = judged(tmp_path, code, topology)

    assert [rule for _, rule in rules(result.check) if rule == "identity-undeclared"] == []


def test_a_module_that_makes_only_roles_leaves_only_roles_open(tmp_path: Path) -> None:
    code = {
        "main.tf": PROVIDER
        + 'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "20.8.4"\n}\n'
    }

    found = judged(tmp_path, code).drift

    missing = [each for each in found if each.rule == "missing"]
    assert any("cache rule" in each.message for each in missing)
    (left,) = [each for each in found if each.rule == "unread-module"]
    assert "module.eks" in left.message
    assert "cache rule" not in left.message
