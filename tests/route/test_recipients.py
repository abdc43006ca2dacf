"""One message, several people: each gets her own outcome, and nothing tells of the others."""

import unittest

from lab import Lab, raw_send, wait_until
from mails import (ANA, EVA, FRIEND, LIST, LUZ, SOCIA, STRANGER, held_mail, lines_of, mail, only_trace,
                   trace_of)


LUISA = "luisa.mora@coop.example"


class Recipients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(mailboxes=["luisa.mora", *(f"r{i}" for i in range(1000))])
        cls.lab.start()
        cls.addClassCleanup(cls.lab.stop)
        cls.lab.add_list("route.zl", LIST)
        cls.lab.member(ANA)
        cls.lab.member(EVA, **{"category.threat": "tag"})
        cls.lab.member(LUISA)

    def setUp(self):
        self.before = {a: len(self.lab.mails(a)) for a in (ANA, EVA, LUZ, SOCIA)}
        self.held = len(self.lab.held())

    def new_mails(self, address, count=1):
        return self.lab.wait_for_mail(address, self.before[address] + count)[self.before[address]:]

    def new_held(self):
        return len(self.lab.held()) - self.held

    def test_held_for_the_member_and_untouched_for_the_other(self):
        sent = held_mail(to=f"{ANA}, {LUZ}")
        self.lab.send(sent, "nn@extrano.example", [ANA, LUZ], **STRANGER)
        copy = self.new_mails(LUZ)[0]
        self.assertTrue(only_trace(copy, sent), copy[:2000])
        self.assertNotIn(b"ana@", trace_of(copy, sent))
        self.assertNotIn(b"aguan", trace_of(copy, sent))
        self.assertEqual(self.new_held(), 1)
        self.assertEqual(len(self.lab.mails(ANA)), self.before[ANA])

    def test_held_for_all_is_delivered_to_nobody(self):
        self.lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
        self.lab.wait_for_queue()
        self.assertEqual(self.new_held(), 1)
        self.assertEqual(len(self.lab.mails(ANA)), self.before[ANA])

    def test_a_tag_is_on_her_copy_alone(self):
        sent = held_mail(to=f"{ANA}, {EVA}, {LUZ}")
        self.lab.send(sent, "nn@extrano.example", [ANA, EVA, LUZ], **STRANGER)
        tagged = self.new_mails(EVA)[0]
        self.assertTrue(only_trace(tagged, sent, more=[b"x-zaguan"]), tagged[:2000])
        self.assertIn(b"X-Zaguan: tag; threat; route; 00000001", tagged)
        plain = self.new_mails(LUZ)[0]
        self.assertTrue(only_trace(plain, sent))
        self.assertNotIn(b"eva@", trace_of(plain, sent))
        self.assertEqual(self.new_held(), 1)

    def test_a_tag_for_every_recipient_is_put_on_top_at_once(self):
        sent = self.lab.sign(held_mail(to=EVA), "extrano.example")
        self.lab.send(sent, "nn@extrano.example", [EVA], **STRANGER)
        tagged = self.new_mails(EVA)[0]
        self.assertIn(b"X-Zaguan: tag; threat; route; 00000001", tagged)
        self.assertTrue(only_trace(tagged, sent, more=[b"x-zaguan"]))
        self.assertTrue(self.lab.verify(tagged))

    def test_mail_of_those_who_did_not_say_yes_is_identical(self):
        bodies = [b"uno\r\n", b"..puntos\r\n.\xc3\xb1\r\n", b"x" * 900 + b"\r\n", b"", b"\r\n\r\n\r\n",
                  b"sin fin de linea"]
        odd = (b"X-Odd:   \tfolded\r\n\t  value  \r\n", b"Subject:no space\r\n", b"X-Empty:\r\n",
               b"X-Long: " + b"y" * 1500 + b"\r\n", b"X-8bit: \xe1\xe9\r\n", b"x-case: A\r\nX-CASE: B\r\n")
        for number, (body, extra) in enumerate(zip(bodies, odd)):
            with self.subTest(number=number):
                sent = mail(body, to=LUZ, extra=extra)
                if not sent.endswith(b"\r\n"):
                    sent += b"\r\n"
                before = len(self.lab.mails(LUZ))
                self.lab.send(sent, "nn@extrano.example", [LUZ], **STRANGER)
                copy = self.lab.wait_for_mail(LUZ, before + 1)[before]
                self.assertTrue(only_trace(copy, sent), copy)
                self.assertEqual(copy.count(b"\nAuthentication-Results: mx.coop.example"), 1)

    def test_a_forged_authentication_results_field_is_removed(self):
        forged = (b"Authentication-Results: mx.coop.example; spf=pass; dkim=pass; dmarc=pass\r\n"
                  b"Authentication-Results: other.example; spf=pass\r\n")
        self.lab.send(forged + mail(to=LUZ), "nn@extrano.example", [LUZ], **FRIEND)
        copy = self.new_mails(LUZ)[0]
        self.assertEqual(copy.count(b"Authentication-Results: mx.coop.example"), 1)
        self.assertIn(b"Authentication-Results: other.example; spf=pass", copy)
        self.assertRegex(copy, rb"Authentication-Results: mx\.coop\.example;?\s[^\n]*\s*spf=fail|spf=fail")

    def test_results_of_a_signed_mail_are_written(self):
        sent = self.lab.sign(mail(sender="bea@amiga.example", to=LUZ), "amiga.example")
        self.lab.send(sent, "bea@amiga.example", [LUZ], **FRIEND)
        copy = self.new_mails(LUZ)[0]
        for word in (b"spf=pass", b"dkim=pass", b"dmarc=pass"):
            self.assertIn(word, copy)

    def test_a_tagged_recipient_is_the_member(self):
        self.lab.send(held_mail(), "nn@extrano.example", ["ana+lista@coop.example"], **STRANGER)
        self.lab.wait_for_queue()
        self.assertEqual(self.new_held(), 1)

    def test_null_sender_is_held_and_delivered_like_any_other(self):
        self.lab.send(held_mail(), "", [ANA], **STRANGER)
        self.lab.send(mail(to=LUZ), "", [LUZ], **STRANGER)
        self.new_mails(LUZ)
        self.assertEqual(self.new_held(), 1)

    def test_smtputf8_is_taken(self):
        s = self.lab.smtp(**STRANGER)
        s.command_encoding = "utf-8"
        raw_send(s, "\u00f1and\u00fa@extrano.example", [LUZ], mail(to=LUZ), ["SMTPUTF8"])
        raw_send(s, "\u00f1and\u00fa@extrano.example", [ANA], held_mail(), ["SMTPUTF8"])
        s.quit()
        self.new_mails(LUZ)
        self.assertEqual(self.new_held(), 1)

    def test_several_messages_in_one_connection(self):
        s = self.lab.smtp(**STRANGER)
        raw_send(s, "nn@extrano.example", [ANA], held_mail())
        s.mail("nn@extrano.example")
        s.rset()
        raw_send(s, "nn@extrano.example", [LUZ], mail(to=LUZ))
        s.mail("nn@extrano.example")
        s.rcpt(ANA)
        s.rset()
        raw_send(s, "nn@extrano.example", [ANA, LUZ], held_mail())
        s.quit()
        self.assertEqual(len(self.new_mails(LUZ, 2)), 2)
        self.assertEqual(self.new_held(), 2)

    def test_aborts_at_every_stage_leave_nothing_behind(self):
        def connect(s):
            pass

        def sender(s):
            s.mail("nn@extrano.example")

        def recipient(s):
            s.mail("nn@extrano.example")
            s.rcpt(ANA)

        def data(s):
            s.mail("nn@extrano.example")
            s.rcpt(ANA)
            s.docmd("DATA")

        def half_header(s):
            data(s)
            s.sock.sendall(b"From: x@extrano.example\r\nSubj")

        def half_body(s):
            data(s)
            s.sock.sendall(held_mail()[:-5])

        for stage in (connect, sender, recipient, data, half_header, half_body):
            s = self.lab.smtp(**STRANGER)
            stage(s)
            s.sock.close()
        self.lab.send(mail(to=LUZ), "nn@extrano.example", [LUZ], **STRANGER)
        self.new_mails(LUZ)
        self.assertEqual(self.new_held(), 0)

    def named(self, name, to, sender="nn@extrano.example", **how):
        """Her copy of a mail with this display name, delivered through the inbound listener."""
        before = len(self.lab.mails(to))
        sent = mail(to=to, sender=sender).replace(b"From: N. N.", f"From: {name}".encode())
        if how.pop("is_signed", False):
            sent = self.lab.sign(sent, sender.split("@")[1])
        self.lab.send(sent, sender, [to], **(how or STRANGER))
        copy = self.lab.wait_for_mail(to, before + 1)[before]
        self.assertTrue(copy.endswith(lines_of(sent)), copy)
        return copy

    def test_who_comes_as_one_of_the_household_is_told_on_her_copy(self):
        told = b"X-Zaguan: tag; impersonation; impersonates"
        other = "nn@extrano.example"
        for name, sender, part in (("Luisa Mora", other, b"name"),
                                   (f'"{LUISA}"', other, b"shown-address"),
                                   ("Soporte Coop", other, b"server"),
                                   ("Luisa", "luisa@c0op.example", b"domain"),
                                   ("Luisa", LUISA, b"address")):  # from outside, unproven
            with self.subTest(name=name, sender=sender):
                self.assertIn(told + b"; " + part, self.named(name, ANA, sender))
                self.assertNotIn(b"X-Zaguan", self.named(name, LUZ, sender))
        for name, sender, how in (("Luisa", "nn@extrano.example", {}),
                                  ("Luisa Mora", LUISA, dict(is_signed=True)),
                                  ("Luisa Mora", "no-reply@amiga.example", FRIEND)):
            with self.subTest(name=name, sender=sender):
                self.assertNotIn(b"X-Zaguan", self.named(name, ANA, sender, **how))
        self.lab.zaguan("member", "set", ANA, "category.impersonation", "hold")
        self.lab.send(mail(sender="luisa@c0op.example"), "nn@extrano.example", [ANA], **STRANGER)
        self.lab.zaguan("member", "set", ANA, "category.impersonation", "tag")
        wait_until(lambda: self.new_held() == 1, what="the hold")
        self.assertEqual(self.lab.held()[-1]["category"], "impersonation")

    def test_the_name_of_who_logs_in_here_is_hers_from_then_on(self):
        told = b"X-Zaguan: tag; impersonation; impersonates"
        self.assertNotIn(told, self.named("Eva Luna Roca", ANA))
        s = self.lab.smtp(port=self.lab.inbound)
        s.docmd("XCLIENT", "ADDR=192.0.2.77 NAME=[UNAVAILABLE] LOGIN=eva")
        s.ehlo("laptop.example")
        own = mail(sender=EVA, to=LUZ).replace(b"From: N. N.", b"From: Eva Luna Roca")
        raw_send(s, EVA, [LUZ], own)
        s.quit()
        wait_until(lambda: told in self.named("Eva Luna Roca", ANA), 60, "her name to be known")
        self.assertNotIn(told, self.named("Luz Luna Roca", ANA))

    def test_a_thousand_recipients(self):
        to = [f"r{i}@coop.example" for i in range(999)] + [ANA]
        self.lab.send(held_mail(to="lista@extrano.example"), "nn@extrano.example", to, **STRANGER)
        wait_until(lambda: len(self.lab.mails("r998@coop.example")) >= 1, 60, "the last of 999")
        self.lab.wait_for_queue()
        self.assertEqual(sum(len(self.lab.mails(a)) for a in to[:999]), 999)
        self.assertEqual(self.new_held(), 1)

    def test_fifty_megabytes_pass_and_are_held(self):
        line = b"a" * 76 + b"\r\n"
        big = held_mail(to=f"{ANA}, {LUZ}") + line * (50 * 1024 * 1024 // len(line))
        self.lab.send(big, "nn@extrano.example", [ANA, LUZ], **STRANGER)
        copy = self.new_mails(LUZ)[0]
        self.assertTrue(only_trace(copy, big))
        self.assertEqual(self.new_held(), 1)
        peak = [l for l in open(f"/proc/{self.lab.processes['milter'].pid}/status")
                if l.startswith("VmHWM")]
        self.assertLess(int(peak[0].split()[1]), 500 * 1024, peak)


if __name__ == "__main__":
    unittest.main()
