variable "enabled" {
  type    = bool
  default = null
}

variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "stage" {
  type    = string
  default = "prod"
}

variable "pull_through_cache_rules" {
  type = map(any)
  default = {
    k8s  = { registry = "registry.k8s.io" }
    quay = { registry = "quay.io" }
  }
}

variable "policies" {
  type    = list(string)
  default = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"]
}
