"""The policy part of `make bench`: zaguan-policy beside postgrey, postfwd and policyd-spf, where they are
installed, asked the same questions by the same client; and its memory over ten million questions."""
import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

import make_mails
from ports import free_port, wait_for_port

MEMBER = "member@example.org"
STRANGER = "luz@example.org"


def figures_of(text):
    """The last line of the client: name=number ..."""
    return {k: float(v) for k, v in (word.split("=") for word in text.splitlines()[-1].split())}


class PolicyDaemons:
    """What class Bench knows of policy daemons."""

    def ask(self, name, process, port, *options, count=None):
        """Questions of distinct senders, once to warm up with a tenth."""
        client = [self.built("bench/policy_client"), "-n", str(self.options.connections), "-p",
                  str(process.pid), *options]
        where = ["127.0.0.1", str(port)]
        count = count or self.options.requests
        subprocess.run([*client, "-r", str(max(count // 10, 1)), *where], check=True,
                       stdout=subprocess.DEVNULL)
        done = subprocess.run([*client, "-r", str(count), *where], check=True, capture_output=True,
                              text=True)
        return name, figures_of(done.stdout)

    def start_policy(self, name, settings_text, contacts=False):
        settings, _ = self.write_settings(name.replace(" ", "-").replace(",", ""), 0)
        port = free_port()
        with open(settings, "a", encoding="ascii") as f:
            f.write(f"policy_socket = inet:{port}@127.0.0.1\n"
                    f"policy_rules = {self.folder}/policy.rules\n{settings_text}\n")
        self.zaguan(settings, "key", "init")
        self.zaguan(settings, "member", "add", MEMBER, "--consent", "benchmark")
        if contacts:
            self.zaguan(settings, "member", "contacts", "add", MEMBER, "friend@example.net")
        process = self.start([self.built("bin/zaguan-policy"), "-c", settings])
        wait_for_port(port, process, "zaguan-policy")
        return process, port

    def zaguan_policy(self, name, settings_text, *options, contacts=False, count=None):
        process, port = self.start_policy(name, settings_text, contacts)
        row = self.ask(name, process, port, *options, count=count)
        self.stop(process)
        return row

    def long_run(self, name, steps, step, settings_text, *options):
        """Distinct senders, each at an address of its own, a million of them at most: what the daemon
        holds after each step."""
        process, port = self.start_policy(name, settings_text, contacts=True)
        print(f"\n{name}: {steps} times {step:,} questions")
        client = subprocess.Popen(
            [self.built("bench/policy_client"), "-n", str(self.options.connections), "-p", str(process.pid),
             "-r", str(steps * step), "-e", str(step), "-s", "1000000", "-i", "each", *options,
             "127.0.0.1", str(port)], stdout=subprocess.PIPE, text=True)
        sizes, line = [], ""
        for line in client.stdout:
            if line.startswith("after="):
                done, size = (int(word.split("=")[1]) for word in line.split())
                sizes.append(size)
                print(f"  after {done:>10,}: {size / 1024:.1f} MB", flush=True)
        if client.wait() != 0:
            sys.exit("bench: a question was not answered")
        self.stop(process)
        f = figures_of(line)
        print(f"  {f['per_second']:.0f} questions/s, {f['cpu_per_1000']:.4f} CPU-s per 1,000, "
              f"p99 {f['p99_ms']:.2f} ms; put off {f['defer']:.0f}; "
              f"from the first line to the last {(sizes[-1] - sizes[0]) / 1024:+.1f} MB", flush=True)

    def policy_part(self, millions):
        self.print_policy()
        self.long_run("a member, people of all kinds, flood valve and brake on", millions, 1000000,
                      "outgoing_limit = 200", "-t", f"{MEMBER},{STRANGER}", "-u", ",,,ana,eva")
        self.long_run("SPF, every sender of a domain of its own", millions, 10000,
                      "policy_received_spf = yes", "-t", STRANGER, "-k", "1000000")

    # --- the others ---------------------------------------------------------------------------------

    def find(self, *programs):
        places = os.environ["PATH"] + ":/usr/sbin"
        return next((p for p in (shutil.which(p, path=places) for p in programs) if p), None)

    def postgrey(self):
        program, port = self.find("postgrey"), free_port()
        if program is None:
            return "postgrey", None
        os.makedirs(self.path("postgrey"))
        process = self.start([program, f"--inet=127.0.0.1:{port}", f"--dbdir={self.path('postgrey')}",
                              "--user=root", "--group=root", "--whitelist-clients=/dev/null",
                              "--whitelist-recipients=/dev/null"], stderr=subprocess.DEVNULL)
        wait_for_port(port, process, "postgrey")
        row = self.ask("postgrey", process, port, count=min(self.options.requests, 5000))
        self.stop(process)
        return row

    def postfwd(self):
        """Listens only as a daemon; its pid file says which process it is."""
        program, port = self.find("postfwd1", "postfwd"), free_port()
        if program is None:
            return "postfwd, 10 rules", None
        with open(self.path("postfwd.cf"), "w", encoding="ascii") as f:
            f.writelines(f"id=R{i}; sender=x{i}@nowhere.example; action=DUNNO\n" for i in range(10))
        starter = self.start([program, "-d", "-f", self.path("postfwd.cf"), "-i", "127.0.0.1", "-p",
                              str(port), "-u", "root", "-g", "root", "--nodns",
                              f"--pidfile={self.path('postfwd.pid')}"], stderr=subprocess.DEVNULL)
        if starter.wait(20) != 0:
            sys.exit("bench: postfwd does not start")
        self.processes.remove(starter)
        daemon = argparse.Namespace(pid=None, returncode=None, poll=lambda: None)
        wait_for_port(port, daemon, "postfwd")
        with open(self.path("postfwd.pid"), encoding="ascii") as f:
            daemon.pid = int(f.read())
        try:
            return self.ask("postfwd, 10 rules", daemon, port, count=min(self.options.requests, 5000))
        finally:
            os.kill(daemon.pid, signal.SIGTERM)

    def policyd_spf(self):
        """As spawn(8) runs it: a process for each connection, which is its input and output. Its start
        weighs most, so that is measured alone and taken off."""
        program, name = self.find("policyd-spf"), "policyd-spf, no DNS"
        if program is None:
            return name, None
        server = socket.create_server(("127.0.0.1", 0), backlog=100)
        children = []

        def spawn():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    children.append(subprocess.Popen([program], stdin=connection, stdout=connection,
                                                     stderr=subprocess.DEVNULL))

        def play(count):
            # A client of loopback: it looks nothing up, since it cannot be told which name server to ask.
            client = [self.built("bench/policy_client"), "-n", str(self.options.connections), "-r", str(count),
                      "-i", "127.0.0.1", "127.0.0.1", str(server.getsockname()[1])]
            done = subprocess.run(client, check=True, capture_output=True, text=True)
            used = [os.wait4(child.pid, 0)[2] for child in children]
            children.clear()
            return figures_of(done.stdout), sum(u.ru_utime + u.ru_stime for u in used), used

        thread = threading.Thread(target=spawn)
        thread.start()
        count = min(self.options.requests, 20000)
        _, starts, _ = play(1)
        figures, whole, used = play(count)
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        figures["cpu_per_1000"] = (whole - starts) / count * 1000
        figures["memory_kb"] = max(u.ru_maxrss for u in used) * self.options.connections
        return f"{name}; a start costs {starts / self.options.connections:.2f} CPU-s", figures

    def policy_rows(self):
        domain = make_mails.DOMAINS[0]
        return [
            self.zaguan_policy("zaguan-policy, nobody said yes", "", "-t", STRANGER),
            self.zaguan_policy("zaguan-policy, a member, distinct senders", "flood_limit = 0", "-t", MEMBER,
                               contacts=True),
            self.zaguan_policy("zaguan-policy, a member in a flood", "", "-t", MEMBER, "-i", "each",
                               contacts=True),
            self.zaguan_policy("zaguan-policy, SPF from the cache", "policy_received_spf = yes", "-t",
                               STRANGER, "-d", domain),
            self.zaguan_policy("zaguan-policy, 1,000 connections, 8 ask at a time", "", "-t", STRANGER, "-n",
                               "1000", "-a", "8"),
            self.zaguan_policy("zaguan-policy, 1,000 connections, all ask always", "", "-t", STRANGER, "-n",
                               "1000"),
            self.postgrey(),
            self.postfwd(),
            self.policyd_spf(),
        ]

    def print_policy(self):
        print("\n| policy daemon | questions/s | CPU-s per 1,000 | p50 / p99 ms | memory MB |")
        print("|---|---|---|---|---|")
        for name, f in self.policy_rows():
            if f is None:
                print(f"| {name} | not installed | | | |")
                continue
            print(f"| {name} | {f['per_second']:.0f} | {f['cpu_per_1000']:.4f} "
                  f"| {f['p50_ms']:.2f} / {f['p99_ms']:.2f} | {f['memory_kb'] / 1024:.0f} |", flush=True)
