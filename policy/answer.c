#include "policy/answer.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    char code_class; /* first digit of its enhanced status code; 0: it has none */
} actions[] = {
    [ANSWER_DUNNO] = {"DUNNO", 0},
    [ANSWER_PREPEND] = {"PREPEND", 0},
    [ANSWER_DEFER_IF_PERMIT] = {"DEFER_IF_PERMIT", '4'},
    [ANSWER_REJECT] = {"REJECT", '5'},
};

const char *answer_action_name(enum answer_action action)
{
    return actions[action].name;
}

void answer_dunno(struct answer *answer)
{
    *answer = (struct answer){.action = ANSWER_DUNNO, .rule = "none"};
}

static void set(struct answer *answer, enum answer_action action, const char *rule,
                const char *code, struct slice text)
{
    *answer = (struct answer){.action = action, .rule = rule};
    snprintf(answer->code, sizeof answer->code, "%s", code);
    text = slice_part(text, 0, sizeof answer->text - 1);
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        answer->text[i] = byte >= ' ' && byte <= '~' ? byte : '?';
    }
}

void answer_prepend(struct answer *answer, const char *rule, struct slice field)
{
    set(answer, ANSWER_PREPEND, rule, "", field);
}

void answer_defer(struct answer *answer, const char *rule, const char *code, struct slice text)
{
    set(answer, ANSWER_DEFER_IF_PERMIT, rule, code, text);
}

void answer_reject(struct answer *answer, const char *rule, const char *code, struct slice text)
{
    set(answer, ANSWER_REJECT, rule, code, text);
}

/* RFC 3463 section 2: class "." subject "." detail, each of up to three digits. */
static bool is_code(const char *code, char code_class)
{
    int dots = 0;
    if (code[0] != code_class || code[1] != '.')
        return false;
    for (const char *c = code + 1; *c != '\0'; c++) {
        if (*c == '.' && c[1] >= '0' && c[1] <= '9')
            dots++;
        else if (*c < '0' || *c > '9')
            return false;
    }
    return dots == 2;
}

/* RFC 5322 section 3.6.8: what Postfix would put in front of the message must be a field. */
static bool is_field(const char *text)
{
    const char *c = text;
    while (*c > ' ' && *c <= '~' && *c != ':')
        c++;
    return c > text && *c == ':';
}

static bool can_be_said(const struct answer *answer)
{
    char code_class = actions[answer->action].code_class;
    switch (answer->action) {
    case ANSWER_DUNNO:
        return true;
    case ANSWER_PREPEND:
        return is_field(answer->text);
    case ANSWER_DEFER_IF_PERMIT:
    case ANSWER_REJECT:
        return is_code(answer->code, code_class) && answer->text[0] != '\0';
    }
    return false;
}

void answer_write(const struct answer *answer, struct buffer *into)
{
    if (answer->action == ANSWER_DUNNO || !can_be_said(answer))
        buffer_append_text(into, "action=DUNNO\n\n");
    else if (answer->action == ANSWER_PREPEND)
        buffer_printf(into, "action=PREPEND %s\n\n", answer->text);
    else
        buffer_printf(into, "action=%s %s %s\n\n", actions[answer->action].name, answer->code,
                      answer->text);
}
