variable "name" {
  type = string
}

resource "aws_secretsmanager_secret" "this" {
  count = var.name == "" ? 0 : 1
  name  = var.name
}

output "arn" {
  value = one(aws_secretsmanager_secret.this[*].arn)
}

output "joined" {
  value = join("", aws_secretsmanager_secret.this.*.arn)
}
