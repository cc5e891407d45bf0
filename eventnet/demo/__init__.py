"""The demo: one made-up evening, played through the real program, and an inbox to read its mails."""
