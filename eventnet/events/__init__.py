"""Events: dates, zone, venue, swap window, programme, and who answers for the data."""
