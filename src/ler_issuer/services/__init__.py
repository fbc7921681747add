"""What the service does, one file per kind of work.

A *use case* takes the `Runtime` first and opens the one transaction; a *step* takes an open `Db` first and never does.
Doors call use cases; a use case may call the steps of other files, never another use case.
"""
