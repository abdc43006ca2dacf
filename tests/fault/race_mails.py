"""Mails for race_milter.py: one of each kind that asks the milter for something its threads share."""

import os

LIST = """%zaguan-list 1
%name        race
%list-id     00000000000000ac
%seq         {seq}
%issued      2026-11-01T00:00:00Z
%scope       What race_milter.py plays.
%languages   es
%max-action  hold

+ phrase "frase de prueba prohibida"
  id 00000001  cat threat  sev 4  lang es  scope subject,body
  added 2026-11-01  expires 2027-10-01  basis own
  yes "Frase de prueba prohibida"
  no  "frase de prueba"
+ re "frase (?:numero|cosa) {seq}.{{0,30}}para marcar"
  id 00000002  cat hate  sev 2  lang es  scope subject,body
  added 2026-11-01  expires 2027-10-01  basis own
  yes "frase numero {seq} para marcar"
  yes "frase cosa {seq} y para marcar"
  no  "frase numero"
  no  "para marcar"
@end 2
"""
LONG = " ".join(f"palabra{i} de una carta larga que nadie más escribe" for i in range(60))


def mail(body, sender, name, more="", kind="text/plain"):
    return (f"From: {name} <{sender}>\r\nTo: ana@example.org\r\nSubject: Aviso de {name}\r\n"
            f"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{abs(hash((body, sender)))}@x>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: {kind}; charset=utf-8\r\n{more}\r\n{body}\r\n").encode()


def strangers(turn):
    """To members, other bytes each turn: held, marked, alike, in a member's name, automatic, a login code, and plain ones."""
    for i in range(6):
        who = f"nn{i}@d{i}.example"
        yield mail(f"Una frase de prueba prohibida {turn}.", who, "N. N.")
        yield mail(f"frase numero {turn + i} para marcar", who, "N. N.")
        yield mail(LONG.replace("palabra7", f"otra{i}"), f"otro{i}@nuevo{i}.example", "Otro Nombre")
        yield mail("¿Me haces un favor?", f"jefa{i}@lejos{i}.example", f"Ana Ruiz Nombre{i}")
        yield mail("Confirma tu correo.", f"alta@boletin{i}.example", "Boletín",
                   "List-Unsubscribe: <https://b.example/x>\r\nPrecedence: bulk\r\n")
        yield mail(f"Tu código es {i}83921", f"codigo@banco{i}.example", "Banco",
                   "Auto-Submitted: auto-generated\r\n")
        yield mail("<p>Hola <b>Ana</b>, nos vemos el jueves.</p>", f"eva{i}@amiga.example", "Eva",
                   kind="text/html")


def own():
    """By a member who is logged in: each with another name, so that one is learnt each time."""
    for i in range(20):
        yield mail("Nos vemos mañana.", "ana@example.org", f"Ana Ruiz Nombre{i}")


def write(folder, name, mails):
    paths = []
    for i, content in enumerate(mails):
        paths.append(os.path.join(folder, f"{name}{i:03}.eml"))
        with open(paths[-1] + ".new", "wb") as f:
            f.write(content)
        os.rename(paths[-1] + ".new", paths[-1])
    return paths
