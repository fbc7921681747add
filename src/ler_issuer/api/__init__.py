"""The HTTP door: it reads a request, finds out who asks, calls one use case, and words the answer."""
