"""One file a service: how it is asked, and what its answer means."""
