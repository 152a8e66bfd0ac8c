"""One process, for memory; threads, since a query waits for Presto or Hive."""

bind = "0.0.0.0:8088"
worker_class = "gthread"
threads = 8
timeout = 300
# Seconds, longer than clients keep an idle connection: after gunicorn's own two, one was closed as it was used again.
keepalive = 75
worker_tmp_dir = "/dev/shm"
loglevel = "warning"
