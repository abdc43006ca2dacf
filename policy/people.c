#include "policy/people.h"

#include "common/base/clock.h"
#include "common/store/store_sender.h"
#include "policy/list_address.h"
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4
#define PERSON_SETS 1024   /* 4,096 addresses, about 2 MB */
#define RELATION_SETS 4096 /* 16,384 pairs, 640 KB */
#define STORES_MOST 8      /* looks at the database at a time; the others wait for their turn */

struct name {
    unsigned char bytes[crypto_shorthash_siphashx24_BYTES];
};

struct person_slot {
    struct name name;
    uint64_t generation; /* 0: empty */
    struct person person;
};

struct relation_slot {
    struct name name;
    uint64_t generation;
    struct relation relation;
};

struct people {
    const struct settings *settings;
    const struct keys *keys;
    struct store_pool *stores;
    sem_t turns;
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    pthread_mutex_t mutex; /* of all below */
    struct store *watch;   /* data_version is told anew to each connection: this one is asked */
    int64_t data_version, looked_at_milliseconds;
    uint64_t generation;
    unsigned next_way;
    struct person_slot persons[PERSON_SETS][WAYS];
    struct relation_slot relations[RELATION_SETS][WAYS];
};

struct people *people_new(const struct settings *settings, const struct keys *keys,
                          struct store_pool *stores)
{
    struct people *people = calloc(1, sizeof *people);
    if (people == NULL)
        return NULL;
    people->settings = settings;
    people->keys = keys;
    people->stores = stores;
    people->generation = 1;
    people->looked_at_milliseconds = INT64_MIN / 2;
    randombytes_buf(people->key, sizeof people->key);
    pthread_mutex_init(&people->mutex, NULL);
    sem_init(&people->turns, 0, STORES_MOST);
    return people;
}

void people_free(struct people *people)
{
    if (people == NULL)
        return;
    store_close(people->watch);
    sem_destroy(&people->turns);
    pthread_mutex_destroy(&people->mutex);
    free(people);
}

static struct name name_of(const struct people *people, struct slice text)
{
    struct name name;
    crypto_shorthash_siphashx24(name.bytes, (const unsigned char *)text.data, text.size,
                                people->key);
    return name;
}

static struct name name_of_pair(const struct people *people, int64_t member_id, struct slice sender)
{
    struct {
        int64_t member_id;
        struct name sender;
    } pair = {member_id, name_of(people, sender)};
    return name_of(people, slice_new((const char *)&pair, sizeof pair));
}

static size_t set_of(const struct name *name, size_t sets)
{
    uint32_t number;
    memcpy(&number, name->bytes, sizeof number);
    return number % sets;
}

/* Called with the mutex. */
static int look_for_news(struct people *people, struct error *err)
{
    int64_t version, now = clock_monotonic_milliseconds();
    if (now < people->looked_at_milliseconds + PEOPLE_STALE_MILLISECONDS)
        return 0;
    if (people->watch == NULL && store_open(people->settings->database, &people->watch, err) != 0)
        return -1;
    if (store_data_version(people->watch, &version, err) != 0) {
        store_close(people->watch);
        people->watch = NULL;
        people->generation++;
        return -1;
    }
    if (version != people->data_version)
        people->generation++;
    people->data_version = version;
    people->looked_at_milliseconds = now;
    return 0;
}

/* 1 remembered, 0 not, -1. *generation_out: under which what is read now may be remembered. */
static int recall_person(struct people *people, const struct name *name, struct person *person_out,
                         uint64_t *generation_out, struct error *err)
{
    int found = 0;
    pthread_mutex_lock(&people->mutex);
    int failed = look_for_news(people, err);
    struct person_slot *slots = people->persons[set_of(name, PERSON_SETS)];
    for (int i = 0; failed == 0 && found == 0 && i < WAYS; i++)
        if (slots[i].generation == people->generation &&
            memcmp(&slots[i].name, name, sizeof *name) == 0) {
            *person_out = slots[i].person;
            found = 1;
        }
    *generation_out = people->generation;
    pthread_mutex_unlock(&people->mutex);
    return failed != 0 ? -1 : found;
}

static void remember_person(struct people *people, const struct name *name,
                            const struct person *person, uint64_t generation)
{
    pthread_mutex_lock(&people->mutex);
    struct person_slot *slots = people->persons[set_of(name, PERSON_SETS)];
    unsigned way = people->next_way++ % WAYS;
    for (unsigned i = 0; i < WAYS; i++)
        if (slots[i].generation != people->generation)
            way = i;
    slots[way] = (struct person_slot){*name, generation, *person};
    pthread_mutex_unlock(&people->mutex);
}

