from ler_issuer.store import tables
def test_x(pg_rt):
    with pg_rt.db.begin() as db:
        print(db.add_new(tables.image, digest="a", media_type="x", body=b""))
        r = db.add_new(tables.image, digest="a", media_type="x", body=b"")
        print(r)
        from sqlalchemy.dialects import postgresql
        c = db.connection.execute(postgresql.insert(tables.image).values(digest="a", media_type="x", body=b"").on_conflict_do_nothing())
        print(c.rowcount)
    assert 0
