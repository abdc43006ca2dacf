#include "common/mail/submit.h"

#include "common/base/limits.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVER_BYTES 256

static const struct submit_times usual_times = {.connect_milliseconds = 10000,
                                                .reply_seconds = 300};

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void cleanup_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void cleanup_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

/* Where libcurl reads next. */
struct reading {
    const struct slice *pieces;
    size_t piece_count, piece, offset;
    bool has_started; /* the server said 354 */
};

static size_t read_pieces(char *to, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    size_t room = size * count, given = 0;
    reading->has_started = true;
    while (given < room && reading->piece < reading->piece_count) {
        struct slice part =
            slice_part(reading->pieces[reading->piece], reading->offset, room - given);
        if (part.size == 0) {
            reading->piece++;
            reading->offset = 0;
            continue;
        }
        memcpy(to + given, part.data, part.size);
        given += part.size;
        reading->offset += part.size;
    }
    return given;
}

/* In angle brackets, so that no part of it is taken for anything else. */
static int write_path(struct slice address, const char *what, char path[LIMIT_ADDRESS_BYTES],
                      struct error *err)
{
    for (size_t i = 0; i < address.size; i++)
        if ((unsigned char)address.data[i] < ' ' || address.data[i] == 0x7f)
            return error_set(err, ERROR_INPUT, "%s: a control character in the address", what);
    if (address.size + 3 > LIMIT_ADDRESS_BYTES)
        return error_set(err, ERROR_INPUT, "%s: an address of %zu bytes", what, address.size);
    snprintf(path, LIMIT_ADDRESS_BYTES, "<" SLICE_FORMAT ">", SLICE_ARGUMENTS(address));
    return 0;
}

static int write_url(const char *server, const char *helo, char *url, size_t size,
                     struct error *err)
{
    if (strpbrk(server, "/?#@ \r\n") != NULL || server[0] == '\0')
        return error_set(err, ERROR_USAGE, "\"%.100s\": not of the form host:port", server);
    if (strpbrk(helo, "/?#% \r\n") != NULL || helo[0] == '\0')
        return error_set(err, ERROR_USAGE, "\"%.100s\": not a name for HELO", helo);
    if ((size_t)snprintf(url, size, "smtp://%s/%s", server, helo) >= size)
        return error_set(err, ERROR_USAGE, "%.100s: too long", server);
    return 0;
}

static void set_times(CURL *curl, const struct submit_times *times)
{
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)times->connect_milliseconds);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)times->reply_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)times->reply_seconds);
}

static void set_message(CURL *curl, struct reading *reading)
{
    curl_off_t size = 0;
    for (size_t i = 0; i < reading->piece_count; i++)
        size += (curl_off_t)reading->pieces[i].size;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_pieces);
    curl_easy_setopt(curl, CURLOPT_READDATA, reading);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, size); /* SIZE= of RFC 1870 */
}

/*
 * Only a reply to MAIL, RCPT, DATA or to the message speaks about the message: a listener that
 * refuses everybody at its greeting is out of order, and the message waits.
 */
static int explain(CURL *curl, CURLcode code, const struct reading *reading, const char *server,
                   const char *detail, struct error *err)
{
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    bool is_about_message = code == CURLE_SEND_ERROR || reading->has_started;
    bool is_reply = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                    code == CURLE_REMOTE_ACCESS_DENIED || code == CURLE_RECV_ERROR;
    if (is_reply && reply >= 500 && reply < 600 && is_about_message)
        return error_set(err, ERROR_INPUT, "%s: refused the mail with %ld", server, reply);
    if (is_reply && reply >= 400)
        return error_set(err, ERROR_TEMPORARY, "%s: answered %ld", server, reply);
    return error_set(err, ERROR_TEMPORARY, "%s: %.200s", server,
                     detail[0] != '\0' ? detail : curl_easy_strerror(code));
}

static int send_message(const char *url, const char *from, const char *to, struct reading *reading,
                        const struct submit_times *times, const char *server, struct error *err)
{
    __attribute__((cleanup(cleanup_curl))) CURL *curl = curl_easy_init();
    __attribute__((cleanup(cleanup_list))) struct curl_slist *list = curl_slist_append(NULL, to);
    char detail[CURL_ERROR_SIZE] = "";
    if (curl == NULL || list == NULL)
        return error_set(err, ERROR_SYSTEM, "%s: no memory", server);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_NONE);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, list);
    set_times(curl, times);
    set_message(curl, reading);
    CURLcode code = curl_easy_perform(curl);
    return code == CURLE_OK ? 0 : explain(curl, code, reading, server, detail, err);
}

int submit_message_within(const char *server, const char *helo, struct slice sender,
                          struct slice recipient, const struct slice *pieces, size_t piece_count,
                          const struct submit_times *times, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char url[2 * SERVER_BYTES + 16], from[LIMIT_ADDRESS_BYTES], to[LIMIT_ADDRESS_BYTES];
    struct reading reading = {.pieces = pieces, .piece_count = piece_count};
    pthread_once(&once, start_curl);
    if (write_url(server, helo, url, sizeof url, err) != 0 ||
        write_path(sender, "sender", from, err) != 0 ||
        write_path(recipient, "recipient", to, err) != 0)
        return -1;
    if (recipient.size == 0)
        return error_set(err, ERROR_INPUT, "recipient: empty");
    return send_message(url, from, to, &reading, times, server, err);
}

int submit_message(const char *server, const char *helo, struct slice sender,
                   struct slice recipient, const struct slice *pieces, size_t piece_count,
                   struct error *err)
{
    return submit_message_within(server, helo, sender, recipient, pieces, piece_count, &usual_times,
                                 err);
}
