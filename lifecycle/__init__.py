"""What may happen to a request, and by when? Status, journal and deadlines as pure values."""
