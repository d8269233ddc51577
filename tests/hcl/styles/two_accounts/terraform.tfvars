accounts = {
  hub   = "111122223333"
  spoke = "222233334444"
}
