include "root" {
  path = find_in_parent_folders("root.hcl")
}

inputs = {
  name = "this file is Terragrunt's, and no code of Terraform"
}
