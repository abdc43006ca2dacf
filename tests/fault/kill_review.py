"""Kills zaguan-review at random points while it releases, again and again, and counts.

No mail that was asked for may be missing in the end. A kill between the listener's 250 and our commit
sends that one mail twice (docs/decisions/0020); the count of those is printed, and there can be no more
of them than kills. A SIGTERM ends between two mails: it may not double any.
usage: kill_review.py [KILLS]
"""

import os
import random
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "route"))

from lab import Lab, raw_send, wait_until  # noqa: E402
from mails import ANA, LIST, STRANGER, held_mail  # noqa: E402

BATCH = 6  # mails released between two kills: enough that most kills hit work
PATIENCE = 600  # a try that was cut off waits 30 s, then longer


def hold_mails(lab, count):
    s = lab.smtp(**STRANGER)
    for i in range(count):
        raw_send(s, "nn@extrano.example", [ANA], held_mail(extra=f"X-Id: id-{i:06d}\r\n".encode()))
    s.quit()
    lab.wait_for_queue()
    held = [str(row["id"]) for row in lab.held(ANA)]
    if len(held) != count:
        raise SystemExit(f"kill review: {len(held)} of {count} mails were held")
    return held


def names(lab):
    found = [re.search(rb"^X-Id: (\S+)", m, re.M) for m in lab.mails(ANA)]
    return [f.group(1).decode() for f in found if f]


def kill_many(lab, held, kills, chance, sig):
    for _ in range(kills):
        batch, held[:BATCH] = held[:BATCH], []
        lab.zaguan("held", "release", *batch)
        time.sleep(chance.uniform(0.0, 0.15))
        lab.stop_process("review", sig)
        lab.start_review()
        time.sleep(chance.uniform(0.05, 0.7))


def rest(lab, count):
    wait_until(lambda: len(set(names(lab))) >= count, PATIENCE, f"{count} released mails")
    lab.wait_for_queue()
    came = names(lab)
    return len(came) - len(set(came))


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)
    with Lab() as lab:
        lab.add_list("route.zl", LIST)
        lab.member(ANA)
        count = kills * BATCH
        held = hold_mails(lab, 2 * count)
        kill_many(lab, held, kills, chance, signal.SIGTERM)
        after_terms = rest(lab, count)
        kill_many(lab, held, kills, chance, signal.SIGKILL)
        twice = rest(lab, 2 * count) - after_terms
        left = lab.held(ANA)
        print(f"kill review: {kills} SIGTERM and {kills} SIGKILL, seed {seed}: {2 * count} releases, lost 0, "
              f"twice {after_terms} and {twice}, still held {len(left)}")
        return 1 if after_terms or twice > kills or left else 0


if __name__ == "__main__":
    sys.exit(main())
