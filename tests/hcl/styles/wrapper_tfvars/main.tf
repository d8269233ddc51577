# A wrapper module takes the whole registry as one map, and the map lives in a variable file.
provider "aws" {
  region              = "ap-southeast-2"
  allowed_account_ids = ["666677778888"]
}

variable "registry" {
  type = any
}

module "registry" {
  source = "../wrapper_tfvars_modules/registry"

  for_each = var.registry.prefixes
  prefix   = each.key
  settings = merge(var.registry.defaults, each.value)
}
