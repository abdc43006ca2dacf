/* Entries made ready to be matched. */
#include "lists/matcher.h"

#include "lists/letter.h"
#include "lists/pattern.h"
#include "lists/reading.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MATCHER_BYTES ((size_t)512 * 1024 * 1024)
#define SCRATCH_BYTES ((size_t)4 * 1024 * 1024)
#define DEEPEST_PARENS 16

struct matcher *matcher_make(struct error *err)
{
    struct arena *arena = arena_new(MATCHER_BYTES);
    struct matcher *matcher = arena == NULL ? NULL : arena_alloc(arena, sizeof *matcher);
    if (matcher == NULL) {
        arena_free(arena);
        error_set(err, ERROR_SYSTEM, "no memory for lists");
        return NULL;
    }
    matcher->arena = arena;
    return matcher;
}

void matcher_free(struct matcher *matcher)
{
    if (matcher == NULL)
        return;
    for (size_t i = 0; i < matcher->target_count; i++)
        for (size_t form = 0; form < MATCH_FORMS; form++)
            pcre2_code_free(matcher->targets[i].code[form]);
    arena_free(matcher->arena);
}

size_t matcher_entry_count(const struct matcher *matcher)
{
    return matcher->target_count;
}

const struct list *const *matcher_lists(const struct matcher *matcher, size_t *count_out)
{
    *count_out = matcher->list_count;
    return (const struct list *const *)matcher->lists;
}

static int add_key(struct matcher *matcher, const char *kind, struct slice value, struct error *err)
{
    struct exact_key *keys = reading_grow(matcher->arena, matcher->keys, matcher->key_count,
                                          &matcher->key_room, sizeof *keys);
    char *key = arena_alloc(matcher->arena, value.size + 1);
    if (keys == NULL || key == NULL)
        return arena_error(matcher->arena, err);
    key[0] = kind[0];
    memcpy(key + 1, value.data, value.size);
    matcher->keys = keys;
    matcher->keys[matcher->key_count++] =
        (struct exact_key){slice_new(key, value.size + 1), (uint32_t)matcher->target_count};
    return 0;
}

struct slice network_key(const struct network *network, char *bytes)
{
    struct network masked = *network;
    network_mask(&masked);
    bytes[0] = network->family == AF_INET ? '4' : '6';
    bytes[1] = (char)network->prefix;
    memcpy(bytes + 2, masked.address, sizeof masked.address);
    return slice_new(bytes, 2 + sizeof masked.address);
}

static int add_network(struct matcher *matcher, const struct entry *entry, struct error *err)
{
    struct network network;
    char bytes[2 + sizeof network.address];
    if (!network_read(entry->value, &network))
        return error_set(err, ERROR_INPUT, "not a network");
    matcher->has_networks[network.family == AF_INET ? 0 : 1][network.prefix] = true;
    return add_key(matcher, EXACT_NETWORK, network_key(&network, bytes), err);
}

/* An address is known without its tag, as the canonical address of a message is. */
static int add_address(struct matcher *matcher, const struct entry *entry, struct error *err)
{
    size_t at = slice_find_last_byte(entry->value, '@');
    struct slice local = slice_part(entry->value, 0, at);
    size_t tag = slice_find_byte(local, '+');
    if (tag > 0 && tag < local.size)
        local.size = tag;
    const char *text =
        arena_printf(matcher->arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENTS(local),
                     SLICE_ARGUMENTS(slice_from(entry->value, at)));
    if (text == NULL)
        return arena_error(matcher->arena, err);
    return add_key(matcher, EXACT_ADDRESS, slice_of(text), err);
}

static int add_literal(struct matcher *matcher, enum match_form form,
                       const struct pattern_literal *part, struct error *err)
{
    struct literal literal = {.text = arena_copy(matcher->arena, part->text),
                              .owner = (uint32_t)matcher->target_count,
                              .form = (uint32_t)form,
                              .least_before = part->least_before,
                              .most_before = part->most_before};
    if (literal.text.data == NULL)
        return arena_error(matcher->arena, err);
    return literals_add(&matcher->literals[form == MATCH_PLAIN ? 0 : 1], matcher->arena, &literal,
                        err);
}

static int compile(struct slice source, pcre2_code **code_out, struct error *err)
{
    int fault;
    size_t at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a pattern");
    pcre2_set_parens_nest_limit(context, DEEPEST_PARENS);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)source.data, source.size,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE |
                          PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL | PCRE2_USE_OFFSET_LIMIT,
                      &fault, &at, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(fault, text, sizeof text);
        return error_set(err, ERROR_INPUT, "PCRE2 refuses the pattern: %s", (char *)text);
    }
    /* Where the system forbids memory that is written and run, the interpreter gives the same. */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    *code_out = code;
    return 0;
}

static enum fold_view view_of(enum match_form form)
{
    return form == MATCH_PLAIN ? FOLD_PLAIN : FOLD_TIGHT;
}

static size_t shortest_literal(const struct pattern_form *form)
{
    size_t shortest = SIZE_MAX;
    for (size_t i = 0; i < form->literal_count; i++) {
        size_t count = letter_count(form->literals[i].text);
        shortest = count < shortest ? count : shortest;
    }
    return form->literal_count == 0 ? 0 : shortest;
}

