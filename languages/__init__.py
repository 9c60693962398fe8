"""In which words does the product speak each language? The catalogues in ``translations/``."""
