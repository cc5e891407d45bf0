"""Badges: a token as a QR code, a code to type, and the paper and screen that show them."""
