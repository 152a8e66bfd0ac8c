"""ZooKeeper, by its four-letter word `mntr`."""

import time

from home.reading import Down, Reading, ask


async def look(address):
    answer = (await ask(address, b"mntr")).decode(errors="replace")
    figures = dict(line.split("\t", 1) for line in answer.splitlines() if "\t" in line)
    if "zk_server_state" not in figures:
        raise Down(f"it serves no requests: {answer.strip()[:120] or 'an empty answer'}")
    uptime = figures.get("zk_uptime")
    return Reading(
        {"connections": _number(figures, "zk_num_alive_connections"), "nodes": _number(figures, "zk_znode_count")},
        up_since=time.time() - float(uptime) / 1000 if uptime else None,
    )


def _number(figures, name):
    return int(float(figures[name])) if name in figures else None
