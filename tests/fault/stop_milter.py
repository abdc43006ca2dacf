"""Stops zaguan-milter (SIGTERM) in the midst of mails, again and again: each stop is a clean one, and soon.

usage: stop_milter.py [STOPS]      ZAGUAN_BUILD: the folder of a build with its benchmarks
"""

import os
import random
import subprocess
import sys
import tempfile
import time

from race_lab import BUILD, Watched, start_dns
from race_milter import ANA, Race

CONNECTIONS, RATE = 40, 150  # with moments without an answer due: a stop waits for one


def stop_once(race, chance):
    """The exit code, and the seconds that it took."""
    with Watched("zaguan-milter", race.settings, race.port, race.path("log")) as milter:
        client = subprocess.Popen(
            [os.path.join(BUILD, "bench/milter_client"), "-n", str(CONNECTIONS), "-R", str(RATE), "-r", "1000", "-f",
             "<bounce@sender.example>", "-t", f"<{ANA}>", f"inet:{race.port}@127.0.0.1", *race.signed],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.1, 0.4))
        since = time.monotonic()
    took = time.monotonic() - since
    client.wait()  # the milter is gone, so it is too
    return milter.code, took


def main():
    stops = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="zaguan-stop-") as folder:
        race = Race(folder)
        race.prepare()
        dns, dns_port = start_dns(race.zone)
        try:
            race.begin(dns_port)
            ends = [stop_once(race, chance) for _ in range(stops)]
        finally:
            dns.terminate()
            dns.wait()
        bad = [code for code, _ in ends if code != 0]
        print(f"stop milter: {stops} stops under load, seed {seed}: {len(bad)} not clean {bad[:10]}, the "
              f"slowest {max(took for _, took in ends):.2f} s")
        for trouble in race.troubles:
            print(trouble)
        return 1 if bad or race.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
