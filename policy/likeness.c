#include "policy/likeness.h"

#include "lists/format/type.h"
#include "policy/keyed_pair.h"
#include "policy/member_name.h"
#include "policy/normal_address.h"
#include "policy/person_name.h"
#include "policy/sketch.h"
#include <stdlib.h>

#define ARENA_BYTES ((size_t)16 * 1024 * 1024) /* 64 KiB of text, folded: about 2 MiB */
#define MOST_VALUES 8                          /* of one kind in one mail */
#define MOST_SIGNERS 4

struct likeness {
    struct arena *arena;
    /* all normal_address(); empty: none */
    struct slice from, envelope_sender, reply_to;
    struct slice display, name; /* as written, and person_name() */
    struct slice signers[MOST_SIGNERS];
    size_t signer_count;
    struct shingles shingles;
    bool is_sender_proven, is_automatic;
};

/* --- reading a mail -----------------------------------------------------------------------------
 */

/* A signature of a provider says which provider, not who. */
static void read_signers(struct slice signed_by, struct likeness *likeness)
{
    struct slice domain;
    while (likeness->signer_count < MOST_SIGNERS && slice_next_word(&signed_by, &domain))
        if (!domain_is_shared(domain))
            likeness->signers[likeness->signer_count++] = domain;
}

/* Shingles are hashed once for all members, so the key is the server's; sketches are hers. */
static void read_text(const struct text_set *texts, const struct keys *keys,
                      struct likeness *likeness)
{
    unsigned char key[KEYED_DIGEST_BYTES];
    struct error ignored = {0};
    keyed_digest(keys->digest_key, "likeness shingle", slice_of(NULL), key);
    if (texts == NULL ||
        shingles_read(texts, key, likeness->arena, &likeness->shingles, &ignored) != 0)
        likeness->shingles.count = 0;
}

int likeness_read(const struct likeness_mail *mail, const struct keys *keys,
                  struct likeness **likeness_out, struct error *err)
{
    struct likeness *likeness = calloc(1, sizeof *likeness);
    struct arena *arena = arena_new(ARENA_BYTES);
    if (likeness == NULL || arena == NULL) {
        free(likeness);
        arena_free(arena);
        return error_set(err, ERROR_SYSTEM, "no memory");
    }
    *likeness = (struct likeness){
        .arena = arena,
        .from = normal_address(mail->from_address, arena),
        .envelope_sender = normal_address(mail->envelope_sender, arena),
        .reply_to = normal_address(mail->reply_address, arena),
        .display = arena_copy(arena, mail->from_name),
        .name = person_name(mail->from_name, arena),
        .is_sender_proven = mail->is_sender_proven,
        .is_automatic = mail->is_automatic,
    };
    read_signers(arena_copy(arena, mail->signed_by), likeness);
    read_text(mail->texts, keys, likeness);
    *likeness_out = likeness;
    return 0;
}

void likeness_free(struct likeness *likeness)
{
    if (likeness == NULL)
        return;
    arena_free(likeness->arena);
    free(likeness);
}

/* --- values: what stands in the table -----------------------------------------------------------
 */

struct values {
    unsigned char rows[MOST_VALUES][KEYED_DIGEST_BYTES];
    size_t count;
};

static void add_value(struct values *values, const struct keys *keys, int64_t member_id,
                      const char *purpose, struct slice value)
{
    if (!slice_is_empty(value) && values->count < MOST_VALUES)
        keyed_pair(keys, purpose, member_id, value, values->rows[values->count++]);
}

/* Who signed, and where answers go: neither alone says who it is. */
static void add_pairs(struct values *values, const struct keys *keys, int64_t member_id,
                      const struct likeness *likeness, struct slice answers_go)
{
    for (size_t i = 0; i < likeness->signer_count && !slice_is_empty(answers_go); i++) {
        struct slice domain = likeness->signers[i];
        /* A blank stands in no domain, so it is never in doubt where the address begins. */
        const char *pair = arena_printf(likeness->arena, SLICE_FORMAT " " SLICE_FORMAT,
                                        SLICE_ARGUMENTS(domain), SLICE_ARGUMENTS(answers_go));
        add_value(values, keys, member_id, "likeness domain", slice_of(pair));
    }
}

static void make_sketch(const struct keys *keys, int64_t member_id, const struct likeness *likeness,
                        unsigned char sketch_out[SKETCH_BYTES])
{
    unsigned char seed[KEYED_DIGEST_BYTES];
    keyed_pair(keys, "likeness text", member_id, slice_of(NULL), seed);
    sketch_make(&likeness->shingles, seed, sketch_out);
}

/* --- finding ------------------------------------------------------------------------------------
 */

struct search {
    struct store *store;
    const struct keys *keys;
    int64_t member_id;
    const struct likeness *likeness;
};

