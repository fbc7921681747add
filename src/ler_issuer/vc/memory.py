"""What was worked out lately and may be asked for again, within bounds, and not to be washed out at one stroke."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from typing_extensions import override

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Memory(dict[Key, Made | None]):
    """A dictionary of two generations: `memory[key]` gives what is remembered, or None.

    When the young generation is full it becomes the old one, and from there only what is asked for again is taken over.
    So whatever comes once in as many new things as a generation holds is kept, however many strangers pass through.

    Needs no lock: every step is one operation on a dictionary. Of two threads that work out the same, either may stay;
    what one of them remembers while another makes room may be forgotten, and is worked out again. As a dictionary, this
    is the young generation alone.
    """

    __slots__ = ("_old", "most")

    def __init__(self, most: int) -> None:
        """Begin with nothing, to remember so much in each generation."""
        super().__init__()
        self.most = most
        self._old: dict[Key, Made | None] = {}

    def __missing__(self, key: Key) -> Made | None:
        """Look among the old ones; who is asked for is young again."""
        made = self._old.get(key)
        return None if made is None else self.keep(key, made)

    def keep(self, key: Key, made: Made) -> Made:
        """Remember something, and give it; or what somebody else remembered meanwhile."""
        self._make_room()
        kept = self.setdefault(key, made)
        return made if kept is None else kept

    def replace(self, key: Key, made: Made) -> None:
        """Remember something in the place of what was remembered before."""
        self._make_room()
        self[key] = made

    def everything(self) -> dict[Key, Made | None]:
        """Give all that is remembered, of both generations."""
        return {**self._old, **self}

    @override
    def clear(self) -> None:
        """Forget everything."""
        self._old = {}
        super().clear()

    def _make_room(self) -> None:
        if len(self) >= self.most:
            aged = dict(self)
            if len(aged) >= self.most:  # else another thread has just done it
                self._old = aged
                super().clear()
