mock_provider "aws" {}

variables {
  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    FirstPullDockerHub = {
      level          = "first-pull"
      prefixes       = ["docker-hub"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node"]
    }
  }
}

run "a_role_is_a_condition_and_never_a_principal" {
  command = plan

  assert {
    condition     = jsondecode(output.policy).Statement[0].Principal == { AWS = ["222233334444"] }
    error_message = "The principal is not the account."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition == { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::222233334444:role/eks-node"] } }
    error_message = "The role is not an exact condition."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Resource == ["arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"]
    error_message = "The statement covers other repositories."
  }

  assert {
    condition     = aws_ecr_account_setting.registry_policy_scope.value == "V2"
    error_message = "Without scope V2 the policy grants no reading."
  }
}

run "a_pattern_of_roles_is_matched_as_one" {
  command = plan

  variables {
    grants = {
      Cached = {
        level          = "cached"
        prefixes       = ["ROOT"]
        account_ids    = ["222233334444"]
        principal_arns = ["arn:aws:iam::222233334444:role/eks-*"]
      }
    }
  }

  assert {
    condition     = keys(jsondecode(output.policy).Statement[0].Condition) == ["ArnLike"]
    error_message = "The pattern is compared letter by letter."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Resource == ["arn:aws:ecr:eu-west-1:111122223333:repository/*"]
    error_message = "ROOT does not stand for every repository."
  }
}

run "kept_statements_stand_as_they_are_beside_the_grants" {
  command = plan

  variables {
    kept_statements = [
      { Sid = "Replicate", Effect = "Allow", Principal = { AWS = "333344445555" }, Action = "ecr:ReplicateImage", Resource = "*" },
      { Effect = "Deny", Principal = "*", Action = ["ecr:CreateRepository"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  }

  assert {
    condition     = slice(jsondecode(output.policy).Statement, 0, 2) == [for statement in var.kept_statements : statement]
    error_message = "A kept statement changed."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[2].Sid == "FirstPullDockerHub"
    error_message = "The grants are gone."
  }
}

run "a_kept_statement_without_effect_is_refused" {
  command = plan

  variables {
    kept_statements = [{ Effect = "Maybe", Principal = "*", Action = "ecr:ReplicateImage", Resource = "*" }]
  }

  expect_failures = [var.kept_statements]
}

run "another_level_is_refused" {
  command = plan

  variables {
    grants = { Admin = { level = "admin", prefixes = ["a1"], account_ids = ["222233334444"] } }
  }

  expect_failures = [var.grants]
}

run "an_organization_is_a_condition_on_everybody" {
  command = plan

  variables {
    grants = {
      Everyone = { level = "pull", prefixes = ["quay"], organization_id = "o-a1b2c3d4e5" }
      Nodes = {
        level           = "pull"
        prefixes        = ["quay"]
        organization_id = "o-a1b2c3d4e5"
        principal_arns  = ["arn:aws:iam::*:role/eks-node"]
      }
    }
  }

  assert {
    condition     = [for statement in jsondecode(output.policy).Statement : statement.Principal] == [{ AWS = ["*"] }, { AWS = ["*"] }]
    error_message = "The principal is not everybody."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition == { StringEquals = { "aws:PrincipalOrgID" = ["o-a1b2c3d4e5"] } }
    error_message = "Everybody is let in, or nobody."
  }

  assert {
    condition = jsondecode(output.policy).Statement[1].Condition == {
      ArnLike      = { "aws:PrincipalArn" = ["arn:aws:iam::*:role/eks-node"] }
      StringEquals = { "aws:PrincipalOrgID" = ["o-a1b2c3d4e5"] }
    }
    error_message = "Other roles of the organization are let in, or other organizations."
  }
}

run "a_unit_stands_for_itself_and_all_units_below_it" {
  command = plan

  variables {
    grants = {
      Workloads = {
        level              = "cached"
        prefixes           = ["quay"]
        organization_paths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]
      }
    }
  }

  assert {
    condition = jsondecode(output.policy).Statement[0].Condition == {
      "ForAnyValue:StringLike" = { "aws:PrincipalOrgPaths" = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"] }
    }
    error_message = "The condition is not the unit with all below it."
  }
}

run "accounts_can_be_a_condition_and_roles_name_their_accounts" {
  command = plan

  variables {
    grants = {
      Accounts = { level = "cached", prefixes = ["quay"], account_ids = ["222233334444"], accounts_as_condition = true }
      Roles    = { level = "cached", prefixes = ["quay"], principal_arns = ["arn:aws:iam::222233334444:role/ci"] }
    }
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition == { StringEquals = { "aws:PrincipalAccount" = ["222233334444"] } }
    error_message = "The account is not a condition."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[1].Condition == { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::222233334444:role/ci"] } }
    error_message = "The role is not a condition."
  }
}

run "a_path_without_a_slash_at_the_end_is_refused" {
  command = plan

  variables {
    grants = { Unit = { level = "cached", prefixes = ["a1"], organization_paths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"] } }
  }

  expect_failures = [var.grants]
}

run "an_organization_by_a_pattern_is_refused" {
  command = plan

  variables {
    grants = { Any = { level = "cached", prefixes = ["a1"], organization_id = "o-*" } }
  }

  expect_failures = [var.grants]
}

run "two_scopes_at_once_are_refused" {
  command = plan

  variables {
    grants = { Two = { level = "cached", prefixes = ["a1"], account_ids = ["222233334444"], organization_id = "o-a1b2c3d4e5" } }
  }

  expect_failures = [var.grants]
}

run "roles_of_any_account_without_a_scope_are_refused" {
  command = plan

  variables {
    grants = { Roles = { level = "cached", prefixes = ["a1"], principal_arns = ["arn:aws:iam::*:role/ci"] } }
  }

  expect_failures = [var.grants]
}

run "nobody_is_refused" {
  command = plan

  variables {
    grants = { Nobody = { level = "cached", prefixes = ["a1"] } }
  }

  expect_failures = [var.grants]
}

run "everybody_is_refused" {
  command = plan

  variables {
    grants = { All = { level = "cached", prefixes = ["a1"], account_ids = ["*"] } }
  }

  expect_failures = [var.grants]
}

run "a_policy_over_the_limit_is_refused" {
  command = plan

  variables {
    grants = {
      Many = {
        level       = "cached"
        prefixes    = [for number in range(200) : "a-prefix-of-a-good-length-${number}"]
        account_ids = ["222233334444"]
      }
    }
  }

  expect_failures = [aws_ecr_registry_policy.this]
}

run "an_account_id_of_eleven_digits_a_zone_and_a_wrong_partition_are_refused" {
  command = plan

  variables {
    account_id = "11112222333"
    region     = "eu-west-1a"
    partition  = "AWS"
  }

  expect_failures = [var.account_id, var.region, var.partition]
}

run "a_wildcard_in_a_prefix_is_refused" {
  command = plan

  variables {
    grants = { Everything = { level = "pull", prefixes = ["*"], account_ids = ["222233334444"] } }
  }

  expect_failures = [var.grants]
}

run "a_grant_can_name_repositories" {
  command = plan

  variables {
    grants = {
      Pull = { level = "pull", repositories = ["docker-hub/library/*"], account_ids = ["222233334444"] }
    }
  }

  assert {
    condition     = jsondecode(aws_ecr_registry_policy.this.policy).Statement[0].Resource == ["arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/library/*"]
    error_message = "The policy is about other repositories."
  }
}
