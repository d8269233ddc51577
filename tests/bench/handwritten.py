"""Writes code such as people write it: 100 roots of ten files, about sixty lines each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ROOTS = 100

TERRAFORM = """\
# Settings of Terraform for the {team} team.
terraform {{
  required_version = ">= 1.11"

  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "~> 6.50"
    }}
  }}

  backend "s3" {{
    bucket       = "acme-{team}-state"
    key          = "ecr/{account}.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }}
}}

provider "aws" {{
  region              = var.region
  allowed_account_ids = ["{account}"]

  default_tags {{
    tags = local.tags
  }}
}}

provider "aws" {{
  alias               = "us"
  region              = "us-east-1"
  allowed_account_ids = ["{account}"]

  default_tags {{
    tags = merge(local.tags, {{ region = "us-east-1" }})
  }}
}}

locals {{
  tags = {{
    team        = "{team}"
    environment = var.environment
    managed-by  = "terraform"
    cost-centre = "{number:04d}"
  }}

  # Shared by everything below: the name of a thing is the team and what it is.
  name      = "${{var.environment}}-{team}"
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
}}

data "aws_partition" "current" {{}}

data "aws_caller_identity" "current" {{}}
"""

VARIABLES = """\
variable "region" {{
  description = "The region of the registry."
  type        = string
  default     = "eu-west-1"
}}

variable "environment" {{
  description = "The environment: dev, stage or prod."
  type        = string
  default     = "prod"

  validation {{
    condition     = contains(["dev", "stage", "prod"], var.environment)
    error_message = "The environment is dev, stage or prod."
  }}
}}

variable "upstreams" {{
  description = "What is cached, by prefix."
  type = map(object({{
    host       = string
    credential = optional(string)
    immutable  = optional(bool, false)
    keep       = optional(number, 30)
  }}))
  default = {{
    quay   = {{ host = "quay.io" }}
    k8s    = {{ host = "registry.k8s.io", keep = 90 }}
    public = {{ host = "public.ecr.aws" }}
    hub    = {{ host = "registry-1.docker.io", credential = "docker-hub" }}
    github = {{ host = "ghcr.io", credential = "github" }}
  }}
}}

variable "pullers" {{
  description = "Accounts whose nodes pull from the registry."
  type        = set(string)
  default     = ["222233334444", "333344445555", "444455556666"]
}}

variable "alarm_topics" {{
  description = "Where alarms of the {team} team go."
  type        = list(string)
  default     = []
  nullable    = false
}}

variable "retention_in_days" {{
  type    = number
  default = 30
}}

variable "is_replica" {{
  type    = bool
  default = false
}}
"""

CACHES = """\
# One rule for each upstream; the ones with a credential wait for its secret.
resource "aws_ecr_pull_through_cache_rule" "this" {{
  for_each = var.upstreams

  ecr_repository_prefix = "{team}/${{each.key}}"
  upstream_registry_url = each.value.host
  credential_arn        = each.value.credential == null ? null : aws_secretsmanager_secret.this[each.value.credential].arn
}}

resource "aws_ecr_pull_through_cache_rule" "us" {{
  for_each = {{ for prefix, upstream in var.upstreams : prefix => upstream if upstream.credential == null }}
  provider = aws.us

  ecr_repository_prefix = "{team}/${{each.key}}"
  upstream_registry_url = each.value.host
}}

resource "aws_ecr_repository_creation_template" "this" {{
  for_each = var.upstreams

  prefix               = "{team}/${{each.key}}"
  description          = "Repositories of the cache ${{each.key}}."
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = each.value.immutable ? "IMMUTABLE" : "MUTABLE"
  custom_role_arn      = aws_iam_role.templates.arn
  resource_tags        = local.tags

  encryption_configuration {{
    encryption_type = "AES256"
  }}

  lifecycle_policy = jsonencode({{
    rules = [
      {{
        rulePriority = 1
        description  = "Keep the newest ${{each.value.keep}} images."
        selection = {{
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = each.value.keep
        }}
        action = {{ type = "expire" }}
      }},
    ]
  }})
}}

