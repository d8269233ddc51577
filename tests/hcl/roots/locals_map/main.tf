terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = local.region
  allowed_account_ids = [local.account_id]
}

locals {
  region     = "eu-west-1"
  account_id = "111122223333"
  regions    = toset(["eu-west-1", "us-east-1"])

  upstreams = {
    quay   = { host = "quay.io" }
    k8s    = { host = "registry.k8s.io", prefix = "kubernetes" }
    public = { host = "public.ecr.aws", templates = true }
  }

  caches = merge([
    for region in local.regions : {
      for name, upstream in local.upstreams : "${region}/${name}" => {
        region = region
        prefix = lookup(upstream, "prefix", name)
        host   = upstream.host
        from   = try(upstream.from, null)
      }
    }
  ]...)
  templated = { for key, cache in local.caches : key => cache if try(local.upstreams[split("/", key)[1]].templates, false) }
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = local.caches

  region                     = each.value.region
  ecr_repository_prefix      = each.value.prefix
  upstream_registry_url      = each.value.host
  upstream_repository_prefix = each.value.from
}

resource "aws_ecr_repository_creation_template" "this" {
  for_each = local.templated

  region               = each.value.region
  prefix               = aws_ecr_pull_through_cache_rule.this[each.key].ecr_repository_prefix
  description          = format("Images of %s, cached in %s", upper(each.value.prefix), each.value.region)
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"

  resource_tags = {
    cache = each.key
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_account_setting" "scope" {
  for_each = local.regions

  region = each.value
  name   = "REGISTRY_POLICY_SCOPE"
  value  = "V2"
}

resource "aws_ecr_registry_policy" "this" {
  for_each = { for region in local.regions : region => [for key, cache in local.caches : cache.prefix if cache.region == region] }

  region = each.key
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for index, prefix in sort(each.value) : {
      Sid       = replace(title("cache ${index} ${prefix}"), " ", "")
      Effect    = "Allow"
      Principal = { AWS = [for id in ["222233334444", "333344445555"] : "arn:aws:iam::${id}:root"] }
      Action    = ["ecr:BatchImportUpstreamImage"]
      Resource  = "arn:aws:ecr:${each.key}:${local.account_id}:repository/${prefix}/*"
    }]
  })

  depends_on = [aws_ecr_account_setting.scope]
}