static int count_relations(struct store *store, struct person *person, struct error *err)
{
    int64_t rules, server_rules, contacts;
    if (store_sender_count(store, person->id, &rules, err) != 0 ||
        store_sender_count(store, STORE_SERVER, &server_rules, err) != 0 ||
        store_contact_count(store, person->id, &contacts, err) != 0)
        return -1;
    person->has_rules = rules + server_rules > 0;
    person->has_contacts = contacts > 0;
    return 0;
}

static int read_person(struct people *people, struct store *store, struct slice address,
                       struct arena *arena, struct person *person, struct error *err)
{
    struct member member;
    *person = (struct person){.id = 0};
    int found = member_find(store, people->settings, address, arena, &member, err);
    if (found != 1)
        return found;
    *person = (struct person){.id = member.row.id,
                              .state = member.row.state,
                              .consented_at = member.row.consented_at,
                              .wishes = member.wishes};
    if (store_flood_get(store, person->id, &person->flood, err) < 0)
        return -1;
    return count_relations(store, person, err);
}

static int take_store(struct people *people, struct store **store_out, struct error *err)
{
    while (sem_wait(&people->turns) != 0)
        continue;
    if (store_pool_take(people->stores, store_out, err) == 0)
        return 0;
    sem_post(&people->turns);
    return -1;
}

static void give_store(struct people *people, struct store *store, bool is_good)
{
    store_pool_give(people->stores, store, is_good);
    sem_post(&people->turns);
}

int people_find(struct people *people, struct slice address, struct arena *arena,
                struct person *person_out, struct error *err)
{
    struct person person;
    struct store *store;
    uint64_t generation;
    if (slice_is_empty(address))
        return 0;
    struct name name = name_of(people, address);
    int found = recall_person(people, &name, &person, &generation, err);
    if (found < 0)
        return -1;
    if (found == 0) {
        if (take_store(people, &store, err) != 0)
            return -1;
        int failed = read_person(people, store, address, arena, &person, err);
        give_store(people, store, failed >= 0);
        if (failed < 0)
            return -1;
        remember_person(people, &name, &person, generation);
    }
    *person_out = person;
    return person.id != 0;
}

static int recall_relation(struct people *people, const struct name *name,
                           struct relation *relation_out, uint64_t *generation_out)
{
    int found = 0;
    pthread_mutex_lock(&people->mutex);
    struct relation_slot *slots = people->relations[set_of(name, RELATION_SETS)];
    for (int i = 0; found == 0 && i < WAYS; i++)
        if (slots[i].generation == people->generation &&
            memcmp(&slots[i].name, name, sizeof *name) == 0) {
            *relation_out = slots[i].relation;
            found = 1;
        }
    *generation_out = people->generation;
    pthread_mutex_unlock(&people->mutex);
    return found;
}

static void remember_relation(struct people *people, const struct name *name,
                              const struct relation *relation, uint64_t generation)
{
    pthread_mutex_lock(&people->mutex);
    struct relation_slot *slots = people->relations[set_of(name, RELATION_SETS)];
    slots[people->next_way++ % WAYS] = (struct relation_slot){*name, generation, *relation};
    pthread_mutex_unlock(&people->mutex);
}

static int read_relation(struct people *people, struct store *store, const struct person *person,
                         struct slice sender, struct arena *arena, struct relation *relation,
                         struct error *err)
{
    struct relation read = {.member_rule = STORE_SENDER_NONE};
    int known = 0;
    if (person->has_rules && (sender_find_rule(store, people->keys, person->id, sender, sender,
                                               &read.member_rule, err) != 0 ||
                              sender_find_rule(store, people->keys, STORE_SERVER, sender, sender,
                                               &read.server_rule, err) != 0))
        return -1;
    if (person->has_contacts)
        known = contact_is_known(store, people->keys, person->id, sender, err);
    if (person->has_contacts && known == 0)
        known = contact_is_known(store, people->keys, person->id, list_address(sender, arena), err);
    if (known < 0)
        return -1;
    read.is_correspondent = known == 1;
    *relation = read;
    return 0;
}

int people_relation(struct people *people, const struct person *person, struct slice sender,
                    struct arena *arena, struct relation *relation_out, struct error *err)
{
    struct relation relation = {.member_rule = STORE_SENDER_NONE};
    struct store *store;
    uint64_t generation;
    if (slice_is_empty(sender) || !(person->has_rules || person->has_contacts)) {
        *relation_out = relation;
        return 0;
    }
    struct name name = name_of_pair(people, person->id, sender);
    if (recall_relation(people, &name, &relation, &generation) == 0) {
        if (take_store(people, &store, err) != 0)
            return -1;
        int failed = read_relation(people, store, person, sender, arena, &relation, err);
        give_store(people, store, failed == 0);
        if (failed != 0)
            return -1;
        remember_relation(people, &name, &relation, generation);
    }
    *relation_out = relation;
    return 0;
}
