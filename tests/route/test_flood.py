"""A hundred strangers and a subscription bomb, on a real Postfix with zaguan-policy: nothing is lost,
nobody else waits, and what she needs arrives."""

import re
import signal
import smtplib
import sqlite3
import threading
import time
import unittest

from lab import Lab, wait_until
from mails import ANA, FRIEND, mail
from test_conversation import text_of

NEIGHBOURS = [f"vecina{i}@coop.example" for i in range(20)]
FRIEND_ADDRESS = "sol@amiga.example"


def knows(lab, member, address):
    """She has the friend in her address book."""
    book = lab.path("mail", "book.vcf")
    with open(book, "w") as f:
        f.write(f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Sol\r\nEMAIL:{address}\r\nEND:VCARD\r\n")
    lab.own(lab.path("mail"))
    lab.zaguan("member", "contacts", "import", book, member)


class Flood(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Two minutes in some seconds; the window is as much shorter.
        cls.lab = Lab(with_policy=True, mailboxes=[n.split("@")[0] for n in NEIGHBOURS],
                      settings="flood_window_seconds = 16\nflood_limit = 60\n")
        cls.lab.start()
        cls.addClassCleanup(cls.lab.stop)
        cls.lab.member(ANA)
        knows(cls.lab, ANA, FRIEND_ADDRESS)

    def friend_writes(self, subject, body=b"Soy yo.\r\n"):
        letter = self.lab.sign(mail(body, sender=FRIEND_ADDRESS, subject=subject), "amiga.example")
        self.lab.send(letter, FRIEND_ADDRESS, [ANA], **FRIEND)

    def offers(self):
        return [m for m in self.lab.mails(ANA) if "tu escudo puede retener" in self.text(m)]

    def text(self, raw):
        try:
            return text_of(raw)
        except (AttributeError, LookupError):
            return ""

    def strangers(self, numbers, deferred):
        """Each from its own address, of 200 domains and networks; collects who is to try again."""
        for i in numbers:
            domain = f"d{i % 200}.example"
            sender = f"n{i}@{domain}"
            client = dict(client_ip=f"198.18.{i % 200}.{1 + i // 200}", helo=f"mx.{domain}")
            try:
                self.lab.send(mail(f"Marea {i}.\r\n".encode(), sender=sender), sender, [ANA], **client)
            except smtplib.SMTPRecipientsRefused as refused:
                code, words = list(refused.recipients.values())[0]
                self.assertEqual(code, 450)
                self.assertIn(b"4.7.1", words)
                deferred.append(i)

    def arrived(self):
        here = {int(n) for m in self.lab.mails(ANA) for n in re.findall(rb"Marea (\d+)\.", m)}
        return len(here), len(self.lab.held(ANA))

    def test_1_a_flood(self):
        deferred, slow = [], []
        threads = [threading.Thread(target=self.strangers, args=(range(i, 500, 4), deferred))
                   for i in range(4)]
        for t in threads:
            t.start()
        for neighbour in NEIGHBOURS:
            begin = time.monotonic()
            self.lab.send(mail(to=neighbour), "nn@extrano.example", [neighbour],
                          client_ip="198.51.100.66", helo="mx.extrano.example")
            slow.append(time.monotonic() - begin)
        self.friend_writes("En medio")
        for t in threads:
            t.join()
        for neighbour in NEIGHBOURS:
            self.lab.wait_for_mail(neighbour, 1)
        self.assertLess(max(slow), 5)
        wait_until(lambda: any(b"En medio" in m for m in self.lab.mails(ANA)), what="her friend")
        self.assertGreater(len(deferred), 100)
        wait_until(lambda: len(self.offers()) == 1, what="the offer")
        # Every one of them arrived or may try again.
        wait_until(lambda: sum(self.arrived()) + len(deferred) == 500, what="all 500")

        # Killed in the middle of it: the counters begin anew, but that it was told is known.
        self.lab.stop_process("policy", signal.SIGKILL)
        self.lab.start_policy()
        before, more = len(deferred), range(500, 590)
        self.strangers(more, deferred)
        self.assertLessEqual(len(more) - (len(deferred) - before), 60)  # flood_limit
        self.assertGreater(len(deferred), before)

        # Who was put off comes back, and gets in.
        time.sleep(17)
        again = []
        self.strangers(deferred, again)
        self.assertLess(len(again), len(deferred))
        wait_until(lambda: sum(self.arrived()) + len(again) == 590, what="all of them again")
        self.assertEqual(len(self.offers()), 1)

        # One answer raises the shield; then a stranger waits, and her friend passes.
        held = len(self.lab.held(ANA))
        self.lab.answer(self.offers()[0], "escudo 1 día")
        wait_until(lambda: "shield" in self.lab.zaguan("member", "show", ANA), what="the shield")
        wait_until(lambda: any("El escudo está" in self.text(m) for m in self.lab.mails(ANA)),
                   what="the receipt")
        time.sleep(17)
        self.lab.send(mail(b"Otra.\r\n"), "nn@extrano.example", [ANA],
                      client_ip="198.51.100.66", helo="mx.extrano.example")
        wait_until(lambda: len(self.lab.held(ANA)) == held + 1, what="the hold")
        self.friend_writes("Con escudo")
        wait_until(lambda: any(b"Con escudo" in m for m in self.lab.mails(ANA)), what="her friend")

        # It ends by itself and says so.
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 15))
        self.lab.zaguan("member", "set", ANA, "shield", end)
        wait_until(lambda: any("Tu escudo ha terminado" in self.text(m) or
                               "escudo terminó" in self.text(m) for m in self.lab.mails(ANA)),
                   seconds=60, what="the end of the shield")
        self.assertEqual(len(self.offers()), 1)


