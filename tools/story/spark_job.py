"""A Spark job: land orders as a table, and sum them up by customer. Its argument is the folder of the tables."""

import sys

from pyspark.sql import SparkSession

lake = sys.argv[1]
spark = SparkSession.builder.appName("shop").getOrCreate()
spark.sql("CREATE DATABASE IF NOT EXISTS raw")
orders = spark.createDataFrame([(1, 7, 9.5), (2, 8, 1.5), (3, 7, 4.0)], "id int, customer int, amount double")
orders.write.mode("overwrite").option("path", f"{lake}/orders").saveAsTable("raw.orders")
spark.sql(
    f"CREATE TABLE raw.sales USING parquet LOCATION '{lake}/sales' AS "
    "SELECT customer, sum(amount) AS total FROM raw.orders GROUP BY customer"
)
spark.stop()
