"""What every pattern is made of: the vocabulary of a fraudster."""
