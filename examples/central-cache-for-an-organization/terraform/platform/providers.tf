# Written by `forebay generate`: change the topology, not this file.

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
