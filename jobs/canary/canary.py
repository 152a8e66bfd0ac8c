"""What the canary's scripts share: its mark, the names of its topic, folder and table, the lab's own code.

Each script is called as SCRIPT LAB ID, ends with one line, and fails when the mark is not found exactly once.
The names are the canary's own: no student's data are touched, and cleaning up can take all that match.
"""

import re
import sys
from pathlib import Path

JOBS = Path(__file__).resolve().parent.parent
GAME_API = JOBS / "w205/full-stack/game_api.py"
sys.path[:0] = [str(JOBS / "hooks"), str(JOBS / "w205/full-stack2")]

from lab import fail  # noqa: E402

ID = "[a-z0-9]{6,32}"
TOPICS = re.compile(f"lab-canary-{ID}")
FOLDERS = re.compile(f"lab-canary-{ID}")
TABLES = re.compile(f"lab_canary_{ID}")
FOLDER_OF_FOLDERS = "/tmp"


class Canary:
    def __init__(self, lab, canary_id):
        if not re.fullmatch(ID, canary_id):
            fail(f"canary id {canary_id!r}: expected 6 to 32 of a-z and 0-9")
        self.topic = f"lab-canary-{canary_id}"
        self.folder = f"{FOLDER_OF_FOLDERS}/lab-canary-{canary_id}"
        self.table = f"lab_canary_{canary_id}"
        self.headers = {"Accept": "*/*", "Host": f"{lab}.canary", "User-Agent": f"canary/{canary_id}"}
        self.event = {**self.headers, "event_type": "purchase_sword"}

    def check(self, where, rows):
        """Rows of Accept, Host, User-Agent, event_type, timestamp: there has to be one, the canary's."""
        expected = list(self.event.values())
        if len(rows) != 1 or list(rows[0][:4]) != expected or not str(rows[0][4] or "").startswith("20"):
            fail(f"{where}: expected one row {expected} with a timestamp, found {len(rows)}: {rows[:3]}")


def from_arguments():
    try:
        script, lab, canary_id = sys.argv
    except ValueError:
        fail(f"usage: {Path(sys.argv[0]).name} LAB ID")
    return Canary(lab, canary_id)
