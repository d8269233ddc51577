mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = {
      arn = "arn:aws:iam::222233334444:policy/nodes"
    }
  }
}

variables {
  partition = "aws"
  policies = {
    nodes = {
      grants = [{ level = "first-pull", account_id = "111122223333", region = "eu-west-1", prefixes = ["docker-hub"] }]
      roles  = ["eks-node"]
    }
  }
}

run "a_first_pull_may_import_and_create" {
  assert {
    condition     = jsondecode(aws_iam_policy.this["nodes"].policy).Statement[0].Action == ["ecr:GetAuthorizationToken"]
    error_message = "Nobody pulls without a token."
  }

  assert {
    condition     = toset(jsondecode(aws_iam_policy.this["nodes"].policy).Statement[1].Action) == toset(["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:GetDownloadUrlForLayer"])
    error_message = "The level first-pull has other actions."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.this["nodes:eks-node"].role == "eks-node"
    error_message = "The policy is not attached."
  }
}

run "a_cached_pull_may_not_import" {
  command = plan

  variables {
    policies = {
      nodes = {
        grants = [{ level = "cached", account_id = "111122223333", region = "eu-west-1", prefixes = ["docker-hub"] }]
      }
    }
  }

  assert {
    condition     = !contains(jsondecode(aws_iam_policy.this["nodes"].policy).Statement[1].Action, "ecr:BatchImportUpstreamImage")
    error_message = "The level cached can import."
  }
}

run "a_level_of_registries_is_refused" {
  command = plan

  variables {
    policies = {
      nodes = {
        grants = [{ level = "upstream", account_id = "111122223333", region = "eu-west-1", prefixes = ["docker-hub"] }]
      }
    }
  }

  expect_failures = [var.policies]
}

run "a_wrong_partition_is_refused" {
  command = plan

  variables {
    partition = "AWS"
  }

  expect_failures = [var.partition]
}

run "a_wildcard_in_a_prefix_is_refused" {
  command = plan

  variables {
    policies = {
      nodes = { grants = [{ level = "pull", account_id = "111122223333", region = "eu-west-1", prefixes = ["*"] }] }
    }
  }

  expect_failures = [var.policies]
}

run "a_grant_without_a_prefix_is_refused" {
  command = plan

  variables {
    policies = {
      nodes = { grants = [{ level = "pull", account_id = "111122223333", region = "eu-west-1", prefixes = [] }] }
    }
  }

  expect_failures = [var.policies]
}

run "a_policy_has_the_path" {
  command = plan

  variables {
    path = "/ecr/"
  }

  assert {
    condition     = aws_iam_policy.this["nodes"].path == "/ecr/"
    error_message = "The policy is under another path."
  }
}

run "a_path_without_a_slash_is_refused" {
  command = plan

  variables {
    path = "ecr"
  }

  expect_failures = [var.path]
}

run "a_grant_can_name_repositories" {
  command = plan

  variables {
    policies = {
      nodes = {
        grants = [{ level = "cached", account_id = "111122223333", region = "eu-west-1", prefixes = ["quay"], repositories = ["docker-hub/library/*"] }]
      }
    }
  }

  assert {
    condition = jsondecode(aws_iam_policy.this["nodes"].policy).Statement[1].Resource == [
      "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
      "arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/library/*",
    ]
    error_message = "The policy is about other repositories."
  }
}

run "a_grant_on_nothing_is_refused" {
  command = plan

  variables {
    policies = { nodes = { grants = [{ level = "cached", account_id = "111122223333", region = "eu-west-1" }] } }
  }

  expect_failures = [var.policies]
}

run "with_the_account_a_plan_tells_the_policy_of_a_role" {
  command = plan

  variables {
    account_id = "222233334444"
    path       = "/ecr/"
  }

  assert {
    condition     = aws_iam_role_policy_attachment.this["nodes:eks-node"].policy_arn == "arn:aws:iam::222233334444:policy/ecr/nodes"
    error_message = "The plan does not tell the policy."
  }
}

run "an_account_of_another_length_is_refused" {
  command = plan

  variables {
    account_id = "2222"
  }

  expect_failures = [var.account_id]
}
