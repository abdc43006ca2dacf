"""What the runs under ThreadSanitizer share: a name server, a watched program, a verdict."""

import os
import signal
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build", "tsan"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "bench"))

from ports import free_port, wait_for_port  # noqa: E402

REPORT = "WARNING: ThreadSanitizer"


def start_dns(zone):
    """The test name server with a zone file: the process, and its port."""
    port = free_port()
    server = subprocess.Popen([os.path.join(SOURCE, "tests/tools/dns_server"), "--listen",
                               f"127.0.0.1:{port}", zone], stdout=subprocess.PIPE)
    if b"listening" not in server.stdout.readline():
        sys.exit("race: the test DNS server does not start")
    return server, port


class Watched:
    """A program under ThreadSanitizer, from its start to its SIGTERM. Its reports are in its log."""

    def __init__(self, name, settings, port, log):
        self.log_path = log
        with open(log, "wb") as f:
            self.process = subprocess.Popen(
                [os.path.join(BUILD, "bin", name), "-c", settings], stderr=f,
                env={**os.environ, "TSAN_OPTIONS": "exitcode=66"})
        self.name, self.port, self.code = name, port, None

    def __enter__(self):
        wait_for_port(self.port, self.process, self.name)
        return self

    def __exit__(self, *exc):
        self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(60)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def memory_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def print_reports(self):
        words = self.log()
        print(words[words.find(REPORT):][:20000] if REPORT in words else words[-4000:])


class Asker:
    """Runs a client of tests/bench with one play after the other, until it is over."""

    def __init__(self, client, troubles):
        self.client, self.troubles = client, troubles
        self.is_over, self.sums = False, {}

    def ask(self, plays):
        while not self.is_over:
            for before, behind in plays:
                done = subprocess.run([os.path.join(BUILD, "bench", self.client), *before, *behind],
                                      capture_output=True, text=True)
                if done.returncode != 0:
                    self.troubles.append(done.stderr)
                    return
                for name, value in (word.split("=") for word in done.stdout.split()):
                    self.sums[name] = self.sums.get(name, 0) + float(value)
                if self.is_over:
                    return


def wait(seconds, troubles):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not troubles:
        time.sleep(0.2)
