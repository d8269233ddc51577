"""The names of images for consumers, in the words of the programs that they use."""
