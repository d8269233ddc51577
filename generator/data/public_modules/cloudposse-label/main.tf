# What the registry module cloudposse/label/null says about its inputs, from 0.24 on. It makes no resource:
# others ask it whether they are made, what they are called, and for their tags. Names and defaults are
# facts about that module; the code is forebay's own.

variable "context" {
  type    = any
  default = {}
}

variable "enabled" {
  type    = bool
  default = null
}

variable "namespace" {
  type    = string
  default = null
}

variable "tenant" {
  type    = string
  default = null
}

variable "environment" {
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

variable "delimiter" {
  type    = string
  default = null
}

variable "attributes" {
  type    = list(string)
  default = []
}

variable "labels_as_tags" {
  type    = set(string)
  default = ["default"]
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "additional_tag_map" {
  type    = map(string)
  default = {}
}

variable "label_order" {
  type    = list(string)
  default = null
}

variable "regex_replace_chars" {
  type    = string
  default = null
}

variable "id_length_limit" {
  type    = number
  default = null
}

variable "label_key_case" {
  type    = string
  default = null
}

variable "label_value_case" {
  type    = string
  default = null
}

variable "descriptor_formats" {
  type    = any
  default = {}
}

locals {
  words = ["namespace", "tenant", "environment", "stage", "name"]

  # What is given here wins over what the context hands on; attributes and tags come on top of it.
  given = {
    enabled             = var.enabled != null ? var.enabled : try(var.context.enabled, true)
    namespace           = var.namespace != null ? var.namespace : try(var.context.namespace, null)
    tenant              = var.tenant != null ? var.tenant : try(var.context.tenant, null)
    environment         = var.environment != null ? var.environment : try(var.context.environment, null)
    stage               = var.stage != null ? var.stage : try(var.context.stage, null)
    name                = var.name != null ? var.name : try(var.context.name, null)
    delimiter           = var.delimiter != null ? var.delimiter : try(var.context.delimiter, null)
    attributes          = compact(distinct(concat(try(coalesce(var.context.attributes, []), []), coalesce(var.attributes, []))))
    tags                = merge(try(var.context.tags, {}), var.tags)
    additional_tag_map  = merge(try(var.context.additional_tag_map, {}), var.additional_tag_map)
    label_order         = var.label_order != null ? var.label_order : try(var.context.label_order, null)
    regex_replace_chars = var.regex_replace_chars != null ? var.regex_replace_chars : try(var.context.regex_replace_chars, null)
    id_length_limit     = var.id_length_limit != null ? var.id_length_limit : try(var.context.id_length_limit, null)
    label_key_case      = var.label_key_case != null ? var.label_key_case : try(var.context.label_key_case, null)
    label_value_case    = var.label_value_case != null ? var.label_value_case : try(var.context.label_value_case, null)
    labels_as_tags      = contains(try(tolist(var.context.labels_as_tags), ["unset"]), "unset") ? var.labels_as_tags : var.context.labels_as_tags
    descriptor_formats  = merge(try(var.context.descriptor_formats, {}), var.descriptor_formats)
  }

  enabled    = local.given.enabled == null ? true : local.given.enabled
  pattern    = local.given.regex_replace_chars == null ? "/[^-a-zA-Z0-9]/" : local.given.regex_replace_chars
  delimiter  = local.given.delimiter == null ? "-" : local.given.delimiter
  order      = try(length(local.given.label_order), 0) == 0 ? ["namespace", "environment", "stage", "name", "attributes"] : local.given.label_order
  value_case = local.given.label_value_case == null ? "lower" : local.given.label_value_case
  key_case   = local.given.label_key_case == null ? "title" : local.given.label_key_case
  limit      = local.given.id_length_limit == null ? 0 : local.given.id_length_limit

  plain = { for word in local.words : word => local.given[word] == null ? "" : replace(local.given[word], local.pattern, "") }
  label = { for word, text in local.plain : word => local.value_case == "none" ? text : local.value_case == "upper" ? upper(text) : local.value_case == "title" ? title(lower(text)) : lower(text) }

  plain_attributes = compact([for text in local.given.attributes : replace(text, local.pattern, "")])
  attributes       = distinct([for text in local.plain_attributes : local.value_case == "none" ? text : local.value_case == "upper" ? upper(text) : local.value_case == "title" ? title(lower(text)) : lower(text)])

  parts   = merge(local.label, { attributes = join(local.delimiter, local.attributes) })
  id_full = join(local.delimiter, compact([for word in local.order : local.parts[word]]))

  # An id that is too long ends in a few letters of a digest.
  id = local.limit == 0 || length(local.id_full) <= local.limit ? local.id_full : local.id_shortened_by_the_module

  tag_words = merge(local.parts, { name = local.id })
  as_tags   = contains(tolist(local.given.labels_as_tags), "default") ? keys(local.tag_words) : tolist(local.given.labels_as_tags)
  tags = merge(
    { for word, text in local.tag_words : (local.key_case == "upper" ? upper(word) : local.key_case == "lower" ? lower(word) : title(word)) => text if contains(local.as_tags, word) && text != "" },
    local.given.tags,
  )
}

output "enabled" {
  value = local.enabled
}

output "id" {
  value = local.enabled ? local.id : ""
}

output "id_full" {
  value = local.enabled ? local.id_full : ""
}

output "namespace" {
  value = local.enabled ? local.label.namespace : ""
}

output "tenant" {
  value = local.enabled ? local.label.tenant : ""
}

output "environment" {
  value = local.enabled ? local.label.environment : ""
}

output "stage" {
  value = local.enabled ? local.label.stage : ""
}

output "name" {
  value = local.enabled ? local.label.name : ""
}

output "delimiter" {
  value = local.enabled ? local.delimiter : ""
}

output "attributes" {
  value = local.enabled ? local.attributes : []
}

output "tags" {
  value = local.enabled ? local.tags : {}
}

output "additional_tag_map" {
  value = local.given.additional_tag_map
}

output "tags_as_list_of_maps" {
  value = [for name, text in local.tags : merge({ key = name, value = text }, local.given.additional_tag_map)]
}

output "label_order" {
  value = local.order
}

output "regex_replace_chars" {
  value = local.pattern
}

output "id_length_limit" {
  value = local.limit
}

output "descriptors" {
  value = local.descriptors_made_by_the_module
}

output "context" {
  value = local.given
}

output "normalized_context" {
  value = merge(local.given, local.label, {
    enabled             = local.enabled
    delimiter           = local.delimiter
    attributes          = local.attributes
    tags                = local.tags
    label_order         = local.order
    regex_replace_chars = local.pattern
    id_length_limit     = local.limit
    label_key_case      = local.key_case
    label_value_case    = local.value_case
  })
}