# What was here before:
# resource "aws_ecr_pull_through_cache_rule" "old" {{
#   ecr_repository_prefix = "gcr"
#   upstream_registry_url = "gcr.io"
# }}

output "prefixes" {{
  value = sort([for rule in aws_ecr_pull_through_cache_rule.this : rule.ecr_repository_prefix])
}}
"""

SECRETS = """\
locals {{
  credentials = toset(compact([for upstream in values(var.upstreams) : upstream.credential]))
}}

resource "aws_secretsmanager_secret" "this" {{
  for_each = local.credentials

  name                    = "ecr-pullthroughcache/{team}-${{each.value}}"
  description             = "The token for ${{each.value}}."
  recovery_window_in_days = var.environment == "prod" ? 30 : 7
}}

resource "aws_secretsmanager_secret_version" "this" {{
  for_each = aws_secretsmanager_secret.this

  secret_id                = each.value.id
  secret_string_wo         = jsonencode({{ username = "{team}", accessToken = var.tokens[each.key] }})
  secret_string_wo_version = 1
}}

variable "tokens" {{
  type      = map(string)
  sensitive = true
  ephemeral = true
}}

data "aws_iam_policy_document" "secret" {{
  for_each = local.credentials

  statement {{
    sid       = "OnlyEcr"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {{
      type        = "AWS"
      identifiers = ["*"]
    }}

    condition {{
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }}
  }}
}}

resource "aws_secretsmanager_secret_policy" "this" {{
  for_each = local.credentials

  secret_arn = aws_secretsmanager_secret.this[each.key].arn
  policy     = data.aws_iam_policy_document.secret[each.key].json
}}

moved {{
  from = aws_secretsmanager_secret.docker_hub
  to   = aws_secretsmanager_secret.this["docker-hub"]
}}
"""

REGISTRY = """\
data "aws_iam_policy_document" "registry" {{
  dynamic "statement" {{
    for_each = sort(tolist(var.pullers))

    content {{
      sid    = "Pull${{statement.value}}"
      effect = "Allow"
      actions = [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchImportUpstreamImage",
      ]
      resources = [
        for prefix in keys(var.upstreams) :
        "arn:${{local.partition}}:ecr:${{var.region}}:${{local.account}}:repository/{team}/${{prefix}}/*"
      ]

      principals {{
        type        = "AWS"
        identifiers = ["arn:${{local.partition}}:iam::${{statement.value}}:root"]
      }}
    }}
  }}

  statement {{
    sid       = "Create"
    actions   = ["ecr:CreateRepository"]
    resources = ["arn:${{local.partition}}:ecr:${{var.region}}:${{local.account}}:repository/{team}/*"]

    principals {{
      type        = "AWS"
      identifiers = formatlist("arn:%s:iam::%s:root", local.partition, sort(tolist(var.pullers)))
    }}

    condition {{
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [for account in sort(tolist(var.pullers)) : "arn:${{local.partition}}:iam::${{account}}:role/node-*"]
    }}
  }}
}}

resource "aws_ecr_registry_policy" "this" {{
  count  = length(var.pullers) > 0 ? 1 : 0
  policy = data.aws_iam_policy_document.registry.json
}}

resource "aws_ecr_account_setting" "scope" {{
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}}
"""

ROLES = """\
data "aws_iam_policy_document" "templates_trust" {{
  statement {{
    actions = ["sts:AssumeRole"]

    principals {{
      type        = "Service"
      identifiers = ["ecr.amazonaws.com"]
    }}
  }}
}}

resource "aws_iam_role" "templates" {{
  name               = "${{local.name}}-templates"
  path               = "/ecr/"
  assume_role_policy = data.aws_iam_policy_document.templates_trust.json
}}

resource "aws_iam_role_policy" "templates" {{
  name = "create"
  role = aws_iam_role.templates.id

  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect   = "Allow"
        Action   = ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"]
        Resource = "*"
      }},
    ]
  }})
}}

