# Written by `forebay generate`: change the topology, not this file.

module "access_eu_west_1" {
  source = "../modules/registry-access"

  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    FirstPullQuay = {
      level          = "first-pull"
      prefixes       = ["quay"]
      account_ids    = ["222233334444", "333344445555"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node", "arn:aws:iam::333344445555:role/eks-node"]
    }
    UpstreamBase = {
      level          = "upstream"
      prefixes       = ["base"]
      account_ids    = ["222233334444", "333344445555"]
      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream", "arn:aws:iam::333344445555:role/forebay-upstream"]
    }
  }
}
