/* The tables, as numbered migrations: user_version counts those that were applied. A migration that
 * was released is never changed; a change is a new one. docs/formats/store.md explains the columns.
 */
#include "common/store/statement.h"

static const char people_1[] =
    "CREATE TABLE member("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " address TEXT NOT NULL UNIQUE,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3),"
    " language INTEGER NOT NULL,"
    " invited_at INTEGER NOT NULL,"
    " consented_at INTEGER NOT NULL,"
    " stopped_at INTEGER NOT NULL,"
    " consent_note TEXT NOT NULL,"
    " last_digest_at INTEGER NOT NULL,"
    " last_help_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE setting("
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY(member_id, name)"
    ") STRICT, WITHOUT ROWID;"
    /* member_id 0 is the server, so there is no reference; store_member_forget() knows. */
    "CREATE TABLE sender("
    " member_id INTEGER NOT NULL,"
    " digest BLOB NOT NULL,"
    " rule INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " sealed_label BLOB NOT NULL,"
    " PRIMARY KEY(member_id, digest)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE contact("
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " digest BLOB NOT NULL,"
    " written_at INTEGER NOT NULL,"
    " PRIMARY KEY(member_id, digest)"
    ") STRICT, WITHOUT ROWID;";

static const char messages_1[] =
    /* The first piece of the body is the last column: who reads the others does not read it. */
    "CREATE TABLE message("
    " id INTEGER PRIMARY KEY,"
    " identity BLOB NOT NULL,"
    " sealed_key BLOB NOT NULL,"
    " sealed_sheet BLOB NOT NULL,"
    " size_bytes INTEGER NOT NULL,"
    " arrived_at INTEGER NOT NULL,"
    " sealed_size INTEGER NOT NULL,"
    " sealed_body BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX message_identity ON message(identity);"
    "CREATE TABLE message_rest("
    " message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " sealed_body BLOB NOT NULL,"
    " UNIQUE(message_id, number)"
    ") STRICT;"
    "CREATE TABLE item("
    " id INTEGER PRIMARY KEY AUTOINCREMENT," /* a number that a digest named is not used again */
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " message_id INTEGER NOT NULL REFERENCES message,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 6),"
    " is_pinned INTEGER NOT NULL,"
    " is_split INTEGER NOT NULL,"
    " wants_tag INTEGER NOT NULL,"
    " category TEXT NOT NULL,"
    " severity INTEGER NOT NULL,"
    " size_bytes INTEGER NOT NULL,"
    " held_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " changed_at INTEGER NOT NULL,"
    " undo_until INTEGER NOT NULL,"
    " arrivals INTEGER NOT NULL,"
    " digest_count INTEGER NOT NULL,"
    " try_count INTEGER NOT NULL,"
    " next_try_at INTEGER NOT NULL,"
    " sealed_reasons BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX item_message ON item(message_id, member_id);"
    "CREATE INDEX item_member ON item(member_id, state);"
    "CREATE INDEX item_releasing ON item(next_try_at) WHERE state = 2;"
    "CREATE TABLE entry_count("
    " list TEXT NOT NULL,"
    " entry TEXT NOT NULL,"
    " hits INTEGER NOT NULL DEFAULT 0,"
    " held INTEGER NOT NULL DEFAULT 0,"
    " released INTEGER NOT NULL DEFAULT 0,"
    " wrong INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(list, entry)"
    ") STRICT, WITHOUT ROWID;";

static const char conversation_1[] =
    "CREATE TABLE digest("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " created_at INTEGER NOT NULL,"
    " accepted_at INTEGER NOT NULL,"
    " item_count INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX digest_member ON digest(member_id);"
    "CREATE TABLE digest_item("
    " digest_id INTEGER NOT NULL REFERENCES digest ON DELETE CASCADE,"
    " code INTEGER NOT NULL,"
    " item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,"
    " PRIMARY KEY(digest_id, code)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX digest_item_item ON digest_item(item_id);"
    "CREATE TABLE token("
    " digest BLOB PRIMARY KEY NOT NULL,"
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " purpose INTEGER NOT NULL,"
    " digest_id INTEGER REFERENCES digest ON DELETE CASCADE,"
    " created_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " question TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX token_member ON token(member_id);"
    "CREATE INDEX token_digest ON token(digest_id);"
    "CREATE TABLE reveal("
    " item_id INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,"
    " level INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE outbox("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " member_id INTEGER REFERENCES member ON DELETE CASCADE," /* NULL: to the admin */
    " kind TEXT NOT NULL,"
    " digest_id INTEGER REFERENCES digest ON DELETE CASCADE,"
    " created_at INTEGER NOT NULL,"
    " next_try_at INTEGER NOT NULL,"
    " try_count INTEGER NOT NULL,"
    " sealed_mail BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX outbox_member ON outbox(member_id);"
    "CREATE INDEX outbox_digest ON outbox(digest_id);"
    /* item_id is no reference: her log outlives the item it tells about. */
    "CREATE TABLE log("
    " id INTEGER PRIMARY KEY,"
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " at INTEGER NOT NULL,"
    " item_id INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " note TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX log_member ON log(member_id, at);"
    "CREATE TABLE counter("
    " name TEXT PRIMARY KEY NOT NULL,"
    " count INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1514624334;" /* "ZGUN" */
    "PRAGMA user_version = 1;";

