#include "fetch/transfer.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_REDIRECTS 3
#define CONNECT_SECONDS 30L
#define WHOLE_SECONDS 600L
#define SLOWEST_BYTES 100L /* a second, for SLOW_SECONDS: then it is given up */
#define SLOW_SECONDS 60L

struct receiving {
    struct transfer *transfer;
    struct buffer *into;
    CURL *curl;
    bool has_begun, is_too_long;
    char etag[TRANSFER_ETAG_BYTES];
};

static void cleanup_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static bool is_web(const char *base)
{
    struct slice url = slice_of(base);
    return slice_starts_with_nocase(url, "https://") || slice_starts_with_nocase(url, "http://");
}

int transfer_check_url(const char *base, struct error *err)
{
    struct slice url = slice_of(base);
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)base[i] <= ' ' || base[i] == 0x7f)
            return error_set(err, ERROR_INPUT, "url: a blank or a control character");
    if (is_web(base) || slice_starts_with(url, "file:///") || slice_starts_with(url, "/"))
        return 0;
    return error_set(err, ERROR_INPUT,
                     "url: https://, http://, file:/// or a path from the root is expected");
}

/* --- a folder of this machine ------------------------------------------------------------------
 */

static int read_file(struct transfer *transfer, struct buffer *into,
                     enum transfer_answer *answer_out, struct error *err)
{
    char path[TRANSFER_URL_BYTES];
    struct stat file;
    struct slice base = slice_of(transfer->base);
    if (slice_starts_with(base, "file://"))
        base = slice_from(base, 7);
    snprintf(path, sizeof path, SLICE_FORMAT "/%s", SLICE_ARGUMENTS(base), transfer->file);
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        *answer_out = TRANSFER_MISSING;
        return 0;
    }
    if (fd < 0 || fstat(fd, &file) != 0)
        return error_system(err, "%s: cannot be read", path);
    if (!S_ISREG(file.st_mode))
        return error_set(err, ERROR_INPUT, "%s: not a file", path);
    if (file.st_size > (off_t)transfer->max_bytes || file.st_size > *transfer->bytes_left)
        return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes", path, transfer->max_bytes);
    if (transfer->modified_at != 0 && transfer->modified_at == file.st_mtime) {
        *answer_out = TRANSFER_NOT_MODIFIED;
        return 0;
    }
    buffer_clear(into);
    if (file_read_fd(fd, into, path, err) != 0)
        return -1;
    *transfer->bytes_left -= (int64_t)into->size;
    transfer->modified_at = file.st_mtime;
    *answer_out = TRANSFER_DONE;
    return 0;
}

/* --- a web server ------------------------------------------------------------------------------
 */

/* A server that was asked for the rest and sends the whole begins anew. */
static void begin_body(struct receiving *receiving)
{
    long status = 0;
    curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!receiving->has_begun && status != 206)
        buffer_clear(receiving->into);
    receiving->has_begun = true;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct receiving *receiving = context;
    size_t bytes = size * count;
    begin_body(receiving);
    *receiving->transfer->bytes_left -= (int64_t)bytes;
    if (*receiving->transfer->bytes_left < 0 ||
        receiving->into->size + bytes > receiving->transfer->max_bytes ||
        buffer_append(receiving->into, slice_new(data, bytes)) != 0) {
        receiving->is_too_long = true;
        return 0;
    }
    return bytes;
}

static size_t take_field(char *data, size_t size, size_t count, void *context)
{
    struct receiving *receiving = context;
    struct slice line = slice_new(data, size * count);
    if (slice_starts_with_nocase(line, "http/"))
        receiving->etag[0] = '\0'; /* of a redirect: not of the file */
    if (slice_starts_with_nocase(line, "etag:"))
        (void)slice_to_text(slice_trim(slice_from(line, 5)), receiving->etag,
                            sizeof receiving->etag);
    return size * count;
}

static void set_bounds(CURL *curl, const struct transfer *transfer)
{
    bool is_https = slice_starts_with_nocase(slice_of(transfer->base), "https://");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, SLOWEST_BYTES);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->max_bytes);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "zaguan-fetch/" ZAGUAN_VERSION);
    /* No proxy of the environment: what is not configured is not used. */
    curl_easy_setopt(curl, CURLOPT_PROXY, transfer->proxy);
}

