/* A fixed set of entries of every type for the fuzzers of matching, some as costly as lint allows.
 */
#ifndef ZAGUAN_TESTS_FUZZ_MATCH_LISTS_H
#define ZAGUAN_TESTS_FUZZ_MATCH_LISTS_H

#include "lists/match/matcher.h"
#include <stdlib.h>

static const struct {
    enum entry_type type;
    const char *value;
} match_entries[] = {
    {ENTRY_RE, "abcd.{0,64}[a-z ]{0,64}efgh"},
    {ENTRY_RE, "(?:abcd|bcda|cdab|dabc).{0,60}aaaa"},
    {ENTRY_RE, "aaaa[a-z]{0,64}\\w{0,64}b"},
    {ENTRY_RE, "\\bte voy a \\w{1,12}\\b"},
    {ENTRY_RE, "^aaaaa?a?a?a?a?a?a?a?a?a?a?a?a?a?$"},
    {ENTRY_PHRASE, "te voy a matar"},
    {ENTRY_PHRASE, "aaaa bbbb"},
    {ENTRY_PHRASE, "abcd efgh ijkl mnop qrst uvwx yzab cdef ghij klmn opqr stuv wxyz"},
    {ENTRY_ADDR, "malo@correo.example"},
    {ENTRY_DOMAIN, "bombas.example"},
    {ENTRY_CIDR, "192.0.2.0/24"},
    {ENTRY_CIDR, "192.0.2.128/25"},
    {ENTRY_CIDR, "2001:db8::/48"},
    {ENTRY_DKIM, "malo.example s1"},
    {ENTRY_URL, "malo.example/pagina"},
};

static inline struct matcher *match_lists_new(void)
{
    struct error err = {0};
    struct list list = {.name = SLICE_LITERAL("fuzz"), .max_action = LIST_ACTION_HOLD};
    struct matcher *matcher = matcher_make(&err);
    uint32_t index, at;
    if (matcher == NULL || matcher_add_list(matcher, &list, "fuzz", &index, &err) != 0)
        abort();
    for (size_t i = 0; i < sizeof match_entries / sizeof match_entries[0]; i++) {
        struct entry entry = {.type = match_entries[i].type,
                              .type_name = slice_of(entry_type_name(match_entries[i].type)),
                              .value = slice_of(match_entries[i].value),
                              .id = SLICE_LITERAL("0a0b0c0d"),
                              .severity = 3,
                              .scope = (unsigned)TEXT_BODY | (unsigned)TEXT_SUBJECT,
                              .has_subdomains = true,
                              .max_action = LIST_ACTION_HOLD,
                              .expires_at = INT64_MAX};
        if (matcher_add(matcher, index, &list, &entry, &at, &err) != 0)
            abort();
    }
    if (matcher_seal(matcher, 1, 0, &err) != 0)
        abort();
    return matcher;
}

/* A text and a sender of everything the set looks at. */
static inline void match_lists_ask(const struct matcher *matcher, struct slice text,
                                   struct budget budget, struct arena *arena, struct hit_set *hits)
{
    struct text_piece pieces[] = {{TEXT_SUBJECT, text, false, "fuzz"},
                                  {TEXT_BODY, text, false, "fuzz"},
                                  {TEXT_URL, text, false, "fuzz"}};
    struct text_set texts = {pieces, 3, NULL, 0};
    struct dkim_signature signature = {.result = DKIM_PASS,
                                       .domain = SLICE_LITERAL("malo.example"),
                                       .selector = SLICE_LITERAL("s1")};
    struct auth_answer auth = {.has_client = true};
    auth.dkim = (struct dkim_answer){&signature, 1};
    struct match_input input = {.texts = &texts,
                                .sender = SLICE_LITERAL("malo@sub.bombas.example"),
                                .from_address = SLICE_LITERAL("malo@correo.example"),
                                .client_ip = SLICE_LITERAL("192.0.2.200"),
                                .auth = &auth,
                                .budget = budget};
    struct error err = {0};
    if (matcher_match(matcher, &input, arena, hits, &err) != 0)
        abort();
}

#endif
