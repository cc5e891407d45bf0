"""Encounters: scans, the pairs that met, and the receipts of what each gave."""
