# Written by `forebay generate`: change the topology, not this file.

module "access_eu_west_1" {
  source = "../modules/registry-access"

  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    CachedTeamQuayAccount = {
      level       = "cached"
      prefixes    = ["team/quay"]
      account_ids = ["999988887777"]
    }
    FirstPullDockerHubAnd2More = {
      level          = "first-pull"
      prefixes       = ["docker-hub", "github", "team/quay"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node-*"]
    }
    PullDockerHub = {
      level          = "pull"
      prefixes       = ["docker-hub"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/ci/builder"]
    }
    UpstreamTeam = {
      level          = "upstream"
      prefixes       = ["team"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]
    }
  }
}

module "access_us_east_1" {
  source = "../modules/registry-access"

  account_id = "111122223333"
  region     = "us-east-1"
  partition  = "aws"
  grants = {
    CachedTeamQuayAccount = {
      level       = "cached"
      prefixes    = ["team/quay"]
      account_ids = ["999988887777"]
    }
    FirstPullTeamQuay = {
      level          = "first-pull"
      prefixes       = ["team/quay"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node-*"]
    }
  }
}

module "template_role" {
  source = "../modules/template-role"

  account_id = "111122223333"
  partition  = "aws"
  roles = {
    forebay-template = {
      templates = [
        {
          region = "eu-west-1"
          prefix = "ROOT"
          tags   = true
        },
        {
          region = "eu-west-1"
          prefix = "docker-hub"
          tags   = true
        },
        {
          region = "eu-west-1"
          prefix = "github"
          tags   = true
        },
        {
          region = "eu-west-1"
          prefix = "team/quay"
          tags   = true
        },
        {
          region = "us-east-1"
          prefix = "ROOT"
          tags   = true
        },
        {
          region = "us-east-1"
          prefix = "team/quay"
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
    forebay-platform-eks-node = {
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
      ]
    }
  }
}