class Bomb(unittest.TestCase):
    def test_a_subscription_bomb_is_one_line(self):
        with Lab(with_policy=True, settings="flood_limit = 0\n") as lab:
            lab.member(ANA, flood="off")
            knows(lab, ANA, FRIEND_ADDRESS)
            before = lab.settle(ANA)
            for i in range(300):
                if i == 150:
                    letter = lab.sign(mail(b"Carta de verdad.\r\n", sender=FRIEND_ADDRESS),
                                      "amiga.example")
                    lab.send(letter, FRIEND_ADDRESS, [ANA], **FRIEND)
                    lab.send(mail(b"Codigo 123456.\r\n", sender="no-reply@banco.example",
                                  subject="Tu codigo de acceso"), "no-reply@banco.example", [ANA],
                             client_ip="198.18.9.9", helo="mx.banco.example")
                lab.send(mail(b"Confirma.\r\n", sender=f"news@b{i}.example",
                              subject="Confirma tu suscripcion",
                              extra=b"Auto-Submitted: auto-generated\r\n"),
                         f"news@b{i}.example", [ANA], client_ip="198.18.7.7", helo="mx.b.example")
            wait_until(lambda: len(lab.held(ANA)) + len(lab.mails(ANA)) - before == 302,
                       what="all of it")
            self.assertTrue(any(b"Carta de verdad" in m for m in lab.mails(ANA)))
            self.assertTrue(any(b"Codigo 123456" in m for m in lab.mails(ANA)))
            held = lab.held(ANA)
            self.assertGreater(len(held), 250)
            count = lab.settle(ANA)
            lab.zaguan("digest", "--member", ANA)
            digest = lab.wait_for_mail(ANA, count + 1)[count]
            words = text_of(digest)
            self.assertEqual(words.count(f"1 fila: {len(held)} confirmaciones"), 1)
            self.assertNotIn("\n2  ", words)
            count = lab.settle(ANA)
            lab.answer(digest, "soltar fila")
            lab.wait_for_mail(ANA, count + len(held), 90)
            self.assertEqual(lab.held(ANA), [])
            # What a stopped milter knows tomorrow: whose mail passed, not who was in the lane.
            lab.stop_process("milter")
            db = sqlite3.connect(f"file:{lab.path('db', 'zaguan.db')}?mode=ro", uri=True)
            sources = db.execute("SELECT count(*) FROM lane_source").fetchone()[0]
            db.close()
            self.assertEqual(sources, 300 - len(held))


if __name__ == "__main__":
    unittest.main()
