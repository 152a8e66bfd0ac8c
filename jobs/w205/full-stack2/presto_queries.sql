-- Queries for Presto, after write_hive_table.py has run. Type them in
--   docker-compose exec presto presto --server presto:8080 --catalog hive --schema default
-- or run them all: the same with  --file /w205/full-stack2/presto_queries.sql
show tables;

describe purchases;

select * from purchases;

-- how many swords each host bought
select host, count(*) as swords from purchases group by host order by swords desc;

-- how many each kind of client bought; a column's name with a - needs quotes
select "user-agent", count(*) as swords from purchases group by "user-agent" order by swords desc;

-- the first and the last purchase
select min(timestamp) as first, max(timestamp) as last from purchases;
