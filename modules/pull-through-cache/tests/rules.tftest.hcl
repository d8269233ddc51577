mock_provider "aws" {
  mock_data "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  }
}

variables {
  region = "eu-west-1"
  rules = {
    ecr-public = { upstream_registry_url = "public.ecr.aws" }
    docker-hub = {
      upstream_registry_url  = "registry-1.docker.io"
      credential_secret_name = "ecr-pullthroughcache/docker-hub"
    }
  }
}

run "a_rule_for_each_prefix" {
  command = plan

  assert {
    condition     = aws_ecr_pull_through_cache_rule.this["ecr-public"].upstream_registry_url == "public.ecr.aws"
    error_message = "The rule ecr-public has another upstream."
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.this["ecr-public"].credential_arn == null
    error_message = "ECR Public takes no credential."
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.this["docker-hub"].credential_arn == data.aws_secretsmanager_secret.credential["ecr-pullthroughcache/docker-hub"].arn
    error_message = "The rule docker-hub does not use the secret that was looked up."
  }
}

run "upper_case_is_refused" {
  command = plan

  variables {
    rules = { Docker = { upstream_registry_url = "public.ecr.aws" } }
  }

  expect_failures = [var.rules]
}

run "two_credentials_are_refused" {
  command = plan

  variables {
    rules = {
      docker-hub = {
        upstream_registry_url  = "registry-1.docker.io"
        credential_arn         = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/a-AbCdEf"
        credential_secret_name = "ecr-pullthroughcache/docker-hub"
      }
    }
  }

  expect_failures = [var.rules]
}

run "root_with_an_upstream_prefix_is_refused" {
  command = plan

  variables {
    rules = { ROOT = { upstream_registry_url = "public.ecr.aws", upstream_repository_prefix = "x1" } }
  }

  expect_failures = [var.rules]
}

run "a_secret_of_another_name_is_refused" {
  command = plan

  variables {
    rules = { docker-hub = { upstream_registry_url = "registry-1.docker.io", credential_secret_name = "docker-hub" } }
  }

  expect_failures = [var.rules]
}

run "a_template_expires_images" {
  command = plan

  variables {
    creation_templates = { ROOT = { expire_after_days = 90 }, docker-hub = { keep_images = 5 }, quay = {} }
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_creation_template.this["ROOT"].lifecycle_policy).rules[0].selection == { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 90 }
    error_message = "Images do not expire after 90 days."
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_creation_template.this["docker-hub"].lifecycle_policy).rules[0].selection == { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 5 }
    error_message = "More or fewer than five images are kept."
  }

  assert {
    condition     = aws_ecr_repository_creation_template.this["quay"].lifecycle_policy == null
    error_message = "A template without a lifecycle has one."
  }
}

run "two_lifecycles_are_refused" {
  command = plan

  variables {
    creation_templates = { ROOT = { expire_after_days = 90, keep_images = 5 } }
  }

  expect_failures = [var.creation_templates]
}

run "an_alias_of_a_key_is_refused" {
  command = plan

  variables {
    creation_templates = { ROOT = { encryption_type = "KMS", kms_key_arn = "alias/ecr" } }
  }

  expect_failures = [var.creation_templates]
}

run "some_tags_can_be_the_other_way" {
  command = plan

  variables {
    creation_templates = {
      quay = {
        image_tag_mutability                   = "IMMUTABLE_WITH_EXCLUSION"
        image_tag_mutability_exclusion_filters = ["latest", "dev-*"]
      }
    }
  }

  assert {
    condition     = aws_ecr_repository_creation_template.this["quay"].image_tag_mutability_exclusion_filter[*].filter == tolist(["latest", "dev-*"])
    error_message = "The filters are not those that were asked for."
  }
}

run "filters_without_their_mutability_are_refused" {
  command = plan

  variables {
    creation_templates = { quay = { image_tag_mutability_exclusion_filters = ["latest"] } }
  }

  expect_failures = [var.creation_templates]
}

run "a_filter_with_three_asterisks_is_refused" {
  command = plan

  variables {
    creation_templates = {
      quay = {
        image_tag_mutability                   = "MUTABLE_WITH_EXCLUSION"
        image_tag_mutability_exclusion_filters = ["*a*b*"]
      }
    }
  }

  expect_failures = [var.creation_templates]
}

run "a_url_as_upstream_is_refused" {
  command = plan

  variables {
    rules = { ecr-public = { upstream_registry_url = "https://public.ecr.aws" } }
  }

  expect_failures = [var.rules]
}

run "an_upstream_prefix_in_upper_case_is_refused" {
  command = plan

  variables {
    rules = { ecr-public = { upstream_registry_url = "public.ecr.aws", upstream_repository_prefix = "Docker" } }
  }

  expect_failures = [var.rules]
}

run "the_arn_of_another_secret_is_refused" {
  command = plan

  variables {
    rules = {
      docker-hub = {
        upstream_registry_url = "registry-1.docker.io"
        credential_arn        = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:docker-hub-AbCdEf"
      }
    }
  }

  expect_failures = [var.rules]
}

run "a_role_by_its_name_is_refused" {
  command = plan

  variables {
    rules              = { own = { upstream_registry_url = "111122223333.dkr.ecr.eu-west-1.amazonaws.com", custom_role_arn = "ecr-upstream" } }
    creation_templates = { own = { custom_role_arn = "ecr-templates" } }
  }

  expect_failures = [var.rules, var.creation_templates]
}

run "a_region_is_no_zone" {
  command = plan

  variables {
    region = "eu-west-1a"
  }

  expect_failures = [var.region]
}

run "a_secret_and_a_role_of_the_same_code_are_taken_by_name" {
  command = plan

  variables {
    credential_arns  = { "ecr-pullthroughcache/hub" = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf" }
    custom_role_arns = { fill = "arn:aws:iam::111122223333:role/fill" }
    rules = {
      hub = { upstream_registry_url = "registry-1.docker.io", credential_secret_name = "ecr-pullthroughcache/hub" }
      own = { upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com", custom_role_name = "fill" }
    }
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.this["hub"].credential_arn == var.credential_arns["ecr-pullthroughcache/hub"]
    error_message = "The rule hub does not use the secret of its name."
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.this["own"].custom_role_arn == "arn:aws:iam::111122223333:role/fill"
    error_message = "The rule own does not use the role of its name."
  }

  assert {
    condition     = length(data.aws_secretsmanager_secret.credential) == 0
    error_message = "A secret of the same code is looked up."
  }
}

run "a_role_that_nobody_makes_is_refused" {
  command = plan

  variables {
    rules = { own = { upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com", custom_role_name = "fill" } }
  }

  expect_failures = [var.rules]
}
