# What the submodule iam-role-for-service-accounts of the registry module terraform-aws-modules/iam makes of its inputs, from 6.0 on.
# Names and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "use_name_prefix" {
  type    = bool
  default = true
}

variable "path" {
  type    = string
  default = "/"
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "trust_condition_test" {
  type    = string
  default = "StringEquals"
}

variable "oidc_providers" {
  default = {}
}

variable "policies" {
  type    = map(string)
  default = {}
}

variable "create_policy" {
  type    = bool
  default = true
}

variable "source_policy_documents" {
  type    = list(string)
  default = []
}

variable "override_policy_documents" {
  type    = list(string)
  default = []
}

variable "permissions" {
  default = null
}

variable "create_inline_policy" {
  type    = bool
  default = false
}

variable "source_inline_policy_documents" {
  type    = list(string)
  default = []
}

variable "override_inline_policy_documents" {
  type    = list(string)
  default = []
}

variable "inline_policy_permissions" {
  default = null
}

# Each of these gives the role a policy that the module writes, for a controller in a cluster. None is about
# registries, and what it says changes from version to version.
variable "attach_aws_gateway_controller_policy" {
  type    = bool
  default = false
}

variable "attach_cert_manager_policy" {
  type    = bool
  default = false
}

variable "attach_cluster_autoscaler_policy" {
  type    = bool
  default = false
}

variable "attach_ebs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_mountpoint_s3_csi_policy" {
  type    = bool
  default = false
}

variable "attach_efs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_external_dns_policy" {
  type    = bool
  default = false
}

variable "attach_external_secrets_policy" {
  type    = bool
  default = false
}

variable "attach_fsx_lustre_csi_policy" {
  type    = bool
  default = false
}

variable "attach_fsx_openzfs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_targetgroup_binding_only_policy" {
  type    = bool
  default = false
}

variable "attach_amazon_managed_service_prometheus_policy" {
  type    = bool
  default = false
}

variable "attach_velero_policy" {
  type    = bool
  default = false
}

variable "attach_vpc_cni_policy" {
  type    = bool
  default = false
}

variable "attach_node_termination_handler_policy" {
  type    = bool
  default = false
}

variable "attach_cloudwatch_observability_policy" {
  type    = bool
  default = false
}

# What makes no record of ours.
variable "region" {
  default = null
}

variable "description" {
  default = null
}

variable "max_session_duration" {
  default = null
}

variable "policy_description" {
  default = null
}

variable "cert_manager_hosted_zone_arns" {
  default = null
}

variable "cluster_autoscaler_cluster_names" {
  default = null
}

variable "ebs_csi_kms_cmk_arns" {
  default = null
}

variable "mountpoint_s3_csi_bucket_arns" {
  default = null
}

variable "mountpoint_s3_csi_kms_arns" {
  default = null
}

variable "mountpoint_s3_csi_path_arns" {
  default = null
}

variable "external_dns_hosted_zone_arns" {
  default = null
}

variable "external_secrets_ssm_parameter_arns" {
  default = null
}

variable "external_secrets_secrets_manager_arns" {
  default = null
}

variable "external_secrets_kms_key_arns" {
  default = null
}

variable "external_secrets_secrets_manager_create_permission" {
  default = null
}

variable "fsx_lustre_csi_service_role_arns" {
  default = null
}

variable "fsx_openzfs_csi_service_role_arns" {
  default = null
}

variable "load_balancer_controller_targetgroup_arns" {
  default = null
}

variable "amazon_managed_service_prometheus_workspace_arns" {
  default = null
}

variable "velero_s3_bucket_arns" {
  default = null
}

variable "vpc_cni_enable_cloudwatch_logs" {
  default = null
}

variable "vpc_cni_enable_ipv4" {
  default = null
}

variable "vpc_cni_enable_ipv6" {
  default = null
}

variable "node_termination_handler_sqs_queue_arns" {
  default = null
}

variable "policy_name" {
  default = null
}

variable "policy_path" {
  default = null
}

locals {
  has_more_policies = anytrue([var.attach_aws_gateway_controller_policy, var.attach_cert_manager_policy, var.attach_cluster_autoscaler_policy, var.attach_ebs_csi_policy, var.attach_mountpoint_s3_csi_policy, var.attach_efs_csi_policy, var.attach_external_dns_policy, var.attach_external_secrets_policy, var.attach_fsx_lustre_csi_policy, var.attach_fsx_openzfs_csi_policy, var.attach_load_balancer_controller_policy, var.attach_load_balancer_controller_targetgroup_binding_only_policy, var.attach_amazon_managed_service_prometheus_policy, var.attach_velero_policy, var.attach_vpc_cni_policy, var.attach_node_termination_handler_policy, var.attach_cloudwatch_observability_policy])
  gives_more        = length(var.source_policy_documents) > 0 || length(var.override_policy_documents) > 0 || var.permissions != null
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = var.oidc_providers
    iterator = from

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [from.value.provider_arn]
      }

      condition {
        test     = var.trust_condition_test
        variable = "${replace(from.value.provider_arn, "/^(.*provider/)/", "")}:sub"
        values   = [for account in from.value.namespace_service_accounts : "system:serviceaccount:${account}"]
      }

      condition {
        test     = var.trust_condition_test
        variable = "${replace(from.value.provider_arn, "/^(.*provider/)/", "")}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "more" {
  source_policy_documents   = var.source_policy_documents
  override_policy_documents = var.override_policy_documents

  dynamic "statement" {
    for_each = var.permissions == null ? {} : var.permissions
    iterator = given

    content {
      sid           = try(coalesce(given.value.sid, given.key), given.key)
      effect        = try(given.value.effect, "Allow")
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, null)
      not_resources = try(given.value.not_resources, null)

      dynamic "condition" {
        for_each = try([for each_one in given.value.condition : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

data "aws_iam_policy_document" "own" {
  source_policy_documents   = var.source_inline_policy_documents
  override_policy_documents = var.override_inline_policy_documents

  dynamic "statement" {
    for_each = var.inline_policy_permissions == null ? {} : var.inline_policy_permissions
    iterator = given

    content {
      sid           = try(coalesce(given.value.sid, given.key), given.key)
      effect        = try(given.value.effect, "Allow")
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, null)
      not_resources = try(given.value.not_resources, null)

      dynamic "condition" {
        for_each = try([for each_one in given.value.condition : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name                 = var.use_name_prefix ? null : var.name
  name_prefix          = var.use_name_prefix ? "${var.name}-" : null
  path                 = var.path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "additional" {
  for_each = var.create ? var.policies : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_policy" "this" {
  count = var.create && var.create_policy && (local.gives_more || local.has_more_policies) ? 1 : 0

  name   = local.name_made_by_the_module
  policy = local.has_more_policies ? local.policy_built_by_the_module : data.aws_iam_policy_document.more.json
}

resource "aws_iam_role_policy_attachment" "this" {
  count = var.create && var.create_policy && (local.gives_more || local.has_more_policies) ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.this[0].arn
}

resource "aws_iam_role_policy" "inline" {
  count = var.create && var.create_inline_policy ? 1 : 0

  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.own.json
}

output "arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "path" {
  value = try(aws_iam_role.this[0].path, null)
}

output "unique_id" {
  value = try(aws_iam_role.this[0].unique_id, null)
}

output "iam_policy_arn" {
  value = try(aws_iam_policy.this[0].arn, null)
}

output "iam_policy" {
  value = try(aws_iam_policy.this[0].policy, null)
}
