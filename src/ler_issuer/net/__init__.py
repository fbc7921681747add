"""What touches the outside: guarded fetching, custody of keys, lists of known issuers."""
