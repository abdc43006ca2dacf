"""zaguan-policy under ThreadSanitizer while all that threads share is in use: people and relations, flood
valve, outgoing brake, correspondents, SPF, the admin's rules; rules are read anew and members change
their wishes meanwhile, connections come and go. Whatever it reports is a failure.

usage: race_policy.py [SECONDS]      ZAGUAN_BUILD: the folder of a build with SANITIZE=thread
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build", "tsan"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "bench"))

from ports import free_port, wait_for_port  # noqa: E402

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

    def ask(self, *options):
        client = [os.path.join(BUILD, "bench/policy_client"), *options, "127.0.0.1", str(self.port)]
        while not self.is_over:
            done = subprocess.run(client, capture_output=True, text=True)
            if done.returncode != 0:
                self.troubles.append(done.stderr)
                return
            self.asked += int(done.stdout.split()[0].split("=")[1])

    def change(self, process):
        while not self.is_over:
            self.changes += 1
            self.write_rules(self.changes)
            process.send_signal(signal.SIGHUP)
            self.zaguan("member", "set", (ANA, EVA, LUZ)[self.changes % 3], "correspondents",
                        ("off", "on")[self.changes // 3 % 2])
            time.sleep(0.2)

    def play(self, process, seconds):
        # The long ones stay open, the short ones come and go.
        plays = [("-n", "24", "-r", "20000", "-i", "each", "-t", f"{ANA},{EVA},{LUZ},nobody@example.org",
                  "-u", ",,ana,,eva,luz@example.org"),
                 ("-n", "16", "-r", "20000", "-d", "proven.example", "-t", f"{LUZ},{ANA}", "-s", "500"),
                 ("-n", "12", "-r", "20000", "-i", "each", "-t", ANA, "-k", "100000"),
                 ("-n", str(CONNECTIONS - 52), "-r", "60", "-t", f"{EVA},{LUZ}", "-s", "40")]
        threads = [threading.Thread(target=self.ask, args=play) for play in plays]
        threads.append(threading.Thread(target=self.change, args=(process,)))
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.is_over = True
        for thread in threads:
            thread.join()


def start_dns(folder):
    with open(os.path.join(folder, "zone"), "w", encoding="ascii") as f:
        f.write(ZONE)
    port = free_port()
    server = subprocess.Popen([os.path.join(SOURCE, "tests/tools/dns_server"), "--listen",
                               f"127.0.0.1:{port}", os.path.join(folder, "zone")],
                              stdout=subprocess.PIPE)
    if b"listening" not in server.stdout.readline():
        sys.exit("race: the test DNS server does not start")
    return server, port


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(prefix="zaguan-race-") as folder:
        dns, dns_port = start_dns(folder)
        race = Race(folder)
        race.prepare(dns_port)
        with open(race.path("log"), "wb") as log:
            process = subprocess.Popen([os.path.join(BUILD, "bin/zaguan-policy"), "-c", race.settings],
                                       stderr=log, env={**os.environ, "TSAN_OPTIONS": "exitcode=66"})
        try:
            wait_for_port(race.port, process, "zaguan-policy")
            race.play(process, seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
            dns.terminate()
            dns.wait()
        with open(race.path("log"), encoding="utf-8", errors="replace") as f:
            words = f.read()
        reports = words.count("WARNING: ThreadSanitizer")
        print(f"race policy: {race.asked} questions on {CONNECTIONS} connections in {seconds} s, "
              f"{race.changes} reloads; {reports} races, exit {code}")
        if reports or code:
            print(words[words.find("WARNING: ThreadSanitizer"):][:20000])
        for trouble in race.troubles:
            print(trouble)
        return 1 if reports or code or race.troubles or not race.asked else 0


if __name__ == "__main__":
    sys.exit(main())
