"""mails: what the route tests send. Bytes with CRLF; `threat()` is what the list of the lab finds."""

import email.utils
import os

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases", "demo")

ANA, EVA, LUZ, SOCIA = ("ana@coop.example", "eva@coop.example", "luz@coop.example",
                        "socia@coop.example")
FRIEND = dict(client_ip="192.0.2.10", helo="mx.amiga.example")
STRANGER = dict(client_ip="198.51.100.66", helo="mx.extrano.example")

# A list of the tests' own: one phrase that no real mail holds, so that what is promised of holding
# does not hang on the wording of the shipped lists.
LIST = """%zaguan-list 1
%name        route
%list-id     00000000000000aa
%seq         1
%issued      2026-11-01T00:00:00Z
%scope       What the route tests hold.
%languages   es
%max-action  hold

+ phrase "frase de prueba prohibida"
  id 00000001  cat threat  sev 4  lang es  scope subject,body
  added 2026-11-01  expires 2027-10-01  basis own
  yes "Frase de prueba prohibida"
  no  "frase de prueba"
+ phrase "frase para marcar"
  id 00000002  cat hate  sev 2  lang es  scope subject,body
  added 2026-11-01  expires 2027-10-01  basis own
  yes "una frase para marcar"
  no  "frase"
@end 2
"""


def text(name):
    with open(os.path.join(CASES, name + ".txt"), encoding="utf-8") as f:
        return f.read().rstrip("\n")


def mail(body=b"Hola.\r\n", sender="nn@extrano.example", to=ANA, subject="Aviso", extra=b""):
    fields = (f"From: N. N. <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
              f"Date: {email.utils.formatdate()}\r\n"
              f"Message-ID: {email.utils.make_msgid(domain=sender.split('@')[1])}\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 8bit\r\n").encode()
    return fields + extra + b"\r\n" + body


def held_mail(**more):
    return mail(b"Una frase de prueba prohibida.\r\n", **more)


def lines_of(mail_bytes):
    return mail_bytes.replace(b"\r\n", b"\n")


TRACE = (b"return-path", b"x-original-to", b"delivered-to", b"received", b"authentication-results")


def trace_of(delivered, sent):
    """The fields on top of the bytes that were sent; None when those bytes are not there."""
    sent = lines_of(sent)
    if not delivered.endswith(sent):
        return None
    return delivered[:-len(sent)]


def only_trace(delivered, sent, more=()):
    """True when the copy is what was sent with nothing but trace fields on top."""
    trace = trace_of(delivered, sent)
    if trace is None:
        return False
    names = [l.split(b":")[0].lower() for l in trace.split(b"\n") if l and l[:1] not in b" \t"]
    return all(n in TRACE + tuple(more) for n in names)
