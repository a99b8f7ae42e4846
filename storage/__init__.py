"""What we remember: PostgreSQL (rows, queries, migrations), the charge lake (Parquet), artifacts (objects)."""
