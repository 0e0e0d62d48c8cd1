/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading lines without blocking longer than asked, and making texts of them. */
#include "cmd/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Of text in one batch, unless one text alone is longer: some 500 tokens, which is as many as an
 * encoder needs to be fast. At the end of the input one thread waits for the last batch of another:
 * small ones keep that short. */
#define BATCH_BYTES (2 * KIB)
#define READ_BYTES (64 * KIB)
#define KEEP_BYTES MIB     /* buffers larger than this are given back after use */
#define CANCEL_POLL_MS 100 /* how long a wait for input may overlook the cancel flag */

const char *const texts_format_names[] = { "lines", "jsonl", NULL };

struct texts {
    int fd;
    const char *name; /* for messages */
    enum texts_format format;
    const atomic_bool *cancel;
    bool repeat, ended;
    struct buf raw; /* raw.p[head…]: read, not yet given */
    size_t head;
    size_t searched; /* bytes after head that have no line end in them */
    uint64_t line;   /* lines taken so far */
    bool failed;
    struct vz_error error; /* when failed: not yet said */
};

bool texts_open(const char *path, enum texts_format format, const atomic_bool *cancel,
                struct texts **ret, struct vz_error *err)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0)
        return vz_fail(err, VZ_IO, "could not open \"%s\": %m", path);
    struct texts *t = xcalloc(1, sizeof *t);
    t->fd = fd;
    t->name = path ? path : "standard input";
    t->format = format;
    t->cancel = cancel;
    t->raw = buf_make(LIMIT_TEXT + 2 * READ_BYTES);
    *ret = t;
    return true;
}

void texts_set_repeat(struct texts *t, bool repeat)
{
    t->repeat = repeat;
}

void texts_close(struct texts *t)
{
    if (!t)
        return;
    if (t->fd != STDIN_FILENO)
        close(t->fd);
    buf_free(&t->raw);
    xfree(t);
}

void texts_batch_free(struct texts_batch *b)
{
    buf_free(&b->bytes);
    b->count = 0;
}

/* ---- bytes ---- */

/* Waits until there is something to read, or not at all. *ret_ready is false when there is not. */
static bool wait_for_input(struct texts *t, bool wait, bool *ret_ready, struct vz_error *err)
{
    struct pollfd p = { .fd = t->fd, .events = POLLIN };
    for (;;) {
        if (t->cancel && atomic_load(t->cancel))
            return vz_fail(err, VZ_CANCELLED, "interrupted while reading %s", t->name);
        int n = poll(&p, 1, wait ? CANCEL_POLL_MS : 0);
        if (n < 0 && errno != EINTR)
            return vz_fail(err, VZ_IO, "could not read %s: %m", t->name);
        *ret_ready = n > 0;
        if (n > 0 || !wait)
            return true;
    }
}

/* Moves what is pending to the front, so that the buffer grows with the longest line only. */
static void compact(struct texts *t)
{
    if (t->head == 0)
        return;
    size_t pending = t->raw.len - t->head;
    memmove(t->raw.p, t->raw.p + t->head, pending);
    t->raw.len = pending;
    t->head = 0;
    if (pending == 0 && t->raw.room > KEEP_BYTES)
        buf_free(&t->raw);
}

static bool fail_too_long(const struct texts *t, struct vz_error *err)
{
    return vz_fail(err, VZ_FORMAT, "line %" PRIu64 " of %s is longer than %zu MiB", t->line + 1,
                   t->name, (size_t)(LIMIT_TEXT / MIB));
}

/* Reads once. *ret_more is false when nothing came: not yet, or never again (t->ended). */
static bool read_more(struct texts *t, bool wait, bool *ret_more, struct vz_error *err)
{
    *ret_more = false;
    bool ready = false;
    if (t->ended)
        return true;
    if (!wait_for_input(t, wait, &ready, err))
        return false;
    if (!ready)
        return true;
    compact(t);
    if (!buf_reserve(&t->raw, READ_BYTES))
        return fail_too_long(t, err);
    ssize_t n = read(t->fd, t->raw.p + t->raw.len, READ_BYTES);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return vz_fail(err, VZ_IO, "could not read %s: %m", t->name);
    if (n == 0)
        t->ended = true;
    if (n > 0)
        t->raw.len += (size_t)n;
    *ret_more = true; // or the end, which is news too
    return true;
}

/* ---- lines ---- */

