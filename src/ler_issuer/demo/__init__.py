"""The demonstration: the main job, from a file of results to a revoked credential, at a university that is none."""

from ler_issuer.demo.story import tell

__all__ = ["tell"]