static const char floods_2[] =
    /* Items that one code of a digest stands for; digest_item has the first of them. */
    "CREATE TABLE digest_lane("
    " digest_id INTEGER NOT NULL REFERENCES digest ON DELETE CASCADE,"
    " code INTEGER NOT NULL,"
    " item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,"
    " PRIMARY KEY(digest_id, code, item_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX digest_lane_item ON digest_lane(item_id);"
    "CREATE TABLE flood("
    " member_id INTEGER PRIMARY KEY REFERENCES member ON DELETE CASCADE,"
    " usual INTEGER NOT NULL,"
    " usual_at INTEGER NOT NULL,"
    " began_at INTEGER NOT NULL,"
    " last_at INTEGER NOT NULL,"
    " told_at INTEGER NOT NULL"
    ") STRICT;"
    "PRAGMA user_version = 2;";

static const char names_3[] =
    /* The digest is looked for without knowing whose it is, so it is the same for namesakes. */
    "CREATE TABLE member_name("
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " digest BLOB NOT NULL,"
    " seen_at INTEGER NOT NULL,"
    " PRIMARY KEY(member_id, digest)"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 3;";

static const char likeness_4[] =
    /* Two blocked senders may share a text: taking back one block leaves what the other taught. */
    "CREATE TABLE likeness("
    " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
    " kind INTEGER NOT NULL,"
    " value BLOB NOT NULL,"
    " sender BLOB NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " PRIMARY KEY(member_id, kind, value, sender)"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 4;";

static const char lanes_5[] = "CREATE TABLE lane_source("
                              " member_id INTEGER NOT NULL REFERENCES member ON DELETE CASCADE,"
                              " digest BLOB NOT NULL,"
                              " first_day INTEGER NOT NULL,"
                              " last_day INTEGER NOT NULL,"
                              " PRIMARY KEY(member_id, digest)"
                              ") STRICT, WITHOUT ROWID;"
                              "PRAGMA user_version = 5;";

#define APPLICATION_ID 1514624334

/* Ends with NULL; the last text sets user_version. */
static const char *const migration_1[] = {people_1, messages_1, conversation_1, NULL};
static const char *const migration_2[] = {floods_2, NULL};
static const char *const migration_3[] = {names_3, NULL};
static const char *const migration_4[] = {likeness_4, NULL};
static const char *const migration_5[] = {lanes_5, NULL};
static const char *const *const migrations[] = {migration_1, migration_2, migration_3, migration_4,
                                                migration_5};
const int64_t schema_current = sizeof migrations / sizeof migrations[0];

/* A database of somebody else's program has user_version 0 and tables. */
static int check_is_ours(struct store *store, struct error *err)
{
    int64_t id = 0, tables = 0;
    if (statement_number(store, "PRAGMA application_id", BIND_NOTHING, &id, err) < 0 ||
        statement_number(store, "SELECT count(*) FROM sqlite_schema", BIND_NOTHING, &tables, err) <
            0)
        return -1;
    if (tables > 0 && id != APPLICATION_ID)
        return error_set(err, ERROR_SYSTEM, "%s: not a database of zaguan", store->path);
    return 0;
}

static int read_version(struct store *store, int64_t *version_out, struct error *err)
{
    if (statement_number(store, "PRAGMA user_version", BIND_NOTHING, version_out, err) < 0)
        return -1;
    if (*version_out > schema_current)
        return error_set(err, ERROR_SYSTEM,
                         "%s: written by a newer zaguan (schema %lld, this one knows %lld): "
                         "install that version, or restore an older backup",
                         store->path, (long long)*version_out, (long long)schema_current);
    return 0;
}

static int migrate(struct store *store, struct error *err)
{
    int64_t version = 0;
    /* Again, now that nobody else can write: two programs may start at the same time. */
    if (read_version(store, &version, err) != 0)
        return -1;
    for (; version < schema_current; version++)
        for (const char *const *text = migrations[version]; *text != NULL; text++) {
            int code = sqlite3_exec(store->database, *text, NULL, NULL, NULL);
            if (code != SQLITE_OK) {
                store_error(store, code, err);
                return error_context(err, "schema %lld", (long long)version + 1);
            }
        }
    return 0;
}

int schema_apply(struct store *store, struct error *err)
{
    int64_t version = 0;
    if (check_is_ours(store, err) != 0 || read_version(store, &version, err) != 0)
        return -1;
    if (version == schema_current)
        return 0;
    bool is_mine;
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    return verb_end(store, is_mine, migrate(store, err), err);
}
