variable "context" {
  type    = any
  default = { enabled = true, delimiter = null, attributes = [], tags = {} }
}
variable "enabled" {
  type    = bool
  default = null
}
variable "namespace" {
  type    = string
  default = null
}
variable "stage" {
  type    = string
  default = null
}
variable "name" {
  type    = string
  default = null
}
variable "attributes" {
  type    = list(string)
  default = []
}
variable "label_order" {
  type    = list(string)
  default = null
}

locals {
  input = {
    enabled    = var.enabled == null ? var.context.enabled : var.enabled
    delimiter  = var.context.delimiter == null ? "-" : var.context.delimiter
    attributes = compact(distinct(concat(coalesce(var.context.attributes, []), var.attributes)))
  }
  words = {
    for word, value in { namespace = var.namespace, stage = var.stage, name = var.name } :
    word => value == null ? "" : replace(lower(value), "/[^a-z0-9-]/", "")
  }
  context = merge(local.words, { attributes = join(local.input.delimiter, local.input.attributes) })
  labels  = [for word in coalesce(var.label_order, ["namespace", "name"]) : local.context[word] if length(local.context[word]) > 0]
}

output "id" {
  value = local.input.enabled ? join(local.input.delimiter, local.labels) : ""
}
output "enabled" {
  value = local.input.enabled
}
output "tags" {
  value = { for word, value in local.words : title(word) => value if value != "" }
}
