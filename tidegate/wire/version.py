"""The version of this software, in one place: the build reads it here."""

VERSION = "0.2.0"
