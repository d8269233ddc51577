# Written by `forebay generate`: change the topology, not this file.

module "upstream_access" {
  source = "../modules/upstream-access"

  account_id = "333344445555"
  partition  = "aws"
  roles = {
    forebay-upstream = {
      upstreams = [
        {
          account_id = "111122223333"
          region     = "eu-west-1"
          prefix     = "base"
        },
      ]
      caches = [
        {
          region = "eu-west-1"
          prefix = "base"
        },
        {
          region = "us-east-1"
          prefix = "base"
        },
      ]
    }
  }
}

module "pullers" {
  source = "../modules/puller-access"

  account_id = "333344445555"
  partition  = "aws"
  policies = {
    forebay-search-nodes = {
      grants = [
        {
          level      = "first-pull"
          account_id = "111122223333"
          region     = "eu-west-1"
          prefixes   = ["quay"]
        },
      ]
    }
    forebay-spokes-eks-node = {
      grants = [
        {
          level      = "first-pull"
          account_id = "333344445555"
          region     = "eu-west-1"
          prefixes   = ["base"]
        },
        {
          level      = "first-pull"
          account_id = "333344445555"
          region     = "us-east-1"
          prefixes   = ["base"]
        },
      ]
    }
  }
}
