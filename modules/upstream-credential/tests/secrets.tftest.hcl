mock_provider "aws" {
  mock_resource "aws_secretsmanager_secret_version" {
    defaults = {
      arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  }
}

mock_provider "time" {}

variables {
  region      = "eu-west-1"
  credentials = { "ecr-pullthroughcache/docker-hub" = { recovery_window_in_days = 7 } }
}

run "a_secret_with_a_placeholder" {
  assert {
    condition     = aws_secretsmanager_secret.this["ecr-pullthroughcache/docker-hub"].recovery_window_in_days == 7
    error_message = "The recovery window is not what was asked for."
  }

  assert {
    condition     = contains(aws_secretsmanager_secret_version.placeholder["ecr-pullthroughcache/docker-hub"].version_stages, "forebay-placeholder")
    error_message = "The placeholder has no label of its own, so Secrets Manager may delete it."
  }

  assert {
    condition     = startswith(output.arns["ecr-pullthroughcache/docker-hub"], "arn:aws:secretsmanager:eu-west-1:")
    error_message = "The output holds no ARN."
  }
}

run "a_name_without_the_prefix_is_refused" {
  command = plan

  variables {
    credentials = { docker-hub = {} }
  }

  expect_failures = [var.credentials]
}

run "a_recovery_window_of_five_days_is_refused" {
  command = plan

  variables {
    credentials = { "ecr-pullthroughcache/docker-hub" = { recovery_window_in_days = 5 } }
  }

  expect_failures = [var.credentials]
}
