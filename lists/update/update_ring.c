/* What a new address, domain, network or signer would have met among the mail that came before. */
#include "lists/update/update_work.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum list_action update_reach(const struct update_work *work, const struct list *list,
                              const struct entry *entry)
{
    struct partner partner = work->partner;
    enum list_action reach = entry->max_action, ceiling;
    partner.trial_until[0] = '\0';
    ceiling = partner_ceiling(&partner, entry->category, work->tools->now);
    if (list->max_action < reach)
        reach = list->max_action;
    if (ceiling < reach)
        reach = ceiling;
    /* Alone a partner's word reaches a tag, unless the admin said that one is enough. */
    if (partner.hold_quorum > 1 && reach > LIST_ACTION_TAG)
        reach = LIST_ACTION_TAG;
    return reach;
}

static const struct entry *new_entry(const struct update_change *change, size_t i)
{
    return i < change->added_count ? change->added[i] : change->changed[i - change->added_count];
}

static bool is_asked(const struct update_change *change)
{
    for (size_t i = 0; i < change->added_count + change->changed_count; i++)
        if (ring_knows(new_entry(change, i)))
            return true;
    return false;
}

/* 1 it can be asked, 0 nothing is remembered. Read once for all lists of the partner. */
static int open_ring(struct update_work *work, struct error *err)
{
    if (work->ring != NULL)
        return 1;
    return ring_read(work->tools->settings, work->tools->ring_key, work->tools->now, work->arena,
                     &work->ring, err);
}

static int park(const struct entry *entry, const struct ring_count *count,
                struct update_decisions *decisions, struct error *err)
{
    struct update_parked parked = {.action = LIST_ACTION_NONE};
    if (!slice_to_text(entry->id, parked.entry, sizeof parked.entry))
        return 0;
    snprintf(parked.reason, sizeof parked.reason,
             "it would have met mail of people your members write to (mails: %zu, senders: %zu)",
             count->known_messages, count->known_senders);
    return update_decide_entry(decisions, &parked, err);
}

int update_park_known(struct update_work *work, const struct update_change *change,
                      struct update_decisions *decisions, struct error *err)
{
    if (!is_asked(change))
        return 0;
    int found = open_ring(work, err);
    if (found != 1)
        return found;
    for (size_t i = 0; i < change->added_count + change->changed_count; i++) {
        const struct entry *entry = new_entry(change, i);
        if (!ring_knows(entry) || update_find_decision(decisions, entry->id) != NULL)
            continue;
        struct ring_count count = ring_ask(work->ring, entry, NULL, 0);
        if ((int64_t)count.known_messages > work->partner.most_known_hits &&
            park(entry, &count, decisions, err) != 0)
            return -1;
    }
    return 0;
}

static void write_counts(const struct update_work *work, const unsigned char *seen,
                         struct buffer *into)
{
    size_t count = ring_messages(work->ring), by_reach[LIST_ACTION_HOLD + 1] = {0};
    struct ring_count all = ring_count_seen(work->ring, seen);
    for (size_t i = 0; i < count; i++)
        if (seen[i] != 0)
            by_reach[seen[i] - 1]++;
    buffer_printf(into,
                  update_words(work,
                               "Ring: of your last %zu messages it would have met %zu (at most "
                               "held %zu, tagged %zu, observed %zu)"),
                  count, all.messages, by_reach[LIST_ACTION_HOLD], by_reach[LIST_ACTION_TAG],
                  by_reach[LIST_ACTION_OBSERVE] + by_reach[LIST_ACTION_NONE]);
    if (all.known_messages > 0)
        buffer_printf(into,
                      update_words(work, "; from people your members write to: %zu (senders: %zu)"),
                      all.known_messages, all.known_senders);
    buffer_append_text(into, ".\n");
}

int update_write_ring(struct update_work *work, const struct list *list,
                      const struct update_change *change, struct buffer *into, struct error *err)
{
    if (!is_asked(change))
        return 0;
    int found = open_ring(work, err);
    if (found < 0)
        return -1;
    if (found == 0) {
        buffer_printf(into, "%s\n",
                      update_words(work, "Ring: unknown; nothing is remembered of mail that came "
                                         "before (ring_days)."));
        return 0;
    }
    unsigned char *seen = arena_alloc(work->arena, ring_messages(work->ring) + 1);
    if (seen == NULL)
        return arena_error(work->arena, err);
    memset(seen, 0, ring_messages(work->ring) + 1);
    for (size_t i = 0; i < change->added_count + change->changed_count; i++) {
        const struct entry *entry = new_entry(change, i);
        unsigned char reach = (unsigned char)(update_reach(work, list, entry) + 1);
        if (ring_knows(entry))
            (void)ring_ask(work->ring, entry, seen, reach);
    }
    write_counts(work, seen, into);
    return 0;
}
