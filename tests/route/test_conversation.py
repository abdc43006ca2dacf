"""From invitation to forgetting, by mail alone, through Postfix's pipe to zaguan-answer."""

import email
import email.policy
import email.utils
import threading
import unittest

from lab import Lab, wait_until
from mails import ANA, EVA, LIST, LUZ, SOCIA, STRANGER, held_mail, mail

PURSUIT = ("Sé muy bien dónde vives y a qué hora sales cada mañana del trabajo. Nadie te va a creer\r\n"
           "cuando lo cuentes, y la próxima vez que hables en esa radio vas a ver lo que pasa contigo\r\n"
           "y con toda tu familia. Todavía estás a tiempo de callarte y de desaparecer.\r\n")


def text_of(mail):
    return email.message_from_bytes(mail, policy=email.policy.default).get_body(("plain",)).get_content()


class Conversation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.lab.start()
        cls.addClassCleanup(cls.lab.stop)
        cls.lab.add_list("route.zl", LIST)
        cls.lab.member(ANA)

    def setUp(self):
        self.clear()

    def clear(self):
        for row in self.lab.held():
            self.lab.zaguan("held", "release", str(row["id"]))
        wait_until(lambda: not self.lab.held() and not self.lab.queue_size(), what="an empty zaguan")
        self.settle()

    def settle(self):
        self.before = self.lab.settle(ANA)

    def hold(self, **more):
        held = len(self.lab.held())
        self.lab.send(held_mail(**more), "nn@extrano.example", [ANA], **STRANGER)
        wait_until(lambda: len(self.lab.held()) == held + 1, what="the hold")

    def digest(self, member=ANA):
        before = len(self.lab.mails(member))
        self.lab.zaguan("digest", "--member", member)
        return self.lab.wait_for_mail(member, before + 1)[before]

    def answer(self, digest, words, receipts=1, **more):
        before = len(self.lab.mails(ANA))
        self.lab.answer(digest, words, **more)
        return self.lab.wait_for_mail(ANA, before + receipts)[before:]

    def test_invitation_yes_and_stop(self):
        self.lab.zaguan("member", "invite", EVA, "--language", "pt")
        invitation = self.lab.wait_for_mail(EVA, 1)[0]
        # Nothing before a yes.
        self.lab.send(held_mail(to=EVA), "nn@extrano.example", [EVA], **STRANGER)
        self.lab.wait_for_mail(EVA, 2)
        self.lab.answer(invitation, "sim")
        self.lab.wait_for_mail(EVA, 3)
        self.lab.send(held_mail(to=EVA), "nn@extrano.example", [EVA], **STRANGER)
        wait_until(lambda: len(self.lab.held()) == 1, what="the hold after her yes")
        digest = self.digest(EVA)
        self.lab.answer(digest, "parar")
        wait_until(lambda: "off" in self.lab.zaguan("member", "show", EVA), what="off")
        count = len(self.lab.mails(EVA))
        self.lab.send(held_mail(to=EVA), "nn@extrano.example", [EVA], **STRANGER)
        self.lab.wait_for_mail(EVA, count + 1)

    def test_silence_and_no_are_a_no(self):
        self.lab.zaguan("member", "invite", SOCIA, "--language", "en")
        invitation = self.lab.wait_for_mail(SOCIA, 1)[0]
        self.lab.answer(invitation, "Who is this?")
        self.lab.wait_for_queue()
        count = len(self.lab.mails(SOCIA))
        self.lab.send(held_mail(to=SOCIA), "nn@extrano.example", [SOCIA], **STRANGER)
        wait_until(lambda: len(self.lab.mails(SOCIA)) > count, what="her mail, untouched")
        self.assertEqual(self.lab.held(), [])

    def test_a_digest_at_count_says_nothing_of_the_mail(self):
        self.hold(subject="Palabrasubjeto unica")
        digest = self.digest()
        whole = text_of(digest) + digest.decode("utf-8", "replace")
        for word in ("Palabrasubjeto", "unica", "extrano", "nn@", "N. N.", "prohibida", "prueba"):
            self.assertNotIn(word, whole)
        self.assertIn("route", whole)

    def test_release_by_reply_and_its_receipt(self):
        self.hold()
        new = self.answer(self.digest(), "soltar 1", receipts=2)
        self.assertEqual(sum(b"prohibida" in m for m in new), 1)
        self.assertEqual(sum(b"auto-replied" in m for m in new), 1)
        self.assertEqual(self.lab.held(), [])

    def test_two_answers_at_once_release_one_copy(self):
        self.hold()
        digest = self.digest()
        self.settle()
        threads = [threading.Thread(target=self.lab.answer, args=(digest, "soltar 1")) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.lab.wait_for_mail(ANA, self.before + 3)
        self.settle()
        new = self.lab.mails(ANA)
        self.assertEqual(sum(b"frase de prueba prohibida" in m for m in new[-3:]), 1)

    def nothing_changes(self, send):
        self.hold()
        digest = self.digest()
        send(digest)
        self.settle()
        rows = self.lab.held()
        self.assertEqual(len(rows), 1)

    def raw_reply(self, digest, fields, words, to=None):
        message = email.message_from_bytes(digest)
        to = to or email.utils.parseaddr(message["Reply-To"] or message["From"])[1]
        reply = (f"From: <{ANA}>\r\nTo: <{to}>\r\nSubject: Re: x\r\n"
                 f"Message-ID: {email.utils.make_msgid()}\r\n{fields}\r\n{words}\r\n").encode()
        self.lab.send(reply, ANA, [to], client_ip="192.0.2.1", helo="mx.coop.example")

    def test_a_bare_reply_changes_nothing(self):
        self.nothing_changes(lambda d: self.raw_reply(d, "", ""))

    def test_a_quoted_command_changes_nothing(self):
        self.nothing_changes(lambda d: self.raw_reply(d, "", "Gracias.\r\n\r\n> soltar 1"))

    def test_an_autoresponder_changes_nothing(self):
        self.nothing_changes(
            lambda d: self.raw_reply(d, "Auto-Submitted: auto-replied\r\n", "soltar 1"))

    def test_a_wrong_token_changes_nothing(self):
        self.nothing_changes(
            lambda d: self.raw_reply(d, "", "soltar 1",
                                     to="zaguan+aaaaaaaaaaaaaaaaaaaaaaaaaa@coop.example"))

    def test_no_token_changes_nothing(self):
        self.nothing_changes(lambda d: self.raw_reply(d, "", "soltar 1", to="zaguan@coop.example"))

    def test_delete_can_be_undone(self):
        self.hold()
        digest = self.digest()
        self.answer(digest, "borrar 1")
        self.assertEqual(self.lab.held(), [])
        self.answer(digest, "undo")
        self.assertEqual(len(self.lab.held()), 1)

    def test_see_goes_one_step_at_a_time(self):
        self.hold(subject="Palabrasubjeto")
        digest = self.digest()
        who = text_of(self.answer(digest, "ver 1")[0])
        self.assertIn("extrano.example", who)
        self.assertNotIn("Palabrasubjeto", who)
        subject = text_of(self.answer(digest, "ver 1")[0])
        self.assertIn("Palabrasubjeto", subject)
        self.assertNotIn("prohibida", subject)
        self.assertIn("prohibida", text_of(self.answer(digest, "ver 1")[0]))

    def test_a_forged_from_with_the_token_is_her(self):
        self.hold()
        self.answer(self.digest(), "soltar 1", receipts=2, sender="otra@amiga.example")
        self.assertEqual(self.lab.held(), [])

    # --- who was blocked comes again ---

    def to_luz(self, body, sender, extra=b"", signed_by=None):
        """What she has after it: the new copy, or None when it is held."""
        held, had = len(self.lab.held(LUZ)), len(self.lab.mails(LUZ))
        sent = mail(body.encode(), sender=sender, to=LUZ, extra=extra)
        if signed_by:
            sent = self.lab.sign(sent, signed_by)
        self.lab.send(sent, sender, [LUZ], **STRANGER)
        wait_until(lambda: len(self.lab.held(LUZ)) > held or len(self.lab.mails(LUZ)) > had,
                   what="delivery or hold")
        return self.lab.mails(LUZ)[-1] if len(self.lab.mails(LUZ)) > had else None

    def luz_answers(self, digest, words, more=1):
        had = len(self.lab.mails(LUZ))
        self.lab.answer(digest, words)
        return self.lab.wait_for_mail(LUZ, had + more)[had:]

    def test_who_was_blocked_is_known_again(self):
        self.lab.member(LUZ, reveal="who")
        # She blocks one whose mail was held.
        answers_to = b"Reply-To: <buzon@malo.example>\r\n"
        first = self.to_luz("Una frase de prueba prohibida.\r\n" + PURSUIT, "malo@extrano.example",
                            answers_to, signed_by="extrano.example")
        self.assertIsNone(first)
        blocking = self.digest(LUZ)
        self.assertIn("resembling", text_of(self.luz_answers(blocking, "bloquear 1")[0]))

        # With another tag it is the same sender; under new addresses he is tagged.
        self.assertIsNone(self.to_luz("Hola.\r\n", "malo+2@extrano.example"))
        for body, sender, extra, server in (
                (PURSUIT, "nadie@otro.example", b"", None),
                ("Hola.\r\n", "x@extrano.example", answers_to, None),
                ("Hola.\r\n", "buzon@malo.example", b"", "extrano.example")):
            copy = self.to_luz(body, sender, extra, server)
            self.assertIsNotNone(copy)
            self.assertIn(b"X-Zaguan: tag; resembles; resembles", copy)
        # Whom he named without his server's word is not he. Another stranger passes, and so does his
        # text to who did not block him.
        for sender in ("buzon@malo.example", "sol@otro.example"):
            self.assertNotIn(b"X-Zaguan", self.to_luz("Nos vemos el lunes.\r\n", sender))
        self.lab.send(mail(PURSUIT.encode()), "nadie@otro.example", [ANA], **STRANGER)
        self.assertNotIn(b"X-Zaguan", self.lab.wait_for_mail(ANA, self.before + 1)[-1])

        # She wants them held; the digest and explain say why.
        self.luz_answers(blocking, "ajuste parecidos retener")
        self.assertIsNone(self.to_luz(PURSUIT, "nadie@otro.example"))
        digest = self.digest(LUZ)
        self.assertIn("se parece a alguien que bloqueaste: casi el mismo texto", text_of(digest))
        path = self.lab.path("explained.eml")
        with open(path, "wb") as f:
            f.write(mail(PURSUIT.encode(), sender="tercera@otro.example", to=LUZ))
        self.assertIn("hold\n    because of resembles (text)",
                      self.lab.zaguan("explain", path, "--to", LUZ))

        # "not abuse" to that one: now he is somebody else, and nobody besides him.
        number = next(line.split()[0] for line in text_of(digest).splitlines()
                      if "casi el mismo texto" in line)
        self.luz_answers(digest, f"no es abuso {number}", more=2)
        self.assertIsNotNone(self.to_luz(PURSUIT, "nadie@otro.example"))
        self.assertIsNone(self.to_luz(PURSUIT, "tercera@otro.example"))

        # Taking the block back forgets all that it taught.
        self.luz_answers(blocking, "dejar pasar 1", more=2)
        self.assertNotIn(b"X-Zaguan", self.to_luz(PURSUIT, "cuarta@otro.example"))
        self.assertIn("traits of senders she blocked: 0", self.lab.zaguan("member", "show", LUZ))


if __name__ == "__main__":
    unittest.main()
