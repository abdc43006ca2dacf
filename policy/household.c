#include "policy/household.h"

#include "common/mail/address.h"
#include "common/mail/fold.h"
#include "common/store/store_member.h"
#include "common/store/store_name.h"
#include "policy/member_name.h"
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES (64 * MIB) /* half a million members */
#define DISPLAY_BYTES 200      /* a longer one is not the name of a server */

struct bearer {
    unsigned char digest[KEYED_DIGEST_BYTES];
    int64_t member_id;
};

struct household {
    struct arena *arena;
    unsigned char key[KEYED_KEY_BYTES];
    struct domain_look *domains;
    size_t domain_count;
    struct slice *addresses; /* in order */
    size_t address_count;
    struct bearer *bearers; /* in order of digest */
    size_t bearer_count;
};

/* --- reading ---------------------------------------------------------------------------------- */

static void add_domain(struct household *h, struct slice domain, struct arena *scratch)
{
    struct domain_look *look = &h->domains[h->domain_count];
    if (h->domain_count == HOUSEHOLD_MOST_DOMAINS || !lookalike_read(domain, scratch, look))
        return;
    for (size_t i = 0; i < h->domain_count; i++)
        if (strcmp(h->domains[i].name, look->name) == 0)
            return;
    h->domain_count++;
}

static void add_address(struct household *h, struct slice address)
{
    h->addresses[h->address_count++] = arena_copy(h->arena, address);
}

static void add_setting(struct household *h, const struct settings *settings, const char *local,
                        const char *domain)
{
    struct address address = {slice_of(local), slice_of(domain)};
    add_address(h, address_canonical(&address, settings->recipient_delimiter, h->arena));
}

/* A rented machine has its name in the house of the landlord, who writes invoices. */
static void add_host(struct household *h, struct slice hostname, struct arena *scratch)
{
    struct domain_look look;
    if (h->domain_count > 0 && lookalike_read(hostname, scratch, &look) &&
        strcmp(look.name + look.own_name, h->domains[0].name + h->domains[0].own_name) == 0)
        add_domain(h, hostname, scratch);
}

static void add_own(struct household *h, const struct settings *settings, struct arena *scratch)
{
    struct slice admin = slice_of(settings->admin_address);
    add_domain(h, slice_of(settings->domain), scratch);
    add_host(h, slice_of(settings->hostname), scratch);
    add_setting(h, settings, settings->reply_user, settings->domain);
    if (slice_find_byte(admin, '@') == admin.size)
        add_setting(h, settings, settings->admin_address, settings->domain);
    else
        add_address(h, admin);
}

static void add_spelled_name(struct household *h, int64_t member_id, struct slice local,
                             struct arena *scratch)
{
    struct full_name name;
    struct bearer *bearer = &h->bearers[h->bearer_count];
    if (!full_name_of_local(local, scratch, &name))
        return;
    member_name_digest(h->key, &name, bearer->digest);
    bearer->member_id = member_id;
    h->bearer_count++;
}

static void add_member(struct household *h, const struct store_member *member,
                       struct arena *scratch)
{
    size_t at = slice_find_last_byte(member->address, '@');
    struct slice domain = slice_from(member->address, at + 1);
    struct slice last = h->domain_count == 0 ? (struct slice){NULL, 0}
                                             : slice_of(h->domains[h->domain_count - 1].name);
    arena_reset(scratch);
    if (!slice_equals(domain, last))
        add_domain(h, domain, scratch);
    if (member->state != STORE_MEMBER_ON)
        return;
    add_address(h, member->address);
    add_spelled_name(h, member->id, slice_part(member->address, 0, at), scratch);
}

