"""What stops a replay."""


class ReplayError(Exception):
    """Root of what a replay says to its user."""


class BadRecordingError(ReplayError):
    """The file is not what its format says."""


class NotReadyError(ReplayError):
    """The venue is not in a state in which a replay can start."""
