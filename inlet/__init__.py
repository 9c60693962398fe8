"""How does another program hand in a raw mail? One signed address."""
