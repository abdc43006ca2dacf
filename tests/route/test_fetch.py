"""zaguan-fetch before web servers that are dead, slow of wit or lying, and through a SOCKS proxy. What
it brings is checked later (test_partner_attacks.py); here: that it ends, says why, and keeps nothing
that broke."""

import gzip
import http.server
import os
import socket
import subprocess
import threading
import unittest

from lab import free_ports
from partner_lab import PARTNER, Site

MIB = 1 << 20


class Server(http.server.BaseHTTPRequestHandler):
    """A static server with ETags; `answers` has what it says instead for a path."""

    def log_message(self, *words):
        pass

    def do_GET(self):
        site = self.server.site
        site.asked.append((self.path, dict(self.headers)))
        answer = site.answers.get(self.path)
        if answer:
            answer(self)
            return
        path = os.path.join(site.publisher.web, self.path.lstrip("/"))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as f:
            self.say(f.read(), tag='"%x"' % os.stat(path).st_mtime_ns)

    def say(self, body, status=200, tag=None, length=None):
        if tag and self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def endless(handler):
    """No length, no end: the client has to have enough."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b"x" * MIB)
        handler.server.site.answers["sent all"] = True
    except OSError:
        pass


def redirect(to):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return answer


class Socks(threading.Thread):
    """SOCKS 5 (RFC 1928) for one connection after the other; notes the names it was asked for."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.names, self.port = [], port
        self.listener = socket.create_server(("127.0.0.1", 0))

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.serve(client)

    def serve(self, client):
        client.recv(2 + 255)
        client.sendall(b"\x05\x00")
        request = client.recv(4 + 256 + 2)
        if request[3] == 3:
            self.names.append(request[5:5 + request[4]].decode())
        else:
            self.names.append("an address: the name was asked of somebody else")
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            there = threading.Thread(target=self.pump, args=(client, server), daemon=True)
            there.start()
            self.pump(server, client)
            there.join()

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Fetch(Site):
    def setUp(self):
        super().setUp()
        self.asked, self.answers = [], {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        self.server.site = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.zaguan("partner", "set", PARTNER, "url", f"http://127.0.0.1:{self.port}")

    def fetch(self, *words):
        return subprocess.run([os.path.join(self.build, "bin", "zaguan-fetch"), "-c", self.conf,
                               *words], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "http_proxy": "http://127.0.0.1:1"})

    def inbox(self):
        folder = os.path.join(self.root, "inbox", PARTNER)
        return sorted(os.path.relpath(os.path.join(at, n), folder)
                      for at, _, files in os.walk(folder) for n in files if n != "state")

    def fails(self, *words):
        done = self.fetch("--now")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        for word in (PARTNER, *words):
            self.assertIn(word, done.stderr)
        self.assertEqual(self.active(), self.was_active)
        return done

    def paths(self):
        return [path for path, _ in self.asked]

    def test_what_is_not_new_is_asked_for_once(self):
        self.assertEqual(self.fetch("--now").returncode, 0)
        self.assertIn("lists/kefir.1.zl.gz", self.inbox())
        self.assertIn("/lists/kefir.1.zl.gz", self.paths())
        self.asked.clear()
        self.assertEqual(self.fetch("--now").returncode, 0)
        self.assertEqual(self.paths(), ["/head.zh"])
        self.assertIn("If-None-Match", self.asked[0][1])
        self.asked.clear()
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.asked, [], "its time has not come")

    def test_a_dead_server(self):
        self.server.shutdown()
        self.server.server_close()
        self.fails("head.zh")
        self.assertEqual(self.inbox(), [])

    def test_an_error_of_the_server_is_told_and_asked_again(self):
        self.answers["/head.zh"] = lambda h: h.say(b"busy", status=503)
        self.fails("503")
        del self.answers["/head.zh"]
        self.assertEqual(self.fetch("--now").returncode, 0)

    def test_a_page_where_the_head_should_be(self):
        self.answers["/head.zh"] = lambda h: h.say(b"<html>Sign in to the wifi</html>\n")
        self.fails("head.zh:1: ")
        self.assertEqual(self.inbox(), [])

    def test_no_end(self):
        self.answers["/head.zh"] = endless
        self.fails("longer than")
        self.assertNotIn("sent all", self.answers)

    def test_a_length_that_nobody_asked_for(self):
        self.answers["/head.zh"] = lambda h: h.say(b"x", length=10 ** 12)
        self.fails("longer than")

    def test_redirects_end_and_stay_on_the_web(self):
        self.answers["/head.zh"] = redirect("/head.zh")
        self.fails("head.zh")
        self.assertLessEqual(len(self.asked), 4)
        self.answers["/head.zh"] = redirect(f"file://{self.publisher.web}/head.zh")
        self.fails("head.zh")
        self.assertEqual(self.inbox(), [])

    def test_other_bytes_than_the_head_names_are_not_kept(self):
        for name in ("/lists/kefir.1.zl.gz", "/lists/kefir.1.zl"):
            self.answers[name] = lambda h: h.say(gzip.compress(b"other bytes"))
        self.fails("its hash differs")
        self.assertNotIn("lists/kefir.1.zl.gz", self.inbox())
        self.answers.clear()
        self.assertEqual(self.fetch("--now").returncode, 0, "asked for again, though the head is old")
        self.assertIn("lists/kefir.1.zl.gz", self.inbox())

    def test_a_zip_bomb_is_not_kept(self):
        self.answers["/lists/kefir.1.zl.gz"] = lambda h: h.say(gzip.compress(b"\0" * MIB))
        self.fails("lists/kefir.1.zl.gz")
        self.assertNotIn("lists/kefir.1.zl.gz", self.inbox())

    def test_a_file_that_is_missing_is_told(self):
        for name in ("/lists/kefir.1.zl.gz", "/lists/kefir.1.zl"):
            self.answers[name] = lambda h: h.send_error(404)
        self.fails("the server has no such file")

    def test_the_days_budget_is_kept(self):
        self.zaguan("partner", "set", PARTNER, "daily-megabytes", "1")
        self.answers["/root.zr"] = lambda h: h.say(b"#" * (200 << 10))
        for _ in range(12):
            self.fetch("--now")
        self.fails("budget")

    def test_a_proxy_hears_the_name(self):
        proxy = Socks(self.port)
        proxy.start()
        self.addCleanup(proxy.listener.close)
        self.zaguan("partner", "set", PARTNER, "url", "http://kefirkefirkefir.onion")
        port = proxy.listener.getsockname()[1]
        self.zaguan("partner", "set", PARTNER, "proxy", f"socks5h://127.0.0.1:{port}")
        done = self.fetch("--now")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(proxy.names), {"kefirkefirkefir.onion"})
        self.assertIn("lists/kefir.1.zl.gz", self.inbox())

    def test_a_proxy_that_is_away_is_not_gone_around(self):
        self.zaguan("partner", "set", PARTNER, "proxy", f"socks5h://127.0.0.1:{free_ports(1)[0]}")
        self.fails("head.zh")
        self.assertEqual(self.asked, [])


if __name__ == "__main__":
    unittest.main()
