provider "aws" {
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["hub"]}:role/terraform"
  }
}

provider "aws" {
  alias  = "spoke"
  region = "eu-west-1"
  assume_role {
    role_arn     = "arn:aws:iam::${var.accounts["spoke"]}:role/terraform"
    session_name = "pull-through-cache"
  }
}

variable "accounts" {
  type = map(string)
}
