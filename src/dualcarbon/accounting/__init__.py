"""Accounts: activity times parameter, in whole grams; energy balances and their CO2."""
