"""Who changed, exported or mailed what, as sentences that are only ever added."""
