"""Lists of a partner: published, fetched over HTTP, tried, accepted, holding, retracted, offered
again."""

import functools
import http.server
import os
import re
import threading
import unittest

from lab import DOMAIN, Lab, wait_until
from mails import ANA, FRIEND, STRANGER, held_mail, mail
from partner_lab import BENIGN, FOLDERS, PARTNER, Publisher


class WebServer(http.server.SimpleHTTPRequestHandler):
    """A static server with ETag and Range, as any host has; remembers what was asked."""
    asked = []
    breaks_after = None

    def log_message(self, *words):
        pass

    def do_GET(self):
        path = self.translate_path(self.path)
        type(self).asked.append((self.path, self.headers.get("If-None-Match"),
                                 self.headers.get("Range")))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as f:
            content = f.read()
        tag = '"%x-%x"' % (os.stat(path).st_mtime_ns, len(content))
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        found = re.match(r"bytes=(\d+)-$", self.headers.get("Range") or "")
        if found:
            start = int(found.group(1))
        self.send_response(206 if found else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if type(self).breaks_after and self.path.endswith((".zl", ".zl.gz")):
            body = body[:type(self).breaks_after]
            type(self).breaks_after = None
        self.wfile.write(body)


class PartnerLab(Lab):
    def write_zaguan(self):
        for name in FOLDERS:
            os.makedirs(self.path(name), exist_ok=True)
        with open(self.path("benign", "a.csv"), "w") as f:
            f.write(BENIGN)
        self.extra_settings = "".join(
            f"{name}_folder = {self.path(part)}\n"
            for name, part in (("partner", "partners"), ("inbox", "inbox"), ("benign", "benign")))
        super().write_zaguan()
        for name in ("partners", "inbox", "benign"):
            self.own(self.path(name))

    def add_partner(self, key, url):
        self.zaguan("partner", "add", PARTNER, "--key", key, "--url", url, "--yes")
        for name, value in (("ceiling", "hold"), ("hold-quorum", "1"), ("shadow-hours", "0"),
                            ("shadow-messages", "0"), ("max-hits-per-10000", "10000")):
            self.zaguan("partner", "set", PARTNER, name, value)


class Route(unittest.TestCase):
    def test_a_list_arrives_holds_and_is_withdrawn(self):
        lab = PartnerLab()
        with lab:
            publisher = Publisher(lab.root, lab.path("bin", "zaguan"))
            handler = functools.partial(WebServer, directory=publisher.web)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            lab.member(ANA)
            lab.zaguan("member", "contacts", "add", ANA, "luz@amiga.example")
            lab.send(mail(sender="luz@amiga.example"), "luz@amiga.example", [ANA], **FRIEND)
            publisher.add("frase de prueba prohibida", "aaaa0001")
            publisher.publish()
            lab.add_partner(publisher.key, f"http://127.0.0.1:{server.server_port}")

            WebServer.breaks_after = 100  # the line breaks off within the list: Range goes on
            done = lab.zaguan("partner", "fetch", PARTNER, check=False)
            self.assertNotEqual(done.returncode, 0, done.stderr)
            lab.zaguan("partner", "fetch", PARTNER)
            self.assertTrue(any(r for _, _, r in WebServer.asked), "the rest was asked for")
            lab.zaguan("partner", "fetch", PARTNER)
            self.assertTrue(any(e for p, e, _ in WebServer.asked if "head" in p), "ETag was sent")
            report = self.plain(lab.wait_for_mail(f"admin@{DOMAIN}")[-1])
            self.assertIn("Te espera, porque es el primer número de esta lista", report)

            # In shadow: counted, of no effect.
            wait_until(lambda: "entries=1" in lab.log("milter"), what="the trial")
            before = lab.settle(ANA)
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            lab.wait_for_mail(ANA, before + 1)
            self.assertEqual(lab.held(), [])
            diff = lab.zaguan("list", "diff", f"{PARTNER}/kefir")
            self.assertIn("+ aaaa0001", diff)
            self.assertIn("1 hits (would at most hold 1, tag 0, observe 0)", diff)
            self.assertRegex(diff, r"Slowest pattern: aaaa0001, 0\.\d\d ms")
            self.assertNotIn("Ring", diff, "of a pattern it knows nothing")

            lab.zaguan("list", "accept", f"{PARTNER}/kefir")
            wait_until(lambda: lab.log("milter").count("lists-loaded") >= 3, what="the new lists")
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            wait_until(lambda: len(lab.held()) == 1, what="the hold")
            lab.zaguan("digest", "--member", ANA)
            digest = self.plain(lab.wait_for_mail(ANA, before + 2)[-1])
            self.assertIn(f"kefir, de {PARTNER}", digest)

            # New senders are asked of the mail that came before; that of people she knows parks.
            for domain, entry in (("extrano.example", "aaaa0002"), ("amiga.example", "aaaa0003")):
                publisher.run("list", "add", publisher.list, "domain", domain, "--cat", "mail-bomb",
                              "--id", entry)
            publisher.publish()
            lab.zaguan("partner", "fetch", PARTNER)
            report = self.plain(lab.wait_for_mail(f"admin@{DOMAIN}", 2)[-1])
            report = " ".join(report.split())
            self.assertIn("de tus últimos 3 mensajes habría tocado 3 (como mucho retenido 3, "
                          "marcado 0, observado 0); de gente a la que escriben quienes usan este "
                          "servidor: 1 (remitentes: 1)", report)
            self.assertIn("Aparcada aaaa0003: it would have met mail of people", report)
            self.assertIn("it would have met 3 (at most held 3",
                          lab.zaguan("list", "diff", f"{PARTNER}/kefir"))

            # The publisher takes it back: the entry stops acting, and she is offered the mail.
            told = lab.settle(ANA)
            loads = lab.log("milter").count("lists-loaded")
            publisher.run("list", "retract", publisher.list, "aaaa0001", "--why", "bad-pattern")
            publisher.publish()
            lab.zaguan("partner", "fetch", PARTNER)
            notice = lab.wait_for_mail(ANA, told + 1, seconds=30)[-1]
            self.assertIn("soltar todo", self.plain(notice))
            lab.answer(notice, "soltar todo")
            lab.wait_for_mail(ANA, told + 2, seconds=30)
            wait_until(lambda: lab.held() == [], what="the release")
            wait_until(lambda: lab.log("milter").count("lists-loaded") > loads, what="the reload")
            before = lab.settle(ANA)
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            lab.wait_for_mail(ANA, before + 1)

    @staticmethod
    def plain(mail):
        import email
        message = email.message_from_bytes(mail)
        part = message.get_payload(0) if message.is_multipart() else message
        return part.get_payload(decode=True).decode()


if __name__ == "__main__":
    unittest.main()
