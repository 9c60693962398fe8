"""Which colors can everybody read?"""
