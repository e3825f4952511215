"""Drivers of other books."""
