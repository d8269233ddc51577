# Written by `forebay generate`: change the topology, not this file.

module "access_eu_west_1" {
  source = "../modules/registry-access"

  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    FirstPullDockerHubAnd2More = {
      level          = "first-pull"
      prefixes       = ["docker-hub", "ecr-public", "quay"]
      account_ids    = ["222233334444", "333344445555", "444455556666"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node", "arn:aws:iam::333344445555:role/ci/builder", "arn:aws:iam::444455556666:role/node"]
    }
    PullDockerHubAnd2More = {
      level          = "pull"
      prefixes       = ["docker-hub", "ecr-public", "quay"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Developer_????????????????", "arn:aws:iam::222233334444:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_????????????????"]
    }
    PullDockerHubAnd2MoreUnitRole = {
      level              = "pull"
      prefixes           = ["docker-hub", "ecr-public", "quay"]
      organization_paths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]
      principal_arns     = ["arn:aws:iam::*:role/eks-node-*"]
    }
    PullEcrPublicOrganization = {
      level           = "pull"
      prefixes        = ["ecr-public"]
      organization_id = "o-a1b2c3d4e5"
    }
  }
}
