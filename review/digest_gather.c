#include "review/digest.h"

#include "common/base/clock.h"
#include "common/base/zone.h"
#include "review/phrases.h"
#include "review/plain.h"

#define MOST_WAITING 10000 /* read at once; beyond that the newest come in later digests */
#define MOST_TEXTS 30
#define MOST_CATEGORIES 16
#define SENDER_BYTES 120
#define SUBJECT_BYTES 100
#define SOON_SECONDS (5 * 86400)

struct gathering {
    const struct review *review;
    const struct member *member;
    struct arena *arena;
    struct digest *digest;
    struct store_item *items;
    size_t count;
};

static const char *local_time(const struct gathering *g, int64_t when, bool with_hour)
{
    struct zone_time time;
    zone_read(g->member->wishes.time_zone, when, &time);
    return with_hour ? arena_printf(g->arena, "%04d-%02d-%02d %02d:%02d", time.year, time.month,
                                    time.day, time.hour, time.minute)
                     : arena_printf(g->arena, "%04d-%02d-%02d", time.year, time.month, time.day);
}

/* Clean and cut at a character; what was cut ends with three dots. */
static const char *cut(struct slice text, size_t most, struct arena *arena)
{
    char cleaned[SENDER_BYTES + SUBJECT_BYTES];
    struct slice kept = plain_clean(text, cleaned, most);
    return arena_printf(arena, SLICE_FORMAT "%s", SLICE_ARGUMENTS(kept),
                        text.size > most ? "..." : "");
}

static const char *sender_of(const struct gathering *g, const struct item_sheet *sheet)
{
    const char *name = cut(sheet->from_display, SENDER_BYTES / 2, g->arena);
    const char *address = cut(sheet->from_address, SENDER_BYTES, g->arena);
    if (name == NULL || address == NULL)
        return NULL;
    return arena_printf(
        g->arena, "%s%s<%s>%s%s%s", name, name[0] == '\0' ? "" : " ", address,
        slice_is_empty(sheet->proven_domain) ? " (" : "",
        slice_is_empty(sheet->proven_domain) ? phrase(g->digest->language, "not proven") : "",
        slice_is_empty(sheet->proven_domain) ? ")" : "");
}

static const char *subject_of(const struct gathering *g, const struct item_sheet *sheet)
{
    if (slice_is_empty(slice_trim(sheet->subject)))
        return phrase(g->digest->language, "(no subject)");
    return cut(sheet->subject, SUBJECT_BYTES, g->arena);
}

/* A text that cannot be read is no reason to keep the digest from her. */
static void add_text(const struct gathering *g, const struct store_item *item,
                     struct digest_line *line)
{
    struct error err = {0};
    if (g->digest->reveal < WISH_REVEAL_TEXT || line->code > MOST_TEXTS)
        return;
    if (digest_read_body(g->review, item->message_id, g->digest->language, g->arena, &line->text,
                         &err) != 0)
        line->text = slice_of(phrase(g->digest->language, "(This text could not be read.)"));
}

static void describe(const struct gathering *g, const struct found_item *found,
                     struct digest_line *line)
{
    line->why = digest_why(g->digest->language, found, g->arena);
    if (g->digest->reveal >= WISH_REVEAL_WHO)
        line->sender = sender_of(g, &found->sheet);
    if (g->digest->reveal >= WISH_REVEAL_SUBJECT)
        line->subject = subject_of(g, &found->sheet);
    add_text(g, &found->item, line);
}

static void add_line(struct gathering *g, const struct store_item *item)
{
    struct digest *digest = g->digest;
    struct digest_line *line = &digest->lines[digest->line_count++];
    struct found_item found;
    struct error err = {0};
    line->code = (int64_t)digest->line_count;
    line->item_id = item->id;
    line->is_new = item->digest_count == 0;
    line->is_pinned = item->is_pinned;
    line->when = local_time(g, item->held_at, true);
    line->why = digest_category(digest->language, item->category, g->arena);
    if (item->state == STORE_ITEM_REFUSED)
        line->why = phrase(digest->language, "released, but your mailbox refused it");
    else if (find_item(g->review->store, g->review->keys, item->id, g->arena, &found, &err) == 1)
        describe(g, &found, line);
    if (!item->is_pinned && item->expires_at < g->review->now + SOON_SECONDS)
        line->until = local_time(g, item->expires_at, false);
    if (item->expires_at > digest->last_expires_at)
        digest->last_expires_at = item->expires_at;
}

