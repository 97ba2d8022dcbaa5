"""What is no mistake, though it gives other numbers."""


class Variant(str):
    """Words for a formula that does what it should, and is not the assignment's."""

    __slots__ = ()