typedef int find_function(const struct search *s, struct error *err); /* 1/0/-1 */

static int find_any(const struct search *s, enum store_likeness_kind kind,
                    const struct values *values, struct error *err)
{
    for (size_t i = 0; i < values->count; i++) {
        struct slice value = slice_new((const char *)values->rows[i], KEYED_DIGEST_BYTES);
        int found = store_likeness_find(s->store, s->member_id, kind, value, err);
        if (found != 0)
            return found;
    }
    return 0;
}

static int find_excuse(const struct search *s, struct slice from, bool is_proven, struct error *err)
{
    struct values values = {.count = 0};
    if (is_proven) /* her word for him is not for who forges his address */
        add_value(&values, s->keys, s->member_id, "likeness excused", from);
    add_value(&values, s->keys, s->member_id, "likeness excused unproven", from);
    return find_any(s, STORE_LIKENESS_EXCUSED, &values, err);
}

static int find_address(const struct search *s, struct error *err)
{
    struct values values = {.count = 0};
    add_value(&values, s->keys, s->member_id, "likeness address", s->likeness->from);
    add_value(&values, s->keys, s->member_id, "likeness address", s->likeness->envelope_sender);
    return find_any(s, STORE_LIKENESS_ADDRESS, &values, err);
}

/* Answers go to whom she blocked, or where answers to him went. Not: From is where answers to him
 * went. He could have written there whom he likes. */
static int find_reply_to(const struct search *s, struct error *err)
{
    struct values blocked = {.count = 0}, answers = {.count = 0};
    add_value(&blocked, s->keys, s->member_id, "likeness address", s->likeness->reply_to);
    add_value(&answers, s->keys, s->member_id, "likeness reply-to", s->likeness->reply_to);
    int found = find_any(s, STORE_LIKENESS_ADDRESS, &blocked, err);
    return found != 0 ? found : find_any(s, STORE_LIKENESS_REPLY_TO, &answers, err);
}

/* From counts here too: the same server signed both, so it is no victim whom he named. */
static int find_domain(const struct search *s, struct error *err)
{
    struct values values = {.count = 0};
    add_pairs(&values, s->keys, s->member_id, s->likeness, s->likeness->reply_to);
    add_pairs(&values, s->keys, s->member_id, s->likeness, s->likeness->from);
    return find_any(s, STORE_LIKENESS_DOMAIN, &values, err);
}

static int find_name(const struct search *s, struct error *err)
{
    struct values values = {.count = 0};
    add_value(&values, s->keys, s->member_id, "likeness name", s->likeness->name);
    return find_any(s, STORE_LIKENESS_NAME, &values, err);
}

static int find_text(const struct search *s, struct error *err)
{
    unsigned char sketch[SKETCH_BYTES];
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct slice *sketches;
    size_t count;
    if (s->likeness->shingles.count == 0)
        return 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (store_likeness_list(s->store, s->member_id, STORE_LIKENESS_TEXT, arena, &sketches, &count,
                            err) != 0)
        return -1;
    if (count > 0)
        make_sketch(s->keys, s->member_id, s->likeness, sketch);
    for (size_t i = 0; i < count; i++)
        if (sketches[i].size == SKETCH_BYTES &&
            sketch_same_slots(sketch, (const unsigned char *)sketches[i].data) >= SKETCH_SAME_SLOTS)
            return 1;
    return 0;
}

static const struct {
    const char *name;
    find_function *find;
} traits[] = {
    {"address", find_address}, {"reply-to", find_reply_to}, {"domain", find_domain},
    {"name", find_name},       {"text", find_text},
};

int likeness_find(struct store *store, const struct keys *keys, int64_t member_id,
                  const struct likeness *likeness, const char **trait_out, struct error *err)
{
    const struct search s = {store, keys, member_id, likeness};
    const char *trait = NULL;
    int is_excused = find_excuse(&s, likeness->from, likeness->is_sender_proven, err);
    if (is_excused < 0)
        return -1;
    for (size_t i = 0; !is_excused && trait == NULL && i < sizeof traits / sizeof traits[0]; i++) {
        int found = traits[i].find(&s, err);
        if (found < 0)
            return -1;
        trait = found == 1 ? traits[i].name : NULL;
    }
    *trait_out = trait;
    return 0;
}

/* --- learning -----------------------------------------------------------------------------------
 */

struct lesson {
    struct store *store;
    const struct keys *keys;
    const struct likeness *likeness;
    struct store_likeness row;
};

static int put(struct lesson *lesson, enum store_likeness_kind kind, struct slice value,
               struct error *err)
{
    lesson->row.kind = kind;
    lesson->row.value = value;
    if (store_likeness_put(lesson->store, &lesson->row, err) != 0)
        return -1;
    return store_likeness_keep(lesson->store, lesson->row.member_id, kind, LIKENESS_MOST, err);
}

