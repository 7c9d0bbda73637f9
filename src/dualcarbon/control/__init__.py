"""The control room: where each commitment stands on a date, why, and what it still needs."""
