# Written by `forebay generate`: change the topology, not this file.

module "upstream_access" {
  source = "../modules/upstream-access"

  account_id = "222233334444"
  partition  = "aws"
  roles = {
    forebay-upstream = {
      upstreams = [
        {
          account_id = "111122223333"
          region     = "eu-west-1"
          prefix     = "team"
        },
      ]
      caches = [
        {
          region = "eu-west-1"
          prefix = "base"
        },
      ]
    }
  }
}

module "template_role" {
  source = "../modules/template-role"

  account_id = "222233334444"
  partition  = "aws"
  roles = {
    forebay-template = {
      templates = [
        {
          region = "eu-west-1"
          prefix = "base"
          tags   = true
        },
      ]
    }
  }
}

module "pullers" {
  source = "../modules/puller-access"

  partition = "aws"
  policies = {
    forebay-builder = {
      grants = [
        {
          level      = "pull"
          account_id = "111122223333"
          region     = "eu-west-1"
          prefixes   = ["docker-hub"]
        },
      ]
      roles = ["builder"]
    }
    forebay-shop-nodes = {
      grants = [
        {
          level      = "first-pull"
          account_id = "111122223333"
          region     = "eu-west-1"
          prefixes   = ["docker-hub", "github", "team/quay"]
        },
        {
          level      = "first-pull"
          account_id = "111122223333"
          region     = "us-east-1"
          prefixes   = ["team/quay"]
        },
        {
          level      = "pull"
          account_id = "222233334444"
          region     = "eu-west-1"
          prefixes   = ["base"]
        },
      ]
    }
  }
}
