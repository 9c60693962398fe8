"""How does a page become a document on paper?"""
