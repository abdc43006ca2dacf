"""Released mail is the mail that came: the same bytes, the original sender, DKIM still valid."""

import smtplib
import unittest

from lab import Lab, wait_until
from mails import ANA, LIST, STRANGER, held_mail, mail, only_trace, trace_of

BODY = b"Una frase de prueba prohibida.\r\n"

# name, canonicalisation, fields in the signature's way, body
VARIANTS = [
    ("simple-simple", (b"simple", b"simple"), b"", BODY),
    ("relaxed-relaxed", (b"relaxed", b"relaxed"), b"", BODY),
    ("simple-relaxed", (b"simple", b"relaxed"), b"", BODY),
    ("folded headers with odd white space", (b"simple", b"simple"),
     b"X-Odd:  a\r\n\t  b \r\n \tc\r\nComments:none\r\nKeywords:\r\n two\r\n", BODY),
    ("8-bit header and body", (b"simple", b"simple"), b"X-8bit: \xe1\xe9\xed\r\n",
     BODY + b"\xe1\xe9\xed \xc3\xb1\r\n"),
    ("long lines", (b"simple", b"simple"), b"", BODY + b"z" * 990 + b"\r\n" + b"y" * 1990 + b"\r\n"),
    ("dots at the beginning of lines", (b"simple", b"simple"), b"", BODY + b".\r\n..\r\n.x\r\n"),
    ("empty lines at the end", (b"simple", b"simple"), b"", BODY + b"\r\n\r\n\r\n"),
    ("white space at ends of lines", (b"relaxed", b"relaxed"), b"", BODY + b"a  \t\r\n \r\n\tb\r\n"),
    ("no final newline", (b"simple", b"simple"), b"", BODY + b"final"),
    ("base64", (b"relaxed", b"simple"), b"X-Note: body in base64\r\n", BODY),
]


def send_by_bdat(lab, sender, to, content):
    """RFC 3030: the only way to send a message that does not end with a line end."""
    s = lab.smtp(**STRANGER)
    assert s.has_extn("chunking")
    assert s.mail(sender)[0] == 250 and s.rcpt(to)[0] == 250
    s.sock.sendall(b"BDAT %d LAST\r\n" % len(content) + content)
    code, text = s.getreply()
    s.quit()
    if code != 250:
        raise smtplib.SMTPDataError(code, text)


class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.lab.start()
        cls.addClassCleanup(cls.lab.stop)
        cls.lab.add_list("route.zl", LIST)
        cls.lab.member(ANA)

    def release_all(self):
        for row in self.lab.held():
            self.lab.zaguan("held", "release", str(row["id"]))

    def hold(self, send, *words, **more):
        held = len(self.lab.held())
        send(*words, **more)
        wait_until(lambda: len(self.lab.held()) == held + 1, what="the hold")

    def test_every_variant_comes_back_byte_for_byte(self):
        for name, canonicalize, extra, body in VARIANTS:
            with self.subTest(name):
                before = len(self.lab.mails(ANA))
                sent = self.lab.sign(mail(body, extra=extra), "extrano.example",
                                     canonicalize=canonicalize)
                if body.endswith(b"\r\n"):
                    self.hold(self.lab.send, sent, "nn@extrano.example", [ANA], **STRANGER)
                else:
                    self.hold(send_by_bdat, self.lab, "nn@extrano.example", ANA, sent)
                    sent += b"\r\n"  # Postfix ends the last line
                self.release_all()
                copy = self.lab.wait_for_mail(ANA, before + 1)[before]
                self.assertTrue(only_trace(copy, sent), copy[:3000])
                self.assertTrue(self.lab.verify(sent), "the test's own signature")
                self.assertTrue(self.lab.verify(copy), "after release")

    def test_trace_tells_of_the_arrival(self):
        before = len(self.lab.mails(ANA))
        sent = self.lab.sign(held_mail(), "extrano.example")
        self.hold(self.lab.send, sent, "nn@extrano.example", [ANA], **STRANGER)
        self.release_all()
        copy = self.lab.wait_for_mail(ANA, before + 1)[before]
        trace = trace_of(copy, sent)
        self.assertIn(b"Return-Path: <nn@extrano.example>", trace)
        self.assertIn(b"198.51.100.66", trace)
        self.assertIn(b"mx.extrano.example", trace)
        self.assertIn(b"Authentication-Results: mx.coop.example", trace)
        for word in (b"spf=pass", b"dkim=pass", b"dmarc=pass"):
            self.assertIn(word, trace)

    def test_the_released_mail_is_not_held_again(self):
        before = len(self.lab.mails(ANA))
        self.hold(self.lab.send, held_mail(), "nn@extrano.example", [ANA], **STRANGER)
        self.release_all()
        self.lab.wait_for_mail(ANA, before + 1)
        self.assertEqual(self.lab.held(), [])

    def test_odd_senders_come_back_as_they_were(self):
        for sender in ('"a b"@extrano.example', "", "a+tag=x@extrano.example",
                       "prvs=1234/abc@extrano.example"):
            with self.subTest(sender):
                before = len(self.lab.mails(ANA))
                self.hold(self.lab.send, held_mail(), sender, [ANA], **STRANGER)
                self.release_all()
                copy = self.lab.wait_for_mail(ANA, before + 1)[before]
                self.assertTrue(copy.startswith(b"Return-Path: <" + sender.encode() + b">"), copy[:200])

    def test_a_retry_of_the_same_mail_is_one_item(self):
        sent = held_mail()
        self.hold(self.lab.send, sent, "nn@extrano.example", [ANA], **STRANGER)
        self.lab.send(sent, "nn@extrano.example", [ANA], **STRANGER)
        rows = self.lab.held()
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["arrivals"], 2)
        before = len(self.lab.mails(ANA))
        self.release_all()
        self.lab.wait_for_mail(ANA, before + 1)
        self.lab.wait_for_queue()
        self.assertEqual(len(self.lab.mails(ANA)), before + 1)

    def test_a_release_waits_while_the_listener_is_away(self):
        before = len(self.lab.mails(ANA))
        self.hold(self.lab.send, held_mail(), "nn@extrano.example", [ANA], **STRANGER)
        self.lab.postfix("stop")
        self.release_all()
        wait_until(lambda: "release" in self.lab.log("review"), what="a try")
        self.lab.postfix("start")
        self.lab.wait_for_mail(ANA, before + 1, seconds=60)
        self.lab.wait_for_queue()
        self.assertEqual(len(self.lab.mails(ANA)), before + 1)


if __name__ == "__main__":
    unittest.main()
