"""Recorded markets, driven through the running venue's public interface."""
