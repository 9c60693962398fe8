"""What stands on a page of the town's website, and would the form work there?"""
