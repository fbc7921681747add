"""Stacking rules: what micro-credentials add up to, why, and what is left. Pure: no files, no clock, no network."""
