"""What a type checker sees of the client from outside."""

from importlib import resources


def test_the_types_are_shipped() -> None:
    """Without the marker of PEP 561 a checker takes everything of the client for Any."""
    assert resources.files("tidegate_client").joinpath("py.typed").is_file()
