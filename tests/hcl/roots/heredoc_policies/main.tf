terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

locals {
  readers = ["222233334444", "333344445555"]
  who     = { "Readers" = "222233334444" }
}

resource "aws_ecr_registry_policy" "this" {
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        %{~for index, id in local.readers~}
        %{if index > 0},%{endif}
        {
          "Sid": "Reader${index}",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::${id}:root"},
          "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/base/*",
          "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${id}:role/*"}}
        }
        %{~endfor~}
      ]
    }
  POLICY
}

resource "aws_iam_policy" "pull" {
  name   = "pull"
  policy = <<EOT
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ecr:*",
      "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/$${aws:username}/*"
    },
    {
      "Effect": "Allow",
      "Action": ${jsonencode(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])},
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:ResourceTag/team": "\u00e9quipe \"one\""}}
    }
  ]
}
EOT
}

resource "aws_iam_role" "node" {
  name = "node"

  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
  EOT
}

resource "aws_iam_role_policy" "node" {
  name   = "own"
  role   = aws_iam_role.node.id
  policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"ecr:${join("\", \"ecr:", ["a"])}\", \"Resource\": \"*\"}]}"
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.pull.arn
}