static int put_values(struct lesson *lesson, enum store_likeness_kind kind,
                      const struct values *values, struct error *err)
{
    for (size_t i = 0; i < values->count; i++)
        if (put(lesson, kind, slice_new((const char *)values->rows[i], KEYED_DIGEST_BYTES), err) !=
            0)
            return -1;
    return 0;
}

static int learn_address(struct lesson *lesson, struct slice own, struct error *err)
{
    const struct likeness *likeness = lesson->likeness;
    struct values values = {.count = 0};
    if (slice_equals(likeness->from, own))
        return 0;
    add_value(&values, lesson->keys, lesson->row.member_id, "likeness address", likeness->from);
    return put_values(lesson, STORE_LIKENESS_ADDRESS, &values, err);
}

static int learn_answers(struct lesson *lesson, struct slice own, struct error *err)
{
    const struct likeness *likeness = lesson->likeness;
    struct values answers = {.count = 0}, pairs = {.count = 0};
    if (likeness->is_automatic || slice_equals(likeness->reply_to, own) ||
        slice_equals(likeness->reply_to, likeness->from))
        return 0;
    add_value(&answers, lesson->keys, lesson->row.member_id, "likeness reply-to",
              likeness->reply_to);
    add_pairs(&pairs, lesson->keys, lesson->row.member_id, likeness, likeness->reply_to);
    if (put_values(lesson, STORE_LIKENESS_REPLY_TO, &answers, err) != 0)
        return -1;
    return put_values(lesson, STORE_LIKENESS_DOMAIN, &pairs, err);
}

/* Mail that comes in her own name is an impersonation; her name is not a trait of his. */
static int learn_name(struct lesson *lesson, struct slice own_address,
                      const struct slice *own_names, size_t own_name_count, struct error *err)
{
    const struct likeness *likeness = lesson->likeness;
    struct values values = {.count = 0};
    if (slice_equals(likeness->name, person_name_of_address(own_address, likeness->arena)))
        return 0;
    for (size_t i = 0; i < own_name_count; i++)
        if (slice_equals(likeness->name, person_name(own_names[i], likeness->arena)))
            return 0;
    int is_hers = member_name_is_hers(lesson->store, lesson->keys, lesson->row.member_id,
                                      likeness->display, likeness->arena, err);
    if (is_hers != 0)
        return is_hers < 0 ? -1 : 0;
    add_value(&values, lesson->keys, lesson->row.member_id, "likeness name", likeness->name);
    return put_values(lesson, STORE_LIKENESS_NAME, &values, err);
}

static int learn_text(struct lesson *lesson, struct error *err)
{
    unsigned char sketch[SKETCH_BYTES];
    if (lesson->likeness->is_automatic || lesson->likeness->shingles.count == 0)
        return 0;
    make_sketch(lesson->keys, lesson->row.member_id, lesson->likeness, sketch);
    return put(lesson, STORE_LIKENESS_TEXT, slice_new((const char *)sketch, sizeof sketch), err);
}

int likeness_learn(struct store *store, const struct keys *keys, const struct store_member *member,
                   struct slice sender, const struct likeness *likeness,
                   const struct slice *own_names, size_t own_name_count, int64_t now,
                   struct error *err)
{
    struct lesson lesson = {store, keys, likeness, {.member_id = member->id, .created_at = now}};
    struct slice own = normal_address(member->address, likeness->arena);
    keyed_pair(keys, "sender", member->id, sender, lesson.row.sender);
    if (learn_address(&lesson, own, err) != 0 || learn_answers(&lesson, own, err) != 0 ||
        learn_name(&lesson, own, own_names, own_name_count, err) != 0)
        return -1;
    return learn_text(&lesson, err);
}

int likeness_excuse(struct store *store, const struct keys *keys, int64_t member_id,
                    struct slice sender, bool is_proven, int64_t now, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    struct lesson lesson = {store, keys, NULL, {.member_id = member_id, .created_at = now}};
    struct values values = {.count = 0};
    keyed_pair(keys, "sender", member_id, sender, lesson.row.sender);
    add_value(&values, keys, member_id,
              is_proven ? "likeness excused" : "likeness excused unproven",
              normal_address(sender, arena));
    return put_values(&lesson, STORE_LIKENESS_EXCUSED, &values, err);
}

int likeness_is_excused(struct store *store, const struct keys *keys, int64_t member_id,
                        struct slice sender, bool is_proven, struct error *err)
{
    const struct search s = {store, keys, member_id, NULL};
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    return find_excuse(&s, normal_address(sender, arena), is_proven, err);
}
