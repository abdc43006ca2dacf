"""zaguan-policy under ThreadSanitizer while all that threads share is in use: people and relations, flood
valve, outgoing brake, correspondents, SPF, the admin's rules; rules are read anew and members change
their wishes meanwhile, connections come and go. Whatever it reports is a failure.

usage: race_policy.py [SECONDS]      ZAGUAN_BUILD: the folder of a build with SANITIZE=thread
"""

import os
import subprocess
import sys
import tempfile
import threading
import time

from race_lab import BUILD, REPORT, Asker, Watched, free_port, start_dns, wait

ANA, EVA, LUZ = (f"{name}@example.org" for name in ("ana", "eva", "luz"))
CONNECTIONS = 64
RULES = ("refuse sender @pest{0}.example\ndefer helo mx.d{0}.example\npass client 10.0.{0}.0/24\n"
         "refuse spf-fail proven.example\n")
ZONE = 'proven.example TXT "v=spf1 ip4:192.0.2.1 -all"\nd7.example TXT "v=spf1 include:proven.example ~all"\n'


class Race:
    def __init__(self, folder):
        self.folder, self.is_over, self.changes, self.asked = folder, False, 0, 0
        self.troubles = []
        self.settings, self.port = self.path("zaguan.conf"), free_port()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def zaguan(self, *words):
        subprocess.run([os.path.join(BUILD, "bin/zaguan"), "-c", self.settings, *words], check=True,
                       stdout=subprocess.DEVNULL)

    def prepare(self, dns_port):
        for name in ("db", "keys", "lists"):
            os.mkdir(self.path(name))
        with open(self.settings, "w", encoding="ascii") as f:
            f.write(f"hostname = mx.example.org\ndomain = example.org\nadmin_address = admin@example.org\n"
                    f"database = {self.path('db', 'zaguan.db')}\nkey_folder = {self.path('keys')}\n"
                    f"list_folder = {self.path('lists')}\npolicy_rules = {self.path('policy.rules')}\n"
                    f"policy_socket = inet:{self.port}@127.0.0.1\ndns_server = 127.0.0.1:{dns_port}\n"
                    "policy_received_spf = yes\noutgoing_limit = 50\nflood_limit = 40\n"
                    "flood_window_seconds = 60\n")
        self.write_rules(0)
        self.zaguan("key", "init")
        for member, flood in ((ANA, "offer"), (EVA, "shield"), (LUZ, "off")):
            self.zaguan("member", "add", member, "--consent", "benchmark")
            self.zaguan("member", "set", member, "flood", flood)
            self.zaguan("member", "contacts", "add", member, "s1@d1.example")

    def write_rules(self, number):
        with open(self.path("policy.rules.new"), "w", encoding="ascii") as f:
            f.write(RULES.format(number % 50))
        os.rename(self.path("policy.rules.new"), self.path("policy.rules"))

    def change(self, policy):
        while not self.is_over:
            self.changes += 1
            self.write_rules(self.changes)
            policy.reload()
            self.zaguan("member", "set", (ANA, EVA, LUZ)[self.changes % 3], "correspondents",
                        ("off", "on")[self.changes // 3 % 2])
            time.sleep(0.2)

    def play(self, policy, seconds):
        # The long ones stay open, the short ones come and go.
        plays = [("-n", "24", "-r", "20000", "-i", "each", "-t", f"{ANA},{EVA},{LUZ},nobody@example.org",
                  "-u", ",,ana,,eva,luz@example.org"),
                 ("-n", "16", "-r", "20000", "-d", "proven.example", "-t", f"{LUZ},{ANA}", "-s", "500"),
                 ("-n", "12", "-r", "20000", "-i", "each", "-t", ANA, "-k", "100000"),
                 ("-n", str(CONNECTIONS - 52), "-r", "60", "-t", f"{EVA},{LUZ}", "-s", "40")]
        askers = [Asker("policy_client", self.troubles) for _ in plays]
        threads = [threading.Thread(target=asker.ask, args=([(play, ("127.0.0.1", str(self.port)))],))
                   for asker, play in zip(askers, plays)]
        threads.append(threading.Thread(target=self.change, args=(policy,)))
        for thread in threads:
            thread.start()
        wait(seconds, self.troubles)
        for over in (self, *askers):
            over.is_over = True
        for thread in threads:
            thread.join()
        self.asked = int(sum(asker.sums.get("requests", 0) for asker in askers))


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(prefix="zaguan-race-") as folder:
        with open(os.path.join(folder, "zone"), "w", encoding="ascii") as f:
            f.write(ZONE)
        dns, dns_port = start_dns(os.path.join(folder, "zone"))
        race = Race(folder)
        try:
            race.prepare(dns_port)
            with Watched("zaguan-policy", race.settings, race.port, race.path("log")) as policy:
                race.play(policy, seconds)
        finally:
            dns.terminate()
            dns.wait()
        reports = policy.log().count(REPORT)
        print(f"race policy: {race.asked} questions on {CONNECTIONS} connections in {seconds} s, "
              f"{race.changes} reloads; {reports} races, exit {policy.code}")
        if reports or policy.code:
            policy.print_reports()
        for trouble in race.troubles:
            print(trouble)
        return 1 if reports or policy.code or race.troubles or not race.asked else 0


if __name__ == "__main__":
    sys.exit(main())
