mock_provider "aws" {}

variables {
  account_id = "111122223333"
  partition  = "aws"
  roles = {
    ecr-templates = {
      templates = [
        { region = "eu-west-1", prefix = "docker-hub", tags = true },
        { region = "eu-west-1", prefix = "ROOT", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd" },
      ]
    }
  }
}

run "the_role_is_for_ecr_alone" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.this["ecr-templates"].assume_role_policy).Statement[0].Principal == { Service = "ecr.amazonaws.com" }
    error_message = "Another principal may assume the role."
  }
}

run "the_role_may_do_what_its_templates_need" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this["ecr-templates"].policy).Statement : [statement.Action, statement.Resource]] == [
      [["ecr:CreateRepository"], ["arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*", "arn:aws:ecr:eu-west-1:111122223333:repository/*"]],
      [["ecr:TagResource"], ["arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"]],
      [["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd"]],
    ]
    error_message = "The role may do something else."
  }
}

run "an_alias_is_refused" {
  command = plan

  variables {
    roles = { ecr-templates = { templates = [{ region = "eu-west-1", prefix = "quay", kms_key_arn = "alias/ecr" }] } }
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
    roles = { ecr-templates = { templates = [{ region = "eu-west-1", prefix = "*", tags = true }] } }
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
    condition     = aws_iam_role.this["ecr-templates"].path == "/ecr/" && aws_iam_role.this["ecr-templates"].permissions_boundary == "arn:aws:iam::222233334444:policy/boundary"
    error_message = "The role is under another path, or without its boundary."
  }
}

run "the_documented_scope_is_every_repository" {
  command = plan

  variables {
    role_scope = "documented"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["ecr-templates"].policy).Statement : statement.Resource] == [["*"], ["*"], ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd"]]
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
