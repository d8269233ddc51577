"""A stand-in for the AWS provider of Terraform, for tests: real schema, behaviour from a local AWS.

`README.md` beside this file says what it is and what it is not.
"""
