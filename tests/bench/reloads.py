"""The part of `make bench` where lists change while mails are played: what a reload makes them wait.

A queue that is full measures the queue, and libmilter lets its last connections wait long before that:
so mails come at three tenths of what this machine has just shown it can do, each at its own moment. Mails that were answered while a reload was going on are
compared with the others of the same run. The longest wait of a thread that does nothing but ask for
a millisecond of sleep says what the machine itself, shared with whatever else runs, adds to both.
"""
import os
import shutil
import signal
import threading
import time

from ports import wait_for_port

LOAD = 0.3
LEAST_SECONDS, MOST_SECONDS = 24, 120
LEAST_RELOADS = 6
PAUSE = 1.5  # between the end of a reload and the next one
MODERATE_SECONDS = 15
PIECE_SECONDS = 6  # the client is started anew, until there were reloads enough
LOADED = b"lists-loaded"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def describe(name, values):
    return (f"{name}: {len(values)} with p50 {percentile(values, 0.5):.2f}, p99 {percentile(values, 0.99):.2f}, "
            f"max {max(values, default=0.0):.2f} ms at end of message")


class Reloads:
    """Mixed into Bench."""

    def spare_lists(self, patterns):
        folders = [self.path(f"spare{seed}") for seed in (1, 2)]
        for seed, folder in enumerate(folders, 1):
            os.mkdir(folder)
            self.write_list(folder, patterns, seed)
        return [os.path.join(folder, "bench.zl") for folder in folders]

    def change_lists(self, process, log, spares, is_over, spans):
        """A changed list and SIGHUP, until the log says it is loaded; then a pause, and again."""
        wanted = self.path("reload", "lists", "bench.zl")
        with open(log, "rb") as f:
            while not is_over.wait(PAUSE):
                f.seek(0, os.SEEK_END)
                shutil.copy(spares[len(spans) % 2], wanted + ".new")
                os.rename(wanted + ".new", wanted)
                begin = time.time()
                process.send_signal(signal.SIGHUP)
                while not is_over.wait(0.02):
                    if LOADED in f.read():
                        spans.append((begin, time.time()))
                        break

    def client_at(self, process, port, rate, seconds, timeline):
        count = max(1, int(rate * seconds / self.options.mails))
        return [self.built("bench/milter_client"), "-n", str(self.options.connections), "-f",
                "<bounce@sender.example>", "-p", str(process.pid), "-r", str(count), "-R", f"{rate:.1f}", "-w",
                timeline, f"inet:{port}@127.0.0.1", *self.mails]

    def play_at(self, process, port, rate, timeline, spans):
        """The sums of all pieces; their timelines one behind the other."""
        client = self.client_at(process, port, rate, PIECE_SECONDS, timeline + ".piece")
        sums, begin = {}, time.time()
        while time.time() - begin < LEAST_SECONDS or (len(spans) < LEAST_RELOADS and
                                                      time.time() - begin < MOST_SECONDS):
            for name, value in self.ask_client(client).items():
                join = max if name in ("latest_ms", "memory_kb") else sum
                sums[name] = join((sums.get(name, 0.0), value))
            with open(timeline + ".piece", "rb") as piece, open(timeline, "ab") as whole:
                shutil.copyfileobj(piece, whole)
        return sums

    def moderate_load(self, patterns):
        """What an answer takes when there is room: what a server that is not full feels."""
        settings, port = self.write_settings(f"moderate{patterns}", patterns)
        self.add_member(settings)
        process = self.start([self.built("bin/zaguan-milter"), "-c", settings])
        wait_for_port(port, process, "zaguan-milter")
        rate = self.play(process, port)["per_second"] * LOAD
        timeline = self.path(f"moderate{patterns}", "timeline")
        self.ask_client(self.client_at(process, port, rate, MODERATE_SECONDS, timeline))
        self.stop(process)
        mails, waits = split(timeline, "mail", [])[1], split(timeline, "wait", [])[1]
        print(describe(f"{patterns:,} patterns, {rate:.0f} mails a second ({LOAD:.0%} of the most)", mails) +
              f"; the machine made a sleeper wait at most {max(waits, default=0):.2f} ms")

    def reload_under_load(self, patterns):
        """Prints its own lines; False when nothing was reloaded, or a mail was lost or not scanned."""
        settings, port = self.write_settings("reload", patterns, log_level="info")
        self.add_member(settings)
        log, timeline = self.path("reload", "log"), self.path("reload", "timeline")
        with open(log, "wb") as f:
            process = self.start([self.built("bin/zaguan-milter"), "-c", settings], stderr=f)
        wait_for_port(port, process, "zaguan-milter")
        rate = self.play(process, port)["per_second"] * LOAD
        is_over, spans = threading.Event(), []
        thread = threading.Thread(target=self.change_lists,
                                  args=(process, log, self.spare_lists(patterns), is_over, spans))
        steal, waited = steal_seconds(), waited_seconds(process.pid)
        thread.start()
        try:
            figures = self.play_at(process, port, rate, timeline, spans)
        finally:
            is_over.set()
            thread.join()
        steal, waited = steal_seconds() - steal, waited_seconds(process.pid) - waited
        self.stop(process)
        lost = figures["messages"] - figures["accepted"] - figures["discarded"]
        print(f"reload of {patterns:,} patterns under load: {len(spans)} reloads in "
              f"{sum(last - first for first, last in spans):.1f} s, {figures['messages']:.0f} mails, {rate:.0f} a "
              f"second ({LOAD:.0%} of the most), {lost:.0f} lost, {figures['unscanned']:.0f} marked unscanned; answered at "
              f"most {figures['latest_ms']:.2f} ms behind their moment")
        during, between = split(timeline, "mail", spans)
        print(describe("  mails answered during a reload", during))
        print(describe("  mails answered between reloads", between))
        during, between = split(timeline, "wait", spans)
        print(f"  the machine made a sleeper wait at most {max(during, default=0):.2f} ms during reloads, "
              f"{max(between, default=0):.2f} between; {steal:.2f} s stolen, threads of the milter waited "
              f"{waited / figures['messages'] * 1000:.2f} ms a mail for a processor")
        return len(spans) > 0 and lost == 0 and figures["unscanned"] == 0


def split(timeline, kind, spans):
    """Rows of a kind whose time touches a span, and the others."""
    during, between = [], []
    with open(timeline, encoding="ascii") as f:
        for words in (line.split() for line in f):
            if words[0] != kind:
                continue
            at, took = float(words[1]), float(words[2])
            # The probe writes at the end of its tenth of a second, the client when it sends.
            begin, end = (at - 0.1, at) if kind == "wait" else (at, at + took / 1000)
            touches = any(begin <= last and end >= first for first, last in spans)
            (during if touches else between).append(took)
    return during, between


def steal_seconds():
    with open("/proc/stat", encoding="ascii") as f:
        return int(f.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def waited_seconds(pid):
    """Runnable, but not running, of all threads that are there: schedstat's second number."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[1])
        except OSError:
            pass  # it has ended, or this kernel does not count
    return total / 1e9
