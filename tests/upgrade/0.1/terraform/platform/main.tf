# Written by `forebay generate`: change the topology, not this file.

module "credentials_eu_west_1" {
  source = "../modules/upstream-credential"

  region          = "eu-west-1"
  settle_duration = "15s"
  credentials = {
    "ecr-pullthroughcache/docker-hub" = {
      recovery_window_in_days = 0
    }
    "ecr-pullthroughcache/github" = {
      recovery_window_in_days = 0
      value_version           = 1
    }
  }
  values = {
    "ecr-pullthroughcache/github" = var.github
  }
}

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region = "eu-west-1"
  rules = {
    docker-hub = {
      upstream_registry_url = "registry-1.docker.io"
      credential_arn        = module.credentials_eu_west_1.arns["ecr-pullthroughcache/docker-hub"]
    }
    github = {
      upstream_registry_url = "ghcr.io"
      credential_arn        = module.credentials_eu_west_1.arns["ecr-pullthroughcache/github"]
    }
    "team/quay" = {
      upstream_registry_url = "quay.io"
    }
  }
  creation_templates = {
    ROOT = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
    docker-hub = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
    github = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
    "team/quay" = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
  }
}

module "cache_us_east_1" {
  source = "../modules/pull-through-cache"

  region = "us-east-1"
  rules = {
    "team/quay" = {
      upstream_registry_url = "quay.io"
    }
  }
  creation_templates = {
    ROOT = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
    "team/quay" = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
  }
}
