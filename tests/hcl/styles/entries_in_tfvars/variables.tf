variable "region" {
  type    = string
  default = "us-east-1"
}

variable "account_id" {
  type = string
}

variable "caches" {
  type = map(object({
    host   = string
    prefix = optional(string)
    secret = optional(string)
    keep   = optional(number, 50)
  }))
}
