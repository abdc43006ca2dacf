/* PCRE2 for one pattern: its code on first use, and what becomes of one that takes too long. */
#include "lists/match/matcher.h"

#include "lists/format/letter.h"

#define STACK_LEAST ((size_t)32 * 1024)
#define STACK_MOST ((size_t)256 * 1024)
#define HASTY_LIMIT 2000 /* of PCRE2's steps from one place; about 5 µs with JIT, 40 without */
#define PATIENT_LIMIT 100000
#define PLACES_AT_ONCE 8 /* between two looks at the budget, when a pattern needs patience */
#define HEAP_KIB 4096

/* Two threads may make it at once: one is kept. NULL: no memory. */
static const pcre2_code *code_of(const struct matcher *matcher, uint32_t index)
{
    struct match_code *made = &matcher->codes[index];
    pcre2_code *code = atomic_load_explicit(&made->code, memory_order_acquire), *none = NULL;
    if (code != NULL)
        return code;
    struct error err;
    struct slice source = image_text(&matcher->image, matcher->image.codes[index].source);
    if (source.data == NULL || pattern_compile(source, &code, &err) != 0)
        return NULL;
    /* Where the system forbids memory that is written and run, the interpreter gives the same. */
    if (matcher->has_jit)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    if (atomic_compare_exchange_strong(&made->code, &none, code))
        return code;
    pcre2_code_free(code);
    return none;
}

void match_codes_free(struct matcher *matcher)
{
    for (size_t i = 0; matcher->codes != NULL && i < matcher->image.code_count; i++)
        pcre2_code_free(atomic_load(&matcher->codes[i].code));
}

/* What PCRE2 writes to belongs to one thread: made when a message has its first candidate. */
static bool begin_pcre2(struct matching *m)
{
    if (m->data != NULL)
        return true;
    m->context = pcre2_match_context_create(NULL);
    m->data = pcre2_match_data_create(1, NULL);
    if (m->context == NULL || m->data == NULL)
        return false;
    pcre2_set_heap_limit(m->context, HEAP_KIB);
    return true;
}

static int ask_with(struct matching *m, const pcre2_code *code, struct slice text, size_t begin,
                    size_t last, uint32_t limit)
{
    pcre2_set_match_limit(m->context, limit);
    pcre2_set_depth_limit(m->context, limit);
    pcre2_set_offset_limit(m->context, last);
    int found = pcre2_match(code, (PCRE2_SPTR)text.data, text.size, begin, PCRE2_NO_UTF_CHECK,
                            m->data, m->context);
    /* Nearly every pattern does with the machine's own stack. */
    if (found != PCRE2_ERROR_JIT_STACKLIMIT || m->stack != NULL)
        return found;
    m->stack = pcre2_jit_stack_create(STACK_LEAST, STACK_MOST, NULL);
    pcre2_jit_stack_assign(m->context, NULL, m->stack);
    return pcre2_match(code, (PCRE2_SPTR)text.data, text.size, begin, PCRE2_NO_UTF_CHECK, m->data,
                       m->context);
}

/*
 * PCRE2 counts its steps anew from every place where a match could begin, and a window has several
 * hundred of them. So all are tried with few steps, which is enough for nearly every pattern; for
 * the others a few places at a time, with a look at the budget in between.
 */
