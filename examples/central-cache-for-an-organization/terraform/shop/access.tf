# Written by `forebay generate`: change the topology, not this file.

module "pullers" {
  source = "../modules/puller-access"

  account_id = "222233334444"
  partition  = "aws"
  policies = {
    forebay-shop-nodes = {
      grants = [
        {
          level      = "first-pull"
          account_id = "111122223333"
          region     = "eu-west-1"
          prefixes   = ["docker-hub", "ecr-public", "quay"]
        },
      ]
    }
  }
}
