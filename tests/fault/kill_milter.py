"""Kills zaguan-milter (SIGKILL) at random points under load, again and again, and counts.

Senders behave like mail servers: what was not accepted is sent again, the same bytes. In the end every
mail was delivered or held exactly once: sent = delivered + held + still queued, no message twice.
usage: kill_milter.py [KILLS]
"""

import os
import random
import re
import signal
import smtplib
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "route"))

from lab import Lab, raw_send, wait_until  # noqa: E402
from mails import ANA, EVA, LIST, LUZ, STRANGER, held_mail, mail  # noqa: E402

SENDERS = 4
KINDS = ((held_mail, [ANA]), (mail, [LUZ]), (held_mail, [ANA, LUZ]), (mail, [ANA]),
         (held_mail, [ANA, EVA, LUZ]))


class Load:
    def __init__(self, lab):
        self.lab = lab
        self.is_over = False
        self.sent = {}  # id -> recipients, once a server said 250
        self.waiting = []  # (id, recipients, bytes): a sender's queue
        self.tries = 0
        self.lock = threading.Lock()
        self.count = 0

    def next(self):
        with self.lock:
            if self.waiting:
                return self.waiting.pop(0)
            if self.is_over:
                return None
            self.count += 1
            build, to = KINDS[self.count % len(KINDS)]
            name = f"id-{self.count:06d}"
            return name, to, build(to=", ".join(to), extra=f"X-Id: {name}\r\n".encode())

    def run(self):
        while True:
            job = self.next()
            if job is None:
                return
            name, to, content = job
            self.tries += 1
            try:
                s = self.lab.smtp(**STRANGER)
                refused = raw_send(s, "nn@extrano.example", to, content)
                s.quit()
                to_later = [r for r in to if r in refused]
                with self.lock:
                    self.sent.setdefault(name, []).extend(r for r in to if r not in refused)
                    if to_later:
                        self.waiting.append((name, to_later, content))
            except (smtplib.SMTPException, OSError, RuntimeError):
                with self.lock:
                    self.waiting.append(job)
                time.sleep(0.02)


def ids(mails):
    return [re.search(rb"^X-Id: (\S+)", m, re.M).group(1).decode() for m in mails if b"\nX-Id: " in m]


def twice(names):
    return sorted({n for n in names if names.count(n) > 1})


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)
    with Lab() as lab:
        lab.add_list("route.zl", LIST)
        lab.member(ANA)
        lab.member(EVA, **{"category.threat": "tag"})
        load = Load(lab)
        threads = [threading.Thread(target=load.run) for _ in range(SENDERS)]
        for t in threads:
            t.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.02, 0.4))
            lab.stop_process("milter", signal.SIGKILL)
            lab.start_milter()
        load.is_over = True
        for t in threads:
            t.join()
        lab.wait_for_queue()
        held = lab.held()
        delivered_ana = ids(lab.mails(ANA))
        for row in held:
            lab.zaguan("held", "release", str(row["id"]))
        wait_until(lambda: not lab.held() and not lab.queue_size(), 120, "the releases")
        wait_until(lambda: len(ids(lab.mails(ANA))) >= len(delivered_ana) + len(held), 60, "all mail")
        came = {address: ids(lab.mails(address)) for address in (ANA, EVA, LUZ)}
        lost, double = [], []
        for address, names in came.items():
            wanted = {n for n, to in load.sent.items() if address in to}
            lost += sorted(wanted - set(names))
            double += twice(names)
        print(f"kill milter: {kills} kills, seed {seed}: {len(load.sent)} mails in {load.tries} tries; "
              f"Ana {len(delivered_ana)} delivered + {len(held)} held, Eva {len(came[EVA])} tagged, "
              f"Luz {len(came[LUZ])} delivered; "
              f"lost {len(lost)}, twice {len(double)}")
        if lost or double:
            print("lost:", lost[:10], "twice:", double[:10])
        return 1 if lost or double or not held else 0


if __name__ == "__main__":
    sys.exit(main())
