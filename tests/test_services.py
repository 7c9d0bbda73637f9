"""The servers the tests bring along start, also as root."""

import psycopg


def test_postgresql_starts_and_keeps_unicode(pg_url):
    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE duty (name text)")
        connection.execute("INSERT INTO duty VALUES ('碳达峰')")
        assert connection.execute("SELECT name FROM duty").fetchone() == ("碳达峰",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_spark_computes(spark):
    frame = spark.createDataFrame([("coal", 2), ("coal", 3), ("gas", 5)], ["carrier", "quantity"])
    rows = frame.groupBy("carrier").sum("quantity").orderBy("carrier").collect()
    assert [tuple(row) for row in rows] == [("coal", 5), ("gas", 5)]
