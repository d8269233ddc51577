mock_provider "aws" {}

variables {
  account_id = "222233334444"
  partition  = "aws"
  roles = {
    ecr-upstream = {
      upstreams = [{ account_id = "111122223333", region = "eu-west-1", prefix = "base-images" }]
      caches    = [{ region = "eu-west-1", prefix = "platform" }]
    }
  }
}

run "the_role_is_for_the_cache_alone" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.this["ecr-upstream"].assume_role_policy).Statement[0].Principal == { Service = "pullthroughcache.ecr.amazonaws.com" }
    error_message = "Another principal may assume the role."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this["ecr-upstream"].policy).Statement : statement.Resource] == [
      ["*"],
      ["arn:aws:ecr:eu-west-1:111122223333:repository/base-images/*"],
      ["arn:aws:ecr:eu-west-1:222233334444:repository/platform/*"],
    ]
    error_message = "The role reads or writes other repositories."
  }
}

run "a_role_without_a_cache_is_refused" {
  command = plan

  variables {
    roles = {
      ecr-upstream = {
        upstreams = [{ account_id = "111122223333", region = "eu-west-1", prefix = "base-images" }]
        caches    = []
      }
    }
  }

  expect_failures = [var.roles]
}

run "an_account_id_of_eleven_digits_and_a_wrong_partition_are_refused" {
  command = plan

  variables {
    account_id = "11112222333"
    partition  = "AWS"
  }

  expect_failures = [var.account_id, var.partition]
}

run "a_wildcard_in_a_prefix_is_refused" {
  command = plan

  variables {
    roles = {
      ecr-upstream = {
        upstreams = [{ account_id = "111122223333", region = "eu-west-1", prefix = "*" }]
        caches    = [{ region = "eu-west-1", prefix = "platform" }]
      }
    }
  }

  expect_failures = [var.roles]
}

run "a_role_has_the_path_and_the_boundary" {
  command = plan

  variables {
    path                 = "/ecr/"
    permissions_boundary = "arn:aws:iam::222233334444:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.this["ecr-upstream"].path == "/ecr/" && aws_iam_role.this["ecr-upstream"].permissions_boundary == "arn:aws:iam::222233334444:policy/boundary"
    error_message = "The role is under another path, or without its boundary."
  }
}

run "the_documented_scope_is_every_repository" {
  command = plan

  variables {
    role_scope = "documented"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["ecr-upstream"].policy).Statement : statement.Resource] == [["*"]]
    error_message = "The role reaches other resources than AWS documents."
  }
}

run "a_path_a_boundary_and_a_scope_that_are_none_are_refused" {
  command = plan

  variables {
    path                 = "ecr"
    permissions_boundary = "boundary"
    role_scope           = "all"
  }

  expect_failures = [var.path, var.permissions_boundary, var.role_scope]
}