resource "aws_iam_role" "node" {{
  name = "${{local.name}}-node"

  assume_role_policy = <<-JSON
    {{
      "Version": "2012-10-17",
      "Statement": [
        {{
          "Effect": "Allow",
          "Principal": {{ "Service": "ec2.${{data.aws_partition.current.dns_suffix}}" }},
          "Action": "sts:AssumeRole"
        }}
      ]
    }}
  JSON
}}

resource "aws_iam_role_policy_attachment" "node" {{
  for_each = toset([
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSWorkerNodePolicy",
    "AmazonSSMManagedInstanceCore",
  ])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${{local.partition}}:iam::aws:policy/${{each.value}}"
}}
"""

NETWORK = """\
# The {team} team's network.
locals {{
  zones = slice(data.aws_availability_zones.these.names, 0, 3)
  cidr  = "10.{octet}.0.0/16"
}}

data "aws_availability_zones" "these" {{
  state = "available"
}}

resource "aws_vpc" "this" {{
  cidr_block           = local.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = {{ Name = local.name }}
}}

resource "aws_subnet" "private" {{
  count = 3

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(local.cidr, 4, count.index)

  tags = {{
    Name                              = "${{local.name}}-private-${{count.index}}"
    "kubernetes.io/role/internal-elb" = "1"
  }}
}}

resource "aws_security_group" "endpoints" {{
  name        = "${{local.name}}-endpoints"
  description = "Access to the endpoints of AWS."
  vpc_id      = aws_vpc.this.id

  ingress {{
    description = "HTTPS from the network."
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.this.cidr_block]
  }}
}}

resource "aws_vpc_endpoint" "interface" {{
  for_each = toset(["ecr.api", "ecr.dkr", "sts", "logs", "secretsmanager"])

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${{var.region}}.${{each.value}}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints.id]

  tags = {{ Name = "${{local.name}}-${{replace(each.value, ".", "-")}}" }}
}}
"""

LOGS = """\
resource "aws_cloudwatch_log_group" "pulls" {{
  name              = "/{team}/ecr/pulls"
  retention_in_days = var.retention_in_days
}}

resource "aws_cloudwatch_event_rule" "pulls" {{
  name        = "${{local.name}}-pulls"
  description = "Pulls through the caches of the {team} team."

  event_pattern = jsonencode({{
    source      = ["aws.ecr"]
    detail-type = ["ECR Pull Through Cache Action"]
    detail = {{
      sync-status = ["SUCCESS", "FAILURE"]
    }}
  }})
}}

resource "aws_cloudwatch_event_target" "pulls" {{
  rule = aws_cloudwatch_event_rule.pulls.name
  arn  = aws_cloudwatch_log_group.pulls.arn
}}

resource "aws_cloudwatch_metric_alarm" "failures" {{
  count = length(var.alarm_topics) == 0 ? 0 : 1

  alarm_name          = "${{local.name}}-failed-pulls"
  alarm_description   = "A cache could not reach its upstream."
  namespace           = "Acme/{team}"
  metric_name         = "FailedPulls"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  alarm_actions       = var.alarm_topics

  dimensions = {{
    Registry = local.account
    Region   = var.region
  }}
}}

resource "aws_cloudwatch_log_metric_filter" "failures" {{
  name           = "${{local.name}}-failed-pulls"
  log_group_name = aws_cloudwatch_log_group.pulls.name
  pattern        = "{{ $.detail.sync-status = \\"FAILURE\\" }}"

  metric_transformation {{
    name      = "FailedPulls"
    namespace = "Acme/{team}"
    value     = "1"
  }}
}}

