"""Every e-mail as a row with a state, handed to SMTP at most once."""
