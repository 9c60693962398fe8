"""What does the responsible employee see and do? Signed pages: GET shows, POST acts."""
