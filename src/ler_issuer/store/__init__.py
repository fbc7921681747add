"""Everything that is kept: plain functions over one open transaction, a module per noun.

Functions take a `Db`, give back frozen records, and never begin, commit or roll back. Names that end in `_of` or take
an `issuer_id` are bound to that issuer: nothing of another issuer comes back.
"""
