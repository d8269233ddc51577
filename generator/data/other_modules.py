"""Public modules that make no cache, template, registry policy or secret: looked up on 2026-11-29.

What such a module makes beside its own things are roles, policies for them, keys and repositories, so a
call of it leaves open what a role may do, and nothing else.
"""

_TERRAFORM_AWS_MODULES = [
    "acm",
    "alb",
    "apigateway-v2",
    "app-runner",
    "appconfig",
    "appsync",
    "atlantis",
    "autoscaling",
    "batch",
    "cloudfront",
    "cloudwatch",
    "customer-gateway",
    "datadog-forwarders",
    "dms",
    "dynamodb-table",
    "ec2-instance",
    "ecs",
    "efs",
    "eks",
    "eks-pod-identity",
    "elasticache",
    "elb",
    "emr",
    "eventbridge",
    "fsx",
    "global-accelerator",
    "iam",
    "key-pair",
    "lambda",
    "managed-service-grafana",
    "managed-service-prometheus",
    "memory-db",
    "msk-kafka-cluster",
    "network-firewall",
    "notify-slack",
    "opensearch",
    "rds",
    "rds-aurora",
    "rds-proxy",
    "redshift",
    "route53",
    "s3-bucket",
    "security-group",
    "sns",
    "sqs",
    "ssm-parameter",
    "step-functions",
    "transit-gateway",
    "vpc",
    "vpn-gateway",
]
_CLOUDPOSSE = [
    "acm-request-certificate",
    "alb",
    "cloudwatch-logs",
    "dynamic-subnets",
    "dynamodb",
    "ec2-bastion-server",
    "eks-cluster",
    "eks-node-group",
    "elasticache-redis",
    "iam-role",
    "kms-key",
    "msk-apache-kafka-cluster",
    "rds",
    "rds-cluster",
    "route53-cluster-hostname",
    "s3-bucket",
    "s3-log-storage",
    "security-group",
    "sns-topic",
    "ssm-parameter-store",
    "tfstate-backend",
    "vpc",
]

OTHER_MODULES = frozenset(
    {
        "aws-ia/eks-blueprints-addon/aws",
        "aws-ia/eks-blueprints-addons/aws",
        "aws-ia/vpc/aws",
        "cloudposse/label/null",
        "cloudposse/utils/aws",
        "schubergphilis/mcaf-role/aws",
        "tedilabs/account/aws",
        "tedilabs/misc/aws",
        *(f"terraform-aws-modules/{name}/aws" for name in _TERRAFORM_AWS_MODULES),
        *(f"cloudposse/{name}/aws" for name in _CLOUDPOSSE),
    }
)
"""Their entries in the registry."""

OTHER_CLOUDS = frozenset(
    {"alicloud", "azuread", "azurerm", "digitalocean", "google", "google-beta", "hcloud", "oci"}
)
"""The last words of registry entries whose modules make things in other clouds.

`OWNER/NAME/PROVIDER`: the registry wants the provider there that makes what the module is about.
"""
