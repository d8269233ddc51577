# Written by `forebay generate`: change the topology, not this file.

variable "github" {
  description = "User name and access token in the secret ecr-pullthroughcache/github."
  type = object({
    username     = string
    access_token = string
  })
  ephemeral = true
  sensitive = true
}
