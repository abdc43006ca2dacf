/*
 * Digests under a group key: every address, number, wallet and run of words of a mail that could be
 * meant is digested and looked up. Costs nothing while no list has such entries.
 */
#include "lists/match/matcher.h"

#include <sodium.h>
#include <string.h>

#define ASKS_A_LOOK 32      /* digests between two looks at the budget */
#define LONGEST_WALLET 128  /* letters; Monero's are 95 */
#define LONGEST_SEPARATOR 3 /* characters between two groups of a number */

struct keyed_search {
    struct matching *m;
    const char *type; /* of the entry */
    char kind;
    enum text_where where; /* 0: a sender */
    const char *where_name;
    struct slice text; /* what the hit shows */
    bool is_proven;
    unsigned asks;
};

static void found_keyed(void *context, uint32_t entry)
{
    struct keyed_search *s = context;
    struct slice value;
    const struct image_class *class = matching_wants(s->m, entry, &value);
    bool is_place = class != NULL && (s->where == 0 || (class->scope & (unsigned)s->where) != 0);
    if (is_place && (s->is_proven || !class->needs_dmarc))
        matching_add_hit(s->m, entry, s->where, s->where_name, s->text);
}

/* False: the budget is used up. */
static bool ask(struct keyed_search *s, struct slice normal)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    const struct matcher *matcher = s->m->matcher;
    if (s->asks++ % ASKS_A_LOOK == 0 && !matching_goes_on(s->m))
        return false;
    for (size_t i = 0; i < matcher->key_count; i++) {
        keyed_entry_digest(&matcher->keys[i], slice_of(s->type), normal, digest);
        exact_find(s->m, s->kind, slice_new((const char *)digest, sizeof digest), found_keyed, s);
    }
    return !s->m->has_stopped;
}

void match_keyed_address(struct matching *m, struct slice address, const char *where_name,
                         bool is_proven)
{
    struct keyed_search s = {.m = m,
                             .type = "addr",
                             .kind = EXACT_KEYED_ADDRESS,
                             .where_name = where_name,
                             .text = address,
                             .is_proven = is_proven};
    struct slice normal;
    size_t words;
    if (m->matcher->key_count > 0 && (m->matcher->keyed & MATCHER_KEYED_ADDRESS) != 0 &&
        keyed_entry_normalise(SLICE_LITERAL("addr"), address, m->arena, &normal, &words, NULL) == 0)
        (void)ask(&s, normal);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the next group of the same number begins; the text's size: it ends here. */
static size_t next_group(struct slice text, size_t at)
{
    size_t begin = at;
    while (at < text.size && strchr(" +-().,/", text.data[at]) != NULL && text.data[at] != '\0')
        at++;
    return at < text.size && at - begin <= LONGEST_SEPARATOR && is_digit(text.data[at]) ? at
                                                                                        : text.size;
}

/* All numbers that begin with the group at `begin`: of it alone, with the next one, and so on. */
static bool ask_numbers_from(struct keyed_search *s, const struct folded *plain, size_t begin)
{
    char digits[PHONE_MOST_DIGITS + 2];
    struct slice text = plain->text;
    size_t size = 0;
    for (size_t at = begin; at < text.size; at = next_group(text, at)) {
        for (; at < text.size && is_digit(text.data[at]); at++) {
            if (size == sizeof digits)
                return true;
            digits[size++] = text.data[at];
        }
        struct slice number = slice_new(digits, size);
        if (slice_starts_with(number, "00"))
            number = slice_from(number, 2);
        s->text = fold_original(plain, begin, at);
        if (number.size >= PHONE_LEAST_DIGITS && number.size <= PHONE_MOST_DIGITS &&
            !ask(s, number))
            return false;
    }
    return true;
}

static void match_numbers(struct keyed_search *s, const struct folded *plain)
{
    struct slice text = plain->text;
    for (size_t at = 0; at < text.size; at++)
        if (is_digit(text.data[at]) && (at == 0 || !is_digit(text.data[at - 1])) &&
            !ask_numbers_from(s, plain, at))
            return;
}

/* --- wallets and words ------------------------------------------------------------------------ */

static bool is_wallet_letter(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* In the text as it came: upper and lower case are part of a wallet. */
static void match_wallets(struct keyed_search *s, struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        size_t begin = at;
        while (at < text.size && is_wallet_letter(text.data[at]))
            at++;
        s->text = slice_part(text, begin, at - begin);
        if (s->text.size >= WALLET_LEAST_LETTERS && s->text.size <= LONGEST_WALLET &&
            !ask(s, s->text))
            return;
    }
}

static void match_phrases(struct keyed_search *s, const struct folded *plain,
                          const struct keyed_words *words, size_t count)
{
    s->kind = (char)(EXACT_KEYED_WORDS + count);
    for (size_t at = 0; at + count <= words->count; at++) {
        size_t last = at + count - 1;
        size_t last_size = words->starts[last + 1] - words->starts[last] - 1;
        s->text = fold_original(plain, words->origins[at], words->origins[last] + last_size);
        if (!ask(s, keyed_words_window(words, at, count)))
            return;
    }
}

void match_keyed_text(struct matching *m, const struct text_piece *piece,
                      const struct folded *plain, struct arena *scratch)
{
    const struct matcher *matcher = m->matcher;
    struct keyed_search s = {.m = m,
                             .where = piece->where,
                             .where_name = scope_name((unsigned)piece->where),
                             .is_proven = true};
    struct keyed_words words;
    if (matcher->key_count == 0)
        return;
    if ((matcher->keyed & MATCHER_KEYED_PHONE) != 0) {
        s.type = "phone";
        s.kind = EXACT_KEYED_PHONE;
        match_numbers(&s, plain);
    }
    if ((matcher->keyed & MATCHER_KEYED_WALLET) != 0) {
        s.type = "wallet";
        s.kind = EXACT_KEYED_WALLET;
        match_wallets(&s, piece->text);
    }
    if (matcher->keyed < MATCHER_KEYED_WORDS)
        return;
    if (keyed_words_find(plain->text, scratch, &words, NULL) != 0) {
        matching_add_limit(m, "lists: a text was too long for its words");
        return;
    }
    s.type = "kphrase";
    for (size_t count = KEYED_ENTRY_LEAST_WORDS; count <= KEYED_ENTRY_MOST_WORDS; count++)
        if ((matcher->keyed >> count & 1) != 0)
            match_phrases(&s, plain, &words, count);
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool has_key(const struct matcher *matcher, struct slice name)
{
    for (size_t i = 0; i < matcher->key_count; i++)
        if (slice_is(name, matcher->keys[i].name))
            return true;
    return false;
}

int matcher_use_keys(struct matcher *matcher, const struct settings *settings,
                     void (*tell)(void *context, struct slice list, const char *fault),
                     void *context, struct error *err)
{
    if (matcher->keyed == 0)
        return 0;
    matcher->keys =
        arena_alloc_array(matcher->arena, matcher->image.list_count, sizeof *matcher->keys);
    if (matcher->keys == NULL)
        return arena_error(matcher->arena, err);
    for (size_t i = 0; i < matcher->image.list_count; i++) {
        struct slice header = matcher->lists[i].digest_key, name;
        struct error fault = {0};
        if (!slice_next_word(&header, &name) || has_key(matcher, name))
            continue;
        if (group_key_read(settings, name, &matcher->keys[matcher->key_count], &fault) == 0)
            matcher->key_count++;
        else if (tell != NULL)
            tell(context, matcher->lists[i].name, fault.text);
    }
    return 0;
}