static bool is_in_lane(const struct store_item *item)
{
    return slice_is(item->category, DIGEST_LANE) && item->state == STORE_ITEM_HELD &&
           !item->is_pinned;
}

static size_t count_lane(const struct gathering *g)
{
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++)
        count += is_in_lane(&g->items[i]) ? 1 : 0;
    return count;
}

/* All of a lane in one line, behind the mails that stand for themselves. */
static void add_lane(struct gathering *g, size_t count)
{
    struct digest *digest = g->digest;
    struct digest_line *line = &digest->lines[digest->line_count];
    const struct store_item *first = NULL; /* the oldest */
    int64_t *ids = arena_alloc_array(g->arena, count, sizeof *ids);
    if (ids == NULL)
        return; /* the arena says so at the end */
    *line = (struct digest_line){.code = (int64_t)++digest->line_count, .lane = ids};
    for (size_t i = 0; i < g->count; i++) {
        const struct store_item *item = &g->items[i];
        if (!is_in_lane(item))
            continue;
        ids[line->lane_count++] = item->id;
        line->is_new = line->is_new || item->digest_count == 0;
        first = first == NULL ? item : first;
        if (item->expires_at > digest->last_expires_at)
            digest->last_expires_at = item->expires_at;
    }
    if (first == NULL)
        return;
    line->item_id = first->id;
    line->when = local_time(g, first->held_at, true);
    line->why = digest_lane_why(digest->language, count, g->arena);
    if (first->expires_at < g->review->now + SOON_SECONDS)
        line->until = local_time(g, first->expires_at, false);
}

/* New ones first, then what was told once, then the rest; each oldest first. */
static void add_lines(struct gathering *g)
{
    size_t lane = count_lane(g), most = DIGEST_MOST_ITEMS - (lane > 0 ? 1 : 0);
    for (int64_t told = 0; told <= 2; told++) {
        for (size_t i = 0; i < g->count && g->digest->line_count < most; i++) {
            int64_t times = g->items[i].digest_count;
            if ((times < 2 ? times : 2) == told && !is_in_lane(&g->items[i]))
                add_line(g, &g->items[i]);
        }
    }
    if (lane > 0)
        add_lane(g, lane);
}

/* "2 threat, 1 shield": in the order in which they first came. */
static int count_categories(struct gathering *g, struct error *err)
{
    struct slice names[MOST_CATEGORIES];
    size_t counts[MOST_CATEGORIES] = {0}, used = 0;
    BUFFER_CLEANUP text = buffer_new(4096);
    for (size_t i = 0; i < g->count; i++) {
        size_t at = 0;
        if (is_in_lane(&g->items[i]))
            continue;
        while (at < used && !slice_equals(names[at], g->items[i].category))
            at++;
        if (at == MOST_CATEGORIES)
            continue;
        if (at == used)
            names[used++] = g->items[i].category;
        counts[at]++;
    }
    for (size_t i = 0; i < used; i++)
        buffer_printf(&text, "%s%zu %s", i == 0 ? "" : ", ", counts[i],
                      digest_category(g->digest->language, names[i], g->arena));
    g->digest->counts = arena_copy_text(g->arena, text.data);
    return buffer_check(&text, "the categories of a digest", err);
}

static void count_new(struct gathering *g)
{
    g->digest->waiting_count = g->count;
    for (size_t i = 0; i < g->count; i++)
        if (g->items[i].digest_count == 0)
            g->digest->new_count++;
}

int digest_gather(const struct review *review, const struct member *member, enum wish_reveal reveal,
                  struct arena *arena, struct digest *digest_out, struct error *err)
{
    struct digest digest = {.language = member->wishes.language, .reveal = reveal};
    struct gathering g = {review, member, arena, &digest, NULL, 0};
    const struct store_item_filter waiting = {
        .member_id = member->row.id,
        .states = 1U << STORE_ITEM_HELD | 1U << STORE_ITEM_REFUSED,
        .without_split = true,
        .limit = MOST_WAITING,
    };
    if (store_item_list(review->store, &waiting, arena, &g.items, &g.count, err) != 0)
        return -1;
    size_t shown = g.count < DIGEST_MOST_ITEMS ? g.count : DIGEST_MOST_ITEMS;
    digest.lines = arena_alloc_array(arena, shown + 1, sizeof *digest.lines);
    if (digest.lines == NULL)
        return arena_error(arena, err);
    count_new(&g);
    add_lines(&g);
    if (count_categories(&g, err) != 0 ||
        digest_write_footer(review, member, arena, &digest, err) != 0)
        return -1;
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *digest_out = digest;
    return 0;
}
