"""What is missing: the minimal sets of new holdings that would meet a rule, and what each of them has to be like."""
