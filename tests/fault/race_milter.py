"""zaguan-milter under ThreadSanitizer while all that its threads share is in use: lists, members and
their names, likeness, lanes, the ring, resolver, hold, counters. Lists change with a SIGHUP each
second, members come, go and change their wishes, a partner's list comes in and asks the ring,
connections come and go. Whatever it reports is a failure, and so is a part that nothing used.

usage: race_milter.py [SECONDS]      ZAGUAN_BUILD: the folder of a build with SANITIZE=thread
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from race_lab import BUILD, REPORT, SOURCE, Asker, Watched, free_port, start_dns, wait

sys.path.insert(0, os.path.join(SOURCE, "tests", "route"))

import make_mails  # noqa: E402
import race_mails  # noqa: E402
from partner_lab import BENIGN, PARTNER, Publisher  # noqa: E402

ANA, EVA, LUZ, IRIS = (f"{name}@example.org" for name in ("ana", "eva", "luz", "iris"))
FOLDERS = ("db", "keys", "lists", "mails", "partners", "inbox", "benign")
TEXT_LIKENESS, SKETCH_BYTES = 6, 512
# What must have been in use in the end: a name, and what counts it in the database.
USED = (("held", "item"), ("names learnt", "member_name"), ("lane sources", "lane_source"),
        ("entries counted", "entry_count"))


class Race:
    def __init__(self, folder):
        self.folder, self.is_over, self.changes, self.loads = folder, False, 0, 0
        self.troubles = []
        self.settings, self.port = self.path("zaguan.conf"), free_port()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def zaguan(self, *words, check=True):
        done = subprocess.run([os.path.join(BUILD, "bin/zaguan"), "-c", self.settings, *words],
                              capture_output=True, text=True)
        if check and done.returncode != 0:
            self.troubles.append(f"zaguan {' '.join(words)}: {done.stderr}")
        return done.stdout

    def prepare(self):
        for name in FOLDERS:
            os.mkdir(self.path(name))
        self.signed, self.zone, _ = make_mails.make(self.path("mails"), 40)
        self.strange = self.write_strange()
        self.own = race_mails.write(self.path("mails"), "own", race_mails.own())
        with open(self.path("benign", "a.csv"), "w", encoding="utf-8") as f:
            f.write(BENIGN)

    def begin(self, dns_port):
        with open(self.settings, "w", encoding="ascii") as f:
            f.write(f"hostname = mx.example.org\ndomain = example.org\nadmin_address = admin@example.org\n"
                    f"database = {self.path('db', 'zaguan.db')}\nkey_folder = {self.path('keys')}\n"
                    f"milter_socket = inet:{self.port}@127.0.0.1\ndns_server = 127.0.0.1:{dns_port}\n" +
                    "".join(f"{name}_folder = {self.path(part)}\n"
                            for name, part in (("list", "lists"), ("partner", "partners"),
                                               ("inbox", "inbox"), ("benign", "benign"))))
        self.write_list()
        self.zaguan("key", "init")
        for member, hate in ((ANA, "hold"), (EVA, "tag"), (LUZ, "off")):
            self.zaguan("member", "add", member, "--consent", "benchmark")
            self.zaguan("member", "set", member, "category.hate", hate)
            self.zaguan("member", "set", member, "category.mail-bomb", "hold")
            self.zaguan("member", "contacts", "add", member, "eva1@amiga.example")
        self.begin_partner()

    def begin_partner(self):
        self.publisher = Publisher(self.folder, os.path.join(BUILD, "bin/zaguan"))
        self.zaguan("partner", "add", PARTNER, "--key", self.publisher.key, "--url",
                    "file://" + self.publisher.web, "--yes")
        for name, value in (("shadow-hours", "0"), ("shadow-messages", "0"), ("ceiling", "hold"),
                            ("hold-quorum", "1"), ("max-hits-per-10000", "10000")):
            self.zaguan("partner", "set", PARTNER, name, value)

    # --- what changes meanwhile -----------------------------------------------------------------

    def write_list(self):
        path = self.path("lists", "race.zl")
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(race_mails.LIST.format(seq=self.loads + 1))
        os.rename(path + ".new", path)

    def write_strange(self):
        return race_mails.write(self.path("mails"), "strange", race_mails.strangers(self.loads))

    def change_members(self):
        number = self.changes
        self.zaguan("member", "set", (ANA, EVA, LUZ)[number % 3], "resembling",
                    ("hold", "tag")[number // 3 % 2])
        self.zaguan("member", "contacts", "add", (ANA, EVA, LUZ)[number % 3], f"nn@d{number % 9}.example")
        if number % 4 == 1:
            self.zaguan("member", "add", IRIS, "--consent", "benchmark")
        if number % 4 == 3:
            self.zaguan("member", "off", IRIS)

    def learn_likeness(self):
        """As if Ana had blocked somebody: what was learnt is random, so it is asked and never met."""
        base = sqlite3.connect(self.path("db", "zaguan.db"), timeout=30)
        with base:
            base.execute("INSERT INTO likeness SELECT id, ?, ?, ?, strftime('%s', 'now') FROM member "
                         "LIMIT 2", (TEXT_LIKENESS, os.urandom(SKETCH_BYTES), os.urandom(32)))
        base.close()

    def ask_ring(self):
        """A new number of the partner's list with a sender: its update asks what it would have met."""
        number = self.changes // 5
        self.publisher.run("list", "add", self.publisher.list, "domain", f"d{number}.example", "--cat",
                           "mail-bomb", "--id", f"aaaa{number:04x}")
        self.publisher.publish()
        self.zaguan("list", "import", "--partner", PARTNER, self.publisher.web, check=False)

    def change_lists(self, milter):
        while not self.is_over:
            self.loads += 1
            self.write_list()
            self.write_strange()
            milter.reload()
            time.sleep(1)

    def change_others(self, _):
        while not self.is_over:
            try:
                self.changes += 1
                self.change_members()
                self.learn_likeness()
                if self.changes % 5 == 1:
                    self.ask_ring()
            except (AssertionError, OSError, sqlite3.Error) as trouble:
                self.troubles.append(str(trouble))

    # --- the load -------------------------------------------------------------------------------

    def plays(self):
        """For each of two clients: options, and behind the socket the mails."""
        to_all = [word for who in (ANA, EVA, LUZ, "nadie@example.org") for word in ("-t", f"<{who}>")]
        bounce = ["-f", "<bounce@sender.example>"]
        socket = f"inet:{self.port}@127.0.0.1"
        return ([(["-n", "24", "-r", "3", *bounce, *to_all], [socket, *self.strange]),
                 (["-n", "8", "-r", "2", *bounce, "-t", f"<{ANA}>"], [socket, *self.signed])],
                [(["-n", "4", "-r", "2", "-f", f"<{ANA}>", "-a", "ana", "-t", "<x@d1.example>", "-t",
                   f"<{EVA}>"], [socket, *self.own]),
                 (["-n", "16", "-s", "0", *bounce, "-t", f"<{EVA}>", "-t", f"<{IRIS}>"],
                  [socket, *self.strange[:16]]),
                 (["-n", "40", *bounce, "-t", "<nadie@example.org>"], [socket, *self.signed])])

    def play(self, milter, seconds):
        self.askers = [Asker("milter_client", self.troubles) for _ in range(2)]
        threads = [threading.Thread(target=asker.ask, args=(plays,))
                   for asker, plays in zip(self.askers, self.plays())]
        threads += [threading.Thread(target=work, args=(milter,))
                    for work in (self.change_lists, self.change_others)]
        for thread in threads:
            thread.start()
        wait(seconds, self.troubles)
        for over in (self, *self.askers):
            over.is_over = True
        for thread in threads:
            thread.join()

    def sum(self, name):
        return int(sum(asker.sums.get(name, 0) for asker in self.askers))

    def used(self, log):
        base = sqlite3.connect(self.path("db", "zaguan.db"), timeout=30)
        counts = {name: base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                  for name, table in USED}
        base.close()
        counts["lists loaded"] = log.count("lists-loaded")
        counts["asked the ring"] = self.zaguan("list", "diff", f"{PARTNER}/kefir").count("Ring")
        return counts


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(prefix="zaguan-race-") as folder:
        race = Race(folder)
        race.prepare()
        dns, dns_port = start_dns(race.zone)
        try:
            race.begin(dns_port)
            with Watched("zaguan-milter", race.settings, race.port, race.path("log")) as milter:
                race.play(milter, seconds)
        finally:
            dns.terminate()
            dns.wait()
        log = milter.log()
        races, again, used = log.count(REPORT), race.sum("again"), race.used(log)
        print(f"race milter: {race.sum('messages')} mails in {seconds} s, {again} put off, "
              f"{race.loads} reloads, {race.changes} rounds of changes; " + ", ".join(f"{count} {name}" for name, count in used.items()) +
              f"; {races} races, exit {milter.code}")
        if races or milter.code or again:
            milter.print_reports()
        for trouble in race.troubles:
            print(trouble)
        is_unused = not all(used.values())
        return 1 if races or milter.code or race.troubles or again or is_unused else 0


if __name__ == "__main__":
    sys.exit(main())