static int add_pattern(struct matcher *matcher, struct target *target, struct arena *scratch,
                       struct error *err)
{
    struct pattern *pattern;
    struct slice last = {NULL, 0};
    if (pattern_parse(target->entry->value, scratch, &pattern, err) != 0)
        return -1;
    for (enum match_form form = MATCH_PLAIN; form < MATCH_FORMS; form++) {
        struct pattern_form folded;
        if (pattern_fold(pattern, view_of(form), form == MATCH_JOINED, scratch, &folded, err) != 0)
            return -1;
        if (folded.literal_count == 0 && form == MATCH_PLAIN)
            return error_set(err, ERROR_INPUT, "no literal of four characters");
        if (folded.literal_count == 0 ||
            (form == MATCH_JOINED &&
             (slice_equals(folded.source, last) || shortest_literal(&folded) < MATCH_LEAST_JOINED)))
            continue;
        last = folded.source;
        if (compile(folded.source, &target->code[form], err) != 0)
            return -1;
        for (size_t i = 0; i < folded.literal_count; i++)
            if (add_literal(matcher, form, &folded.literals[i], err) != 0)
                return -1;
    }
    return 0;
}

static int add_phrase(struct matcher *matcher, const struct entry *entry, struct arena *scratch,
                      struct error *err)
{
    for (enum match_form form = MATCH_PLAIN; form < MATCH_FORMS; form++) {
        struct folded folded;
        if (fold_text(slice_trim(entry->value), view_of(form), scratch, &folded, err) != 0)
            return -1;
        struct slice text = slice_trim(folded.text);
        struct slice joined = form == MATCH_JOINED ? pattern_join(text, scratch) : text;
        if (text.size < LITERAL_LEAST_BYTES && form == MATCH_PLAIN)
            return error_set(err, ERROR_INPUT, "too little is left of the phrase when folded");
        if (joined.size < LITERAL_LEAST_BYTES ||
            (form == MATCH_JOINED &&
             (slice_equals(joined, text) || letter_count(joined) < MATCH_LEAST_JOINED)))
            continue;
        struct pattern_literal literal = {.text = joined};
        if (add_literal(matcher, form, &literal, err) != 0)
            return -1;
    }
    return 0;
}

static int add_value(struct matcher *matcher, struct target *target, struct arena *scratch,
                     struct error *err)
{
    const struct entry *entry = target->entry;
    switch (entry->type) {
    case ENTRY_RE:
        matcher->scopes |= entry->scope;
        return add_pattern(matcher, target, scratch, err);
    case ENTRY_PHRASE:
        matcher->scopes |= entry->scope;
        return add_phrase(matcher, entry, scratch, err);
    case ENTRY_ADDR:
        return add_address(matcher, entry, err);
    case ENTRY_DOMAIN:
        return add_key(matcher, EXACT_DOMAIN, entry->value, err);
    case ENTRY_CIDR:
        return add_network(matcher, entry, err);
    case ENTRY_DKIM:
        return add_key(matcher, EXACT_SIGNER, entry->value, err);
    case ENTRY_URL:
        matcher->has_hosts = true;
        return add_key(matcher, EXACT_HOST,
                       slice_part(entry->value, 0, slice_find_byte(entry->value, '/')), err);
    case ENTRY_OTHER:
        break;
    }
    return error_set(err, ERROR_BUG, "an entry that is never matched");
}

int matcher_add(struct matcher *matcher, const struct list *list, const struct entry *entry,
                struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct target *targets = reading_grow(matcher->arena, matcher->targets, matcher->target_count,
                                          &matcher->target_room, sizeof *targets);
    if (scratch == NULL || targets == NULL)
        return arena_error(matcher->arena, err);
    matcher->targets = targets;
    struct target *target = &targets[matcher->target_count];
    *target = (struct target){list, entry, entry_ends_at(list, entry), {NULL}};
    size_t keys = matcher->key_count;
    size_t literals[MATCH_VIEWS] = {matcher->literals[0].count, matcher->literals[1].count};
    if (add_value(matcher, target, scratch, err) != 0) {
        matcher->key_count = keys;
        for (size_t view = 0; view < MATCH_VIEWS; view++)
            matcher->literals[view].count = literals[view];
        for (size_t form = 0; form < MATCH_FORMS; form++)
            pcre2_code_free(target->code[form]);
        return -1;
    }
    matcher->target_count++;
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct exact_key *left = a, *right = b;
    int order = slice_compare(left->key, right->key);
    return order != 0 ? order : (left->target > right->target) - (left->target < right->target);
}

int matcher_seal(struct matcher *matcher, struct error *err)
{
    if (matcher->key_count > 0)
        qsort(matcher->keys, matcher->key_count, sizeof *matcher->keys, compare_keys);
    for (size_t view = 0; view < MATCH_VIEWS; view++)
        if (matcher->literals[view].count > 0 &&
            literals_seal(&matcher->literals[view], matcher->arena, err) != 0)
            return -1;
    return 0;
}
