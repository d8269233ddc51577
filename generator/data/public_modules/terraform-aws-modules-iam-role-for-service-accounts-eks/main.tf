# What the submodule iam-role-for-service-accounts-eks of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
# Names and defaults are facts about that module; the code is forebay's own.

variable "create_role" {
  type    = bool
  default = true
}

variable "role_name" {
  type    = string
  default = null
}

variable "role_name_prefix" {
  type    = string
  default = null
}

variable "role_path" {
  type    = string
  default = "/"
}

variable "role_permissions_boundary_arn" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "allow_self_assume_role" {
  type    = bool
  default = false
}

variable "role_policy_arns" {
  type    = map(string)
  default = {}
}

variable "oidc_providers" {
  default = {}
}

variable "assume_role_condition_test" {
  type    = string
  default = "StringEquals"
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

variable "attach_efs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_mountpoint_s3_csi_policy" {
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

variable "attach_karpenter_controller_policy" {
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

variable "attach_appmesh_controller_policy" {
  type    = bool
  default = false
}

variable "attach_appmesh_envoy_proxy_policy" {
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
variable "role_description" {
  default = null
}

variable "max_session_duration" {
  default = null
}

variable "force_detach_policies" {
  default = null
}

variable "policy_name_prefix" {
  default = null
}

variable "cert_manager_hosted_zone_arns" {
  default = null
}

variable "cluster_autoscaler_cluster_ids" {
  default = null
}

variable "cluster_autoscaler_cluster_names" {
  default = null
}

variable "ebs_csi_kms_cmk_ids" {
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

variable "karpenter_controller_cluster_id" {
  default = null
}

variable "karpenter_controller_cluster_name" {
  default = null
}

variable "karpenter_tag_key" {
  default = null
}

variable "karpenter_controller_ssm_parameter_arns" {
  default = null
}

variable "karpenter_controller_node_iam_role_arns" {
  default = null
}

variable "karpenter_subnet_account_id" {
  default = null
}

variable "karpenter_sqs_queue_arn" {
  default = null
}

variable "enable_karpenter_instance_profile_creation" {
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

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  has_more_policies = anytrue([var.attach_aws_gateway_controller_policy, var.attach_cert_manager_policy, var.attach_cluster_autoscaler_policy, var.attach_ebs_csi_policy, var.attach_efs_csi_policy, var.attach_mountpoint_s3_csi_policy, var.attach_external_dns_policy, var.attach_external_secrets_policy, var.attach_fsx_lustre_csi_policy, var.attach_fsx_openzfs_csi_policy, var.attach_karpenter_controller_policy, var.attach_load_balancer_controller_policy, var.attach_load_balancer_controller_targetgroup_binding_only_policy, var.attach_appmesh_controller_policy, var.attach_appmesh_envoy_proxy_policy, var.attach_amazon_managed_service_prometheus_policy, var.attach_velero_policy, var.attach_vpc_cni_policy, var.attach_node_termination_handler_policy, var.attach_cloudwatch_observability_policy])
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = var.allow_self_assume_role ? ["${var.role_path}${var.role_name != null ? var.role_name : "${var.role_name_prefix}*"}"] : []
    iterator = path

    content {
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:role${path.value}"]
      }
    }
  }

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
        test     = var.assume_role_condition_test
        variable = "${replace(from.value.provider_arn, "/^(.*provider/)/", "")}:sub"
        values   = [for account in from.value.namespace_service_accounts : "system:serviceaccount:${account}"]
      }

      condition {
        test     = var.assume_role_condition_test
        variable = "${replace(from.value.provider_arn, "/^(.*provider/)/", "")}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create_role ? 1 : 0

  name                 = var.role_name
  name_prefix          = var.role_name_prefix
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn == "" ? null : var.role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.create_role ? var.role_policy_arns : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_role_policy_attachment" "of_the_module" {
  count = var.create_role && local.has_more_policies ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = local.policy_built_by_the_module
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, "")
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, "")
}

output "iam_role_path" {
  value = try(aws_iam_role.this[0].path, "")
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, "")
}
