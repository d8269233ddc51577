"""What those who pull take over: the names of images, in the words of the programs they use."""
