region  = "eu-west-1"
actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
