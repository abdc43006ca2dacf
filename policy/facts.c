#include "policy/facts.h"

#include "common/mail/fold.h"
#include "common/mail/header.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define SUBJECT_BYTES 300 /* a longer one is no login code */

/* Phrases of subjects as fold_text() leaves them (no accents, lower case), by language. */
static const char *const transactional[] = {
    /* es */
    "codigo de verificacion",
    "codigo de seguridad",
    "codigo de acceso",
    "codigo de confirmacion",
    "codigo de inicio de sesion",
    "codigo de un solo uso",
    "es tu codigo",
    "es su codigo",
    "confirma tu correo",
    "confirma tu cuenta",
    "confirma tu direccion",
    "confirme su correo",
    "confirme su cuenta",
    "verifica tu correo",
    "verifica tu cuenta",
    "verifique su correo",
    "restablece tu contrasena",
    "restablecer tu contrasena",
    "restablecer su contrasena",
    "restablecer contrasena",
    "recuperar contrasena",
    "recupera tu contrasena",
    "activa tu cuenta",
    "nuevo inicio de sesion",
    /* pt */
    "codigo de verificacao",
    "codigo de seguranca",
    "codigo de acesso",
    "codigo de confirmacao",
    "codigo de login",
    "e o seu codigo",
    "e seu codigo",
    "confirme seu e-mail",
    "confirme o seu e-mail",
    "confirme seu email",
    "confirme sua conta",
    "confirme a sua conta",
    "verifique seu e-mail",
    "verifique seu email",
    "redefinir sua senha",
    "redefinir senha",
    "redefinicao de senha",
    "recuperar senha",
    "recuperacao de senha",
    "repor a sua palavra-passe",
    "ative sua conta",
    "novo login",
    /* en */
    "verification code",
    "security code",
    "login code",
    "log-in code",
    "sign-in code",
    "sign in code",
    "access code",
    "confirmation code",
    "one-time code",
    "one-time password",
    "one-time passcode",
    "single-use code",
    "confirm your email",
    "confirm your e-mail",
    "confirm your account",
    "verify your email",
    "verify your e-mail",
    "verify your account",
    "reset your password",
    "password reset",
    "activate your account",
    "new sign-in",
    "new login",
};

/* Of those the ones that confirm an account: in a burst they are the bomb, not what she asked for.
 */
static const char *const confirmations[] = {
    /* es */
    "confirma tu", "confirme su", "verifica tu c", "verifique su c", "activa tu cuenta",
    "confirmar suscripcion", "gracias por suscribirte", "gracias por registrarte",
    "confirmacion de suscripcion", "bienvenida a nuestro boletin",
    /* pt */
    "confirme seu", "confirme o seu", "confirme sua", "confirme a sua", "verifique seu",
    "ative sua conta", "confirmar inscricao", "confirmacao de inscricao",
    "obrigado por se inscrever", "obrigada por se inscrever",
    /* en */
    "confirm your", "verify your", "activate your account", "confirm subscription",
    "subscription confirm", "thanks for subscribing", "thank you for subscribing",
    "thanks for signing up", "welcome to our newsletter", "please confirm"};

/* What a person writes, however short: a reply or a forward is never a code of the moment. */
static bool is_conversation(struct slice subject)
{
    static const char *const marks[] = {"re:", "fw:", "fwd:", "rv:", "enc:", "res:"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (slice_starts_with_nocase(subject, marks[i]))
            return true;
    return false;
}

static bool holds_one_of(struct slice text, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_find(text, slice_of(phrases[i])) < text.size)
            return true;
    return false;
}

static int read_subject(struct slice header, struct arena *arena, struct facts *facts,
                        struct error *err)
{
    struct header_field field;
    struct folded folded;
    facts->is_transactional = facts->is_confirmation = facts->is_login_code = false;
    if (!header_find(header, "Subject", &field))
        return 0;
    struct slice subject = slice_trim(header_decode(field.value, arena));
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    if (slice_is_empty(subject) || subject.size > SUBJECT_BYTES || is_conversation(subject))
        return 0;
    if (fold_text(subject, FOLD_PLAIN, arena, &folded, err) != 0)
        return -1;
    facts->is_transactional = holds_one_of(folded.text, transactional, COUNT(transactional));
    facts->is_confirmation = holds_one_of(folded.text, confirmations, COUNT(confirmations));
    facts->is_login_code = facts->is_transactional && !facts->is_confirmation;
    return 0;
}

/* The first field of that name, unfolded; empty when there is none. */
static struct slice value_of(struct slice header, const char *name, struct arena *arena)
{
    struct header_field field;
    if (!header_find(header, name, &field))
        return (struct slice){NULL, 0};
    return header_unfold(field.value, arena);
}

static bool is_automatic(struct slice header, struct arena *arena)
{
    struct slice submitted = value_of(header, "Auto-Submitted", arena), word;
    struct slice precedence = value_of(header, "Precedence", arena);
    if (header_count(header, "List-Id") > 0 || header_count(header, "List-Unsubscribe") > 0)
        return true;
    /* RFC 3834 section 5: the keyword ends at a blank or semicolon; "no" is a person's mail */
    if (slice_next(&submitted, ';', &word) && !slice_is_empty(slice_trim(word)) &&
        !slice_is_nocase(slice_trim(word), "no"))
        return true;
    return slice_is_nocase(precedence, "bulk") || slice_is_nocase(precedence, "list") ||
           slice_is_nocase(precedence, "junk") || slice_is_nocase(precedence, "auto_reply");
}

int facts_read_message(struct slice message, struct arena *arena, struct facts *facts,
                       struct error *err)
{
    struct slice body = header_body(message);
    struct slice header = slice_part(message, 0, message.size - body.size);
    struct facts read = *facts;
    if (read_subject(header, arena, &read, err) != 0)
        return -1;
    read.is_automatic = is_automatic(header, arena);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *facts = read;
    return 0;
}
