"""Rspamd beside zaguan in `make bench`, where it is installed: its milter proxy that scans itself, with as
near to the same work as it can be told: SPF, DKIM, DMARC and one multimap of the same patterns over the
text of a mail. No other module, no rules, no Redis, no statistics. Its log has errors only. It has a folder
of its own and loopback, and two workers, since the machine has two processors."""
import os
import re
import shutil
import subprocess
import sys
import time

from ports import free_port

PLUGINS = "/usr/share/rspamd/plugins"
START_SECONDS = 480  # Hyperscan compiles 10,000 patterns for minutes
SETTINGS = """options {{
  pidfile = false; filters = "dkim"; tempdir = "{folder}"; dbdir = "{folder}"; hs_cache_dir = "{folder}/hs";
  control_socket = "{folder}/control"; url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  history_file = "{folder}/history";
  dns {{ nameserver = ["127.0.0.1:{dns_port}"]; timeout = 1s; retransmits = 2; }}
}}
logging {{ type = "console"; level = "error"; }}
worker "controller" {{ bind_socket = "127.0.0.1:{controller_port}"; count = 1; secure_ip = ["127.0.0.1"]; }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{port}"; milter = yes; timeout = 120s; count = 2;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
modules {{ path = "{folder}/plugins/"; }}
spf {{}} dkim {{}} dmarc {{}}
multimap {{ BENCH {{ type = "content"; filter = "text"; regexp = true; map = "{folder}/map"; score = 5; }} }}
actions {{ reject = 1000; add_header = 4; }}
lua = "{folder}/globals.lua";
"""


def family(pid):
    """The main process and its workers."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [pid, *(int(child) for child in f.read().split())]


def cpu_seconds(pid):
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/stat", encoding="ascii") as f:
            words = f.read().rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_kilobytes(pid):
    """What they share counted once."""
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as f:
            total += int(re.search(r"^Pss: +(\d+)", f.read(), re.M)[1])
    return total


class Rspamd:
    """Mixed into Bench."""

    def rspamd_folder(self, patterns, port):
        folder = self.path(f"rspamd{patterns}")
        os.makedirs(os.path.join(folder, "hs"))
        os.mkdir(os.path.join(folder, "plugins"))
        for module in ("spf", "dmarc", "multimap"):
            os.symlink(f"{PLUGINS}/{module}.lua", os.path.join(folder, "plugins", f"{module}.lua"))
        self.write_list(folder, max(patterns, 2))
        with open(os.path.join(folder, "bench.zl"), encoding="utf-8") as f, \
                open(os.path.join(folder, "map"), "w", encoding="utf-8") as out:
            # The words of a phrase have no signs that mean anything in a regular expression.
            values = re.findall(r'^\+ (?:phrase|re) "(.*)"$', f.read(), re.M)
            out.writelines(f"/{value}/iu\n" for value in values)
        with open(os.path.join(folder, "globals.lua"), "w", encoding="ascii") as f:
            f.write('require "global_functions" ()\n')
        with open(os.path.join(folder, "rspamd.conf"), "w", encoding="ascii") as f:
            f.write(SETTINGS.format(folder=folder, port=port, controller_port=free_port(),
                                    dns_port=self.dns_port))
        with open(os.path.join(folder, "hit.eml"), "w", encoding="utf-8") as f:
            f.write("From: a@d1.example\nTo: member@example.org\nSubject: x\nMessage-ID: <hit@d1.example>\n"
                    f"Content-Type: text/plain; charset=utf-8\n\n{values[1]} y nada\n")
        return folder

    def rspamd_matches(self, port, folder):
        """Whether a mail that holds a phrase of the map gets its mark."""
        done = subprocess.run([self.built("bench/milter_client"), "-n", "1", "-v", f"inet:{port}@127.0.0.1",
                               os.path.join(folder, "hit.eml")], capture_output=True, text=True, check=False)
        return "X-Spam" in done.stdout

    def wait_for_rspamd(self, process, port, folder):
        begin = time.time()
        while time.time() - begin < START_SECONDS:
            if process.poll() is not None:
                sys.exit(f"bench: rspamd ended with {process.returncode}")
            if self.rspamd_matches(port, folder):
                return time.time() - begin
            time.sleep(0.5)
        return None

    def rspamd(self, patterns):
        """A row (0 patterns: two, or there would be no telling when it began), or None when it is not installed or did not begin to match in time."""
        program = shutil.which("rspamd")
        if program is None or not os.path.isdir(PLUGINS):
            return None
        port = free_port()
        folder = self.rspamd_folder(patterns, port)
        process = self.start([program, "-f", "-i", "-c", os.path.join(folder, "rspamd.conf")],
                             stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        started = self.wait_for_rspamd(process, port, folder)
        if started is None:
            self.stop(process)
            return None
        used = cpu_seconds(process.pid)
        figures = self.play(process, port)
        rounds = self.options.rounds + 1  # with the one to warm up
        figures["cpu_ms"] = (cpu_seconds(process.pid) - used) / (rounds * self.options.mails) * 1000
        figures["memory_kb"] = memory_kilobytes(process.pid)
        self.stop(process)
        return f"rspamd, SPF, DKIM, DMARC, {patterns:,} patterns (up after {started:.0f} s)", figures
