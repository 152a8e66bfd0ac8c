-- The purchases that filtered_writes.py writes, as a Hive table. Type it in `hive`, or let the lab's hook apply it.
--
-- A Hive column can't be called User-Agent as the parquet field is: so the columns take their values by their place
-- in the file, not by name (parquet.column.index.access). `timestamp` is a reserved word, hence its quotes.
create external table if not exists default.purchases2 (
  Accept string,
  Host string,
  User_Agent string,
  event_type string,
  `timestamp` string
)
stored as parquet
location '/tmp/purchases'
tblproperties ('parquet.column.index.access' = 'true');