/* Takes the next whole line that has been read. */
static bool take_line(struct texts *t, struct str *ret)
{
    size_t pending = t->raw.len - t->head;
    const char *start = pending ? t->raw.p + t->head : "";
    const char *end = memchr(start + t->searched, '\n', pending - t->searched);
    t->searched = pending;
    if (!end && (!t->ended || pending == 0))
        return false;
    size_t len = end ? (size_t)(end - start) : pending;
    t->head += len + (end != NULL);
    t->searched = 0;
    *ret = (struct str){ start, len && start[len - 1] == '\r' && end ? len - 1 : len };
    return true;
}

static bool rewind_input(struct texts *t, struct vz_error *err)
{
    if (lseek(t->fd, 0, SEEK_SET) < 0)
        return vz_fail(err, VZ_IO, "could not start %s again: %m", t->name);
    t->ended = t->line == 0; // an empty file stays at its end
    t->line = 0;
    return true;
}

/* The next line; *ret_found is false at the end, or when none is there yet and !wait. */
static bool next_line(struct texts *t, bool wait, struct str *ret, bool *ret_found,
                      struct vz_error *err)
{
    for (;;) {
        *ret_found = take_line(t, ret);
        if (*ret_found && ret->len > LIMIT_TEXT)
            return fail_too_long(t, err);
        if (*ret_found)
            return true;
        if (t->ended && t->repeat && !rewind_input(t, err))
            return false;
        bool more;
        if (!read_more(t, wait, &more, err))
            return false;
        if (!more)
            return true;
    }
}

/* ---- texts ---- */

static bool fail_line(const struct texts *t, struct vz_error *err)
{
    return vz_context(err, "line %" PRIu64 " of %s", t->line, t->name);
}

static bool add_text(struct texts *t, struct texts_batch *b, struct str text, struct vz_error *err)
{
    size_t valid = utf8_valid_prefix(text);
    if (valid != text.len) {
        vz_fail(err, VZ_FORMAT, "not valid UTF-8 at byte %zu", valid + 1);
        return fail_line(t, err);
    }
    struct vz_text *to = &b->texts[b->count];
    snprintf(b->keys[b->count], sizeof b->keys[0], "line %" PRIu64, t->line);
    *to = (struct vz_text){ .key = b->keys[b->count], .len = text.len };
    b->count++;
    if (!buf_add(&b->bytes, text.p, text.len))
        return vz_fail(err, VZ_BUG, "a batch of texts is larger than its buffer");
    return true;
}

static bool json_text_of(const json_t *root, struct str *ret, struct vz_error *err)
{
    const json_t *s = json_is_object(root) ? json_object_get(root, "text") : root;
    if (!json_is_string(s))
        return vz_fail(err, VZ_FORMAT, "neither a JSON string nor an object with a \"text\"");
    *ret = (struct str){ json_string_value(s), json_string_length(s) };
    return true;
}

static bool add_json(struct texts *t, struct texts_batch *b, struct str line, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    struct str text;
    if (!json_load_str(line, &root, err) || !json_text_of(root, &text, err))
        return fail_line(t, err);
    return add_text(t, b, text, err);
}

static bool add_line(struct texts *t, struct texts_batch *b, struct str line, struct vz_error *err)
{
    t->line++;
    return t->format == TEXTS_JSONL ? add_json(t, b, line, err) : add_text(t, b, line, err);
}

static void start_batch(struct texts_batch *b)
{
    b->count = 0;
    if (b->bytes.room > KEEP_BYTES)
        buf_free(&b->bytes);
    b->bytes.cap = LIMIT_TEXT + BATCH_BYTES + 1;
    buf_clear(&b->bytes);
}

/* The buffer no longer moves: texts can point into it. */
static void finish_batch(struct texts_batch *b)
{
    const char *at = b->bytes.p ? b->bytes.p : "";
    for (size_t i = 0; i < b->count; i++) {
        b->texts[i].text = at;
        at += b->texts[i].len;
    }
}

/* Adds one more text. False at the end of what there is: the input's, or the good part of it. */
static bool read_text(struct texts *t, bool wait, struct texts_batch *b)
{
    struct str line;
    bool found = false;
    t->failed = !next_line(t, wait, &line, &found, &t->error) ||
                (found && !add_line(t, b, line, &t->error));
    return found && !t->failed;
}

bool texts_read(struct texts *t, bool wait, struct texts_batch *b, struct vz_error *err)
{
    start_batch(b);
    while (!t->failed && b->count < TEXTS_MOST && b->bytes.len < BATCH_BYTES)
        if (!read_text(t, wait && b->count == 0, b))
            break;
    finish_batch(b);
    if (b->count > 0 || !t->failed)
        return true; // a failure is said once the texts before it have been given
    *err = t->error;
    return false;
}
