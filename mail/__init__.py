"""What does a letter say, who may it be from, and how does it leave? No views, no SQL."""