static struct curl_slist *make_fields(const struct transfer *transfer, size_t have)
{
    char line[TRANSFER_ETAG_BYTES + 40], date[CLOCK_DATE_BYTES];
    struct curl_slist *fields = NULL;
    if (have > 0) {
        snprintf(line, sizeof line, "Range: bytes=%zu-", have);
        return curl_slist_append(fields, line);
    }
    if (transfer->etag[0] != '\0') {
        snprintf(line, sizeof line, "If-None-Match: %s", transfer->etag);
        fields = curl_slist_append(fields, line);
    }
    if (transfer->modified_at > 0) {
        clock_write_mail_date(transfer->modified_at, date);
        snprintf(line, sizeof line, "If-Modified-Since: %.25s GMT", date);
        fields = curl_slist_append(fields, line);
    }
    return fields;
}

static void cleanup_fields(struct curl_slist **fields)
{
    curl_slist_free_all(*fields);
}

static int judge(struct receiving *receiving, CURLcode code, const char *detail,
                 enum transfer_answer *answer_out, struct error *err)
{
    struct transfer *transfer = receiving->transfer;
    long status = 0;
    curl_off_t modified = -1;
    curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(receiving->curl, CURLINFO_FILETIME_T, &modified);
    if (receiving->is_too_long || code == CURLE_FILESIZE_EXCEEDED)
        return error_set(err, ERROR_LIMIT,
                         "%s: longer than %zu bytes, or than what is left of "
                         "today's budget",
                         transfer->file, transfer->max_bytes);
    if (code != CURLE_OK)
        return error_set(err, ERROR_TEMPORARY, "%s: %.200s", transfer->file,
                         detail[0] != '\0' ? detail : curl_easy_strerror(code));
    *answer_out = status == 304                    ? TRANSFER_NOT_MODIFIED
                  : status == 404 || status == 410 ? TRANSFER_MISSING
                                                   : TRANSFER_DONE;
    if (*answer_out == TRANSFER_DONE && status != 200 && status != 206)
        return error_set(err, ERROR_TEMPORARY, "%s: the server answered %ld", transfer->file,
                         status);
    if (*answer_out != TRANSFER_DONE)
        return 0;
    begin_body(receiving); /* an empty file has no body that begins */
    memcpy(transfer->etag, receiving->etag, sizeof transfer->etag);
    transfer->modified_at = modified > 0 ? (int64_t)modified : 0;
    return 0;
}

static int ask(struct transfer *transfer, struct buffer *into, enum transfer_answer *answer_out,
               struct error *err)
{
    char url[TRANSFER_URL_BYTES], detail[CURL_ERROR_SIZE] = "";
    size_t have = into->size;
    __attribute__((cleanup(cleanup_curl))) CURL *curl = curl_easy_init();
    if (curl == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a transfer");
    if ((size_t)snprintf(url, sizeof url, "%s/%s", transfer->base, transfer->file) >= sizeof url)
        return error_set(err, ERROR_INPUT, "url: too long");
    struct receiving receiving = {.transfer = transfer, .into = into, .curl = curl};
    __attribute__((cleanup(cleanup_fields))) struct curl_slist *fields =
        make_fields(transfer, have);
    set_bounds(curl, transfer);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_FILETIME, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiving);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_field);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiving);
    return judge(&receiving, curl_easy_perform(curl), detail, answer_out, err);
}

int transfer_run(struct transfer *transfer, struct buffer *into, enum transfer_answer *answer_out,
                 struct error *err)
{
    if (transfer_check_url(transfer->base, err) != 0)
        return -1;
    if (!is_web(transfer->base))
        return read_file(transfer, into, answer_out, err);
    bool is_rest = into->size > 0;
    if (ask(transfer, into, answer_out, err) == 0)
        return 0;
    if (!is_rest || err->kind != ERROR_TEMPORARY)
        return -1;
    buffer_clear(into); /* 416 and servers that stumble over a range: all of it */
    return ask(transfer, into, answer_out, err);
}
