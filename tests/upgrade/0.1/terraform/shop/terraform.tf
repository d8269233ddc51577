# Written by `forebay generate`: change the topology, not this file.

terraform {
  required_version = ">= 1.11"

  backend "local" {
    path = "terraform.tfstate"
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.50, < 7.0"
    }
  }
}
