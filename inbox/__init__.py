"""What has arrived in the mailbox, and what does it say? Raw bytes become plain values, nothing acts."""
