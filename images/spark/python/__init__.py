"""What the lab adds to PySpark."""
