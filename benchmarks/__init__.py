"""How fast, how small and how calm is Townline? Measured, never guessed: ``script/bench``."""
