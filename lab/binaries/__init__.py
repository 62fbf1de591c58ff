"""Finds, fetches or builds the real parts of the lab, once per user."""