output "log_group" {{
  description = "Where the pulls are logged."
  value       = aws_cloudwatch_log_group.pulls.name
}}
"""

BUILD = """\
resource "aws_codebuild_project" "images" {{
  name          = "${{local.name}}-images"
  description   = "Builds the images of the {team} team."
  build_timeout = 30
  service_role  = aws_iam_role.build.arn

  artifacts {{
    type = "NO_ARTIFACTS"
  }}

  environment {{
    type            = "LINUX_CONTAINER"
    compute_type    = "BUILD_GENERAL1_MEDIUM"
    image           = "aws/codebuild/standard:7.0"
    privileged_mode = true

    dynamic "environment_variable" {{
      for_each = {{
        REGISTRY    = "${{local.account}}.dkr.ecr.${{var.region}}.amazonaws.com"
        PREFIXES    = join(",", keys(var.upstreams))
        ENVIRONMENT = upper(var.environment)
      }}

      content {{
        name  = environment_variable.key
        value = environment_variable.value
      }}
    }}
  }}

  source {{
    type      = "GITHUB"
    location  = "https://github.com/acme/{team}.git"
    buildspec = <<-YAML
      version: 0.2
      phases:
        build:
          commands:
            - docker build -t $REGISTRY/{team}/app:$CODEBUILD_RESOLVED_SOURCE_VERSION .
            - docker push $REGISTRY/{team}/app:$CODEBUILD_RESOLVED_SOURCE_VERSION
    YAML
  }}

  logs_config {{
    cloudwatch_logs {{
      group_name = aws_cloudwatch_log_group.pulls.name
    }}
  }}
}}

resource "aws_iam_role" "build" {{
  name               = "${{local.name}}-build"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "codebuild.amazonaws.com" }} }}] }})
}}

resource "aws_iam_role_policy_attachment" "build" {{
  role       = aws_iam_role.build.name
  policy_arn = "arn:${{local.partition}}:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
}}
"""

REPOSITORIES = """\
# Repositories of the team's own images, beside the caches.
locals {{
  repositories = {{
    app    = {{ scan = true, keep = 50 }}
    worker = {{ scan = true, keep = 20 }}
    tools  = {{ scan = false, keep = 5 }}
  }}
}}

resource "aws_ecr_repository" "this" {{
  for_each = local.repositories

  name                 = "own/{team}/${{each.key}}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.environment != "prod"

  image_scanning_configuration {{
    scan_on_push = each.value.scan
  }}

  encryption_configuration {{
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }}
}}

resource "aws_ecr_lifecycle_policy" "this" {{
  for_each   = local.repositories
  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({{
    rules = [{{
      rulePriority = 1
      selection    = {{ tagStatus = "any", countType = "imageCountMoreThan", countNumber = each.value.keep }}
      action       = {{ type = "expire" }}
    }}]
  }})
}}

resource "aws_kms_key" "images" {{
  description             = "Images of the {team} team."
  deletion_window_in_days = 30
  enable_key_rotation     = true
}}

resource "aws_ecr_repository_policy" "this" {{
  for_each   = local.repositories
  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [for account in sort(tolist(var.pullers)) : {{
      Sid       = "Pull${{account}}"
      Effect    = "Allow"
      Principal = {{ AWS = "arn:${{local.partition}}:iam::${{account}}:root" }}
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }}]
  }})
}}
"""

FILES = {
    "terraform.tf": TERRAFORM,
    "variables.tf": VARIABLES,
    "caches.tf": CACHES,
    "secrets.tf": SECRETS,
    "registry.tf": REGISTRY,
    "roles.tf": ROLES,
    "network.tf": NETWORK,
    "logs.tf": LOGS,
    "build.tf": BUILD,
    "repositories.tf": REPOSITORIES,
}


def write_roots(folder: Path, roots: int = ROOTS) -> list[Path]:
    """Write the roots below a folder; returns all files."""
    written: list[Path] = []
    for number in range(roots):
        words = {
            "team": f"team-{number}",
            "account": f"{100_000_000_000 + number}",
            "number": number,
            "octet": number % 256,
        }
        root = folder / f"team-{number:03d}"
        root.mkdir(parents=True)
        for name, text in FILES.items():
            (root / name).write_text(text.format(**words), encoding="utf-8")
            written.append(root / name)
    return written
