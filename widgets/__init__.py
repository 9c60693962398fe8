"""What does a resident see and send? The form that towns paste into their pages."""
