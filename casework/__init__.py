"""What is done to a request? The verbs: every change happens here, and only here."""
