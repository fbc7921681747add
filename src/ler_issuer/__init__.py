"""Issue, stack, verify and hand over learning credentials (Open Badges 3.0, CLR 2.0)."""

from importlib.metadata import version

__version__ = version("ler-issuer")
