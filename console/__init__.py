"""What does the operator do at the command line?"""
