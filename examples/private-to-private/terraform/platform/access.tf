# Written by `forebay generate`: change the topology, not this file.

module "access_eu_west_1" {
  source = "../modules/registry-access"

  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    UpstreamBaseImages = {
      level          = "upstream"
      prefixes       = ["base-images"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]
    }
  }
}
