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
  values      = {}
  documents   = {}
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

run "a_value_is_written_with_its_version" {
  command = plan

  variables {
    credentials = { "ecr-pullthroughcache/github" = { value_version = 3 } }
    values      = { "ecr-pullthroughcache/github" = { username = "octo", access_token = "token" } }
  }

  assert {
    condition     = aws_secretsmanager_secret_version.written["ecr-pullthroughcache/github"].secret_string_wo_version == 3
    error_message = "The version is not the one that was asked for."
  }

  assert {
    condition     = length(aws_secretsmanager_secret_version.placeholder) == 0
    error_message = "A secret with a value gets a placeholder too."
  }
}

run "a_document_is_written_in_its_place" {
  command = plan

  variables {
    credentials = { "ecr-pullthroughcache/github" = { value_version = 1 } }
    documents   = { "ecr-pullthroughcache/github" = "{}" }
  }

  assert {
    condition     = contains(keys(aws_secretsmanager_secret_version.written), "ecr-pullthroughcache/github")
    error_message = "The document is not written."
  }
}

run "a_wait_without_a_unit_is_refused" {
  command = plan

  variables {
    settle_duration = "15"
  }

  expect_failures = [var.settle_duration]
}

run "a_version_between_two_numbers_is_refused" {
  command = plan

  variables {
    credentials = { "ecr-pullthroughcache/github" = { value_version = 1.5 } }
    documents   = { "ecr-pullthroughcache/github" = "{}" }
  }

  expect_failures = [var.credentials]
}

run "a_region_is_no_zone" {
  command = plan

  variables {
    region = "eu-west-1a"
  }

  expect_failures = [var.region]
}

run "a_version_without_a_value_is_refused" {
  command = plan

  variables {
    credentials = { "ecr-pullthroughcache/github" = { value_version = 1 } }
  }

  expect_failures = [var.credentials]
}

run "a_value_for_a_placeholder_is_refused" {
  command = plan

  variables {
    documents = { "ecr-pullthroughcache/docker-hub" = "{}" }
  }

  expect_failures = [var.credentials]
}

run "a_value_for_a_secret_that_is_not_made_is_refused" {
  command = plan

  variables {
    values = { "ecr-pullthroughcache/gitlab" = { username = "octo", access_token = "token" } }
  }

  expect_failures = [var.credentials]
}