static int ask(struct matching *m, const pcre2_code *code, struct slice text, size_t begin,
               size_t last)
{
    int found = ask_with(m, code, text, begin, last, HASTY_LIMIT);
    if (found != PCRE2_ERROR_MATCHLIMIT && found != PCRE2_ERROR_DEPTHLIMIT)
        return found;
    found = PCRE2_ERROR_NOMATCH;
    while (begin <= last && found == PCRE2_ERROR_NOMATCH && matching_goes_on(m)) {
        size_t to = begin + PLACES_AT_ONCE - 1 < last ? begin + PLACES_AT_ONCE - 1 : last;
        found = ask_with(m, code, text, begin, to, PATIENT_LIMIT);
        begin = to + 1;
        while (begin <= last && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
            begin++;
    }
    return found;
}

static void add_pattern_limit(struct matching *m, uint32_t index, const char *what)
{
    struct entry entry;
    uint32_t list;
    int64_t ends_at;
    const struct image *image = &m->matcher->image;
    if (!image_read_entry(image, image->codes[index].entry, m->arena, &entry, &list, &ends_at)) {
        matching_add_limit(m, NULL);
        return;
    }
    matching_add_limit(m,
                       arena_printf(m->arena, "lists: pattern " SLICE_FORMAT "/" SLICE_FORMAT " %s",
                                    SLICE_ARGUMENTS(m->matcher->lists[list].name),
                                    SLICE_ARGUMENTS(entry.id), what));
}

/* Left out of this message; the third time of all messages it is turned off. */
static void strike(struct matching *m, uint32_t index)
{
    struct seen *seen = matching_seen(m, index, true);
    if (seen != NULL)
        seen->is_done = true;
    atomic_fetch_add(&m->matcher->codes[index].strikes, 1);
    add_pattern_limit(m, index, "takes too long on this text");
}

bool match_code_finds(struct matching *m, uint32_t index, struct slice text, size_t begin,
                      size_t last, size_t *from_out, size_t *to_out)
{
    if (atomic_load_explicit(&m->matcher->codes[index].strikes, memory_order_relaxed) >=
        MATCH_STRIKES) {
        struct seen *seen = matching_seen(m, index, true);
        if (seen != NULL)
            seen->is_done = true;
        add_pattern_limit(m, index, "is off: it took too long before");
        return false;
    }
    if (++m->tries > MATCH_MOST_TRIES) {
        matching_stop(m, "lists: too many places had to be looked at");
        return false;
    }
    const pcre2_code *code = code_of(m->matcher, index);
    if (code == NULL || !begin_pcre2(m)) {
        matching_stop(m, "lists: no memory for a pattern");
        return false;
    }
    int64_t *took = m->matcher->nanoseconds;
    int64_t began = took == NULL ? 0 : clock_monotonic_nanoseconds();
    int found = ask(m, code, text, begin, last);
    if (took != NULL)
        took[index] += clock_monotonic_nanoseconds() - began;
    if (found == PCRE2_ERROR_NOMATCH)
        return false;
    if (found < 0) {
        strike(m, index);
        return false;
    }
    size_t *ends = pcre2_get_ovector_pointer(m->data);
    *from_out = ends[0];
    *to_out = ends[1];
    return true;
}

int matcher_measure(struct matcher *matcher, struct error *err)
{
    matcher->nanoseconds =
        arena_alloc_array(matcher->arena, matcher->image.code_count + 1, sizeof(int64_t));
    return matcher->nanoseconds == NULL ? arena_error(matcher->arena, err) : 0;
}

void matcher_take_slowest(struct matcher *matcher, struct match_slowest *slowest)
{
    for (size_t i = 0; matcher->nanoseconds != NULL && i < matcher->image.code_count; i++) {
        const struct image_entry *entry;
        const struct image_class *class;
        struct slice value;
        int64_t took = matcher->nanoseconds[i];
        matcher->nanoseconds[i] = 0;
        if (took <= slowest->nanoseconds ||
            !image_entry_at(&matcher->image, matcher->image.codes[i].entry, &entry, &class, &value))
            continue;
        slowest->nanoseconds = took;
        image_entry_id(entry, slowest->entry);
    }
}

bool matcher_next_struck_off(const struct matcher *matcher, struct slice *list_out,
                             char entry_out[20])
{
    for (size_t i = 0; i < matcher->image.code_count; i++) {
        struct match_code *code = &matcher->codes[i];
        const struct image_entry *entry;
        const struct image_class *class;
        struct slice value;
        if (atomic_load(&code->strikes) < MATCH_STRIKES ||
            atomic_exchange(&code->is_reported, true) ||
            !image_entry_at(&matcher->image, matcher->image.codes[i].entry, &entry, &class, &value))
            continue;
        *list_out = matcher->lists[class->list].name;
        image_entry_id(entry, entry_out);
        return true;
    }
    return false;
}
