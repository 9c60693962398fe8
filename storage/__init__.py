"""Where is it kept? The only package that speaks SQL: one writer, one commit."""
