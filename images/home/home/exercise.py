"""How far the exercise has come, by what the services show, and what to type next.

Some steps leave a trace (events on the topic, a folder, a table, a query), others only fill a screen. What to type next
is the first step without its trace, and before it those that leave none.
"""


def steps(commands, services):
    """Every step with its command and state: "done", "seen" (a later one is done), "next" or "later"."""
    traces = _traces(services)
    names = list(commands)
    numbers = [name.split(" ", 1)[0] for name in names]
    last_done = max((place for place, number in enumerate(numbers) if traces.get(number)), default=-1)
    waiting = next(
        (place for place, number in enumerate(numbers) if place > last_done and number in traces), len(names)
    )
    result = []
    for place, (name, number) in enumerate(zip(names, numbers, strict=True)):
        if traces.get(number):
            state = "done"
        elif place <= last_done:
            state = "seen"
        else:
            state = "next" if place <= waiting else "later"
        result.append({"number": number, "title": name.split(" ", 1)[1], "command": commands[name], "state": state})
    return result


def _traces(services):
    """For each step that leaves a trace, whether it is there."""

    def figures(name):
        return services[name].figures if name in services else {}

    folders = {folder["path"] for folder in figures("hdfs").get("folders", [])}
    tables = {table["name"] for table in figures("metastore").get("tables", [])}
    queries = figures("presto").get("queries", [])
    return {
        "01": bool(figures("mids").get("gameApi")),
        "03": bool(figures("kafka").get("events")),
        "04": "/tmp/purchases" in folders,
        "07": "purchase_events" in tables,
        "08": "purchases" in tables,
        "09": bool(queries),
        "12": "/tmp/sword_purchases" in folders,
    }
