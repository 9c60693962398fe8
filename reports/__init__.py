"""What does the council see? Figures, charts, one document per period, sent once and kept."""