static int compare_addresses(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static int compare_bearers(const void *a, const void *b)
{
    return memcmp(a, b, KEYED_DIGEST_BYTES); /* the digest stands first */
}

static int fill(struct household *h, const struct settings *settings,
                const struct store_member *members, size_t member_count,
                const struct store_name *names, size_t name_count, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(MIB);
    h->domains = arena_alloc_array(h->arena, HOUSEHOLD_MOST_DOMAINS + 1, sizeof *h->domains);
    h->addresses = arena_alloc_array(h->arena, member_count + 2, sizeof *h->addresses);
    h->bearers = arena_alloc_array(h->arena, member_count + name_count + 1, sizeof *h->bearers);
    if (scratch == NULL || h->domains == NULL || h->addresses == NULL || h->bearers == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the names of members");
    add_own(h, settings, scratch);
    for (size_t i = 0; i < member_count; i++)
        add_member(h, &members[i], scratch);
    for (size_t i = 0; i < name_count; i++) {
        struct bearer *bearer = &h->bearers[h->bearer_count++];
        memcpy(bearer->digest, names[i].digest, sizeof bearer->digest);
        bearer->member_id = names[i].member_id;
    }
    qsort(h->addresses, h->address_count, sizeof *h->addresses, compare_addresses);
    qsort(h->bearers, h->bearer_count, sizeof *h->bearers, compare_bearers);
    return arena_is_exhausted(h->arena) ? arena_error(h->arena, err) : 0;
}

static struct household *household_new(void)
{
    struct household *h = calloc(1, sizeof *h);
    if (h == NULL || (h->arena = arena_new(ARENA_BYTES)) == NULL) {
        free(h);
        return NULL;
    }
    return h;
}

void household_free(struct household *household)
{
    if (household == NULL)
        return;
    arena_free(household->arena);
    free(household);
}

int household_read(struct store *store, const struct keys *keys, const struct settings *settings,
                   struct household **household_out, struct error *err)
{
    struct store_member *members;
    struct store_name *names;
    size_t member_count, name_count;
    ARENA_CLEANUP *rows = arena_new(8 * ARENA_BYTES);
    struct household *h = household_new();
    if (rows == NULL || h == NULL) {
        household_free(h);
        return error_set(err, ERROR_SYSTEM, "no memory for the names of members");
    }
    memcpy(h->key, keys->digest_key, sizeof h->key);
    if (store_member_list(store, rows, &members, &member_count, err) != 0 ||
        store_name_list(store, rows, &names, &name_count, err) != 0 ||
        fill(h, settings, members, member_count, names, name_count, err) != 0) {
        household_free(h);
        return -1;
    }
    *household_out = h;
    return 0;
}

int household_of(const struct settings *settings, const struct slice *addresses, size_t count,
                 struct household **household_out, struct error *err)
{
    struct household *h = household_new();
    struct store_member *members =
        h == NULL ? NULL : arena_alloc_array(h->arena, count + 1, sizeof *members);
    if (members == NULL) {
        household_free(h);
        return error_set(err, ERROR_SYSTEM, "no memory for the names of members");
    }
    for (size_t i = 0; i < count; i++)
        members[i] = (struct store_member){
            .id = (int64_t)i + 1, .address = addresses[i], .state = STORE_MEMBER_ON};
    if (fill(h, settings, members, count, NULL, 0, err) != 0) {
        household_free(h);
        return -1;
    }
    *household_out = h;
    return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

bool household_has_domain(const struct household *household, const struct domain_look *look)
{
    for (size_t i = 0; i < household->domain_count; i++)
        if (lookalike_is_within(look, &household->domains[i]))
            return true;
    return false;
}

bool household_is_copied_by(const struct household *household, const struct domain_look *look)
{
    if (household_has_domain(household, look))
        return false;
    for (size_t i = 0; i < household->domain_count; i++)
        if (lookalike_compare(look, &household->domains[i]) != LOOKALIKE_NONE)
            return true;
    return false;
}

bool household_has_address(const struct household *household, struct slice address)
{
    return !slice_is_empty(address) &&
           bsearch(&address, household->addresses, household->address_count,
                   sizeof *household->addresses, compare_addresses) != NULL;
}

/* The first of those with this digest; bearer_count when there is none. */
static size_t first_bearer(const struct household *h, const unsigned char *digest)
{
    size_t low = 0, high = h->bearer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(h->bearers[middle].digest, digest, KEYED_DIGEST_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t household_bearers(const struct household *household, const struct full_name *name,
                         int64_t *member_ids_out, size_t most)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    size_t count = 0;
    member_name_digest(household->key, name, digest);
    for (size_t i = first_bearer(household, digest);
         count < most && i < household->bearer_count &&
         memcmp(household->bearers[i].digest, digest, sizeof digest) == 0;
         i++)
        member_ids_out[count++] = household->bearers[i].member_id;
    return count;
}

/* What is left of a display name when domains of ours and words of offices are taken away. */
struct rest {
    char letters[DISPLAY_BYTES + 1]; /* lookalike_letters() of it, without gaps */
    size_t words, offices, domains;
};

static bool add_word(const struct household *h, struct slice word, struct arena *arena,
                     struct rest *rest)
{
    struct domain_look look;
    size_t used = strlen(rest->letters);
    bool has_dot = slice_find_byte(word, '.') < word.size;
    if (has_dot && lookalike_read(word, arena, &look) && household_has_domain(h, &look)) {
        rest->domains++;
        return true;
    }
    if (full_name_is_office(word)) {
        rest->offices++;
        return true;
    }
    if (slice_is(word, "de") || slice_is(word, "do") || slice_is(word, "da") ||
        slice_is(word, "del") || slice_is(word, "the"))
        return true;
    rest->words++;
    return lookalike_letters(word, rest->letters + used, sizeof rest->letters - used);
}

/* Letters, digits, dots and what is beyond ASCII. */
static bool next_word(struct slice *text, struct slice *word_out)
{
    static const char gaps[] = " -_()[]{}<>\"',:;|/+*!";
    size_t begin = 0, end;
    while (begin < text->size && strchr(gaps, text->data[begin]) != NULL)
        begin++;
    for (end = begin; end < text->size && strchr(gaps, text->data[end]) == NULL;)
        end++;
    *word_out = slice_part(*text, begin, end - begin);
    *text = slice_from(*text, end);
    return end > begin;
}

bool household_is_named(const struct household *household, struct slice display,
                        struct arena *arena)
{
    struct folded folded;
    struct slice text, word;
    struct rest rest = {.words = 0};
    if (display.size > DISPLAY_BYTES || fold_text(display, FOLD_PLAIN, arena, &folded, NULL) != 0)
        return false;
    for (text = folded.text; next_word(&text, &word);)
        if (!add_word(household, word, arena, &rest))
            return false;
    if (rest.words == 0)
        return rest.domains > 0;
    if (strcmp(rest.letters, "zaguan") == 0 && rest.words == 1)
        return true; /* what stands above zaguan's own mail (review/letter.c) */
    for (size_t i = 0; i < household->domain_count; i++)
        if (strcmp(rest.letters, household->domains[i].label) == 0 &&
            !lookalike_is_common(&household->domains[i]))
            return rest.offices + rest.domains > 0 || rest.words > 1;
    return false;
}
