/* SPDX-License-Identifier: Apache-2.0
 *
 * An open-addressing set of key digests and a short list of reasons, under one lock. */
#include "job/failures.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

#define DIGEST 32 /* hexadecimal digits: 128 bits, no two keys of a table share them */

struct digest {
    char hex[DIGEST]; /* hex[0] == 0: free */
};

struct failures {
    pthread_mutex_t lock;
    struct digest *slots;
    size_t room, n, successes;
    struct failure told[FAILURES_TOLD];
};

struct failures *failures_new(void)
{
    struct failures *f = xcalloc(1, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

void failures_free(struct failures *f)
{
    if (!f)
        return;
    pthread_mutex_destroy(&f->lock);
    xfree(f->slots);
    xfree(f);
}

/* Lengths go in with the parts: ("a", "bc") and ("ab", "c") are two keys. */
static struct digest digest_of(const char *const *keys, size_t n_keys)
{
    char hex[HASH_HEX_SIZE];
    struct hash *h = hash_new();
    for (size_t i = 0; i < n_keys; i++) {
        size_t len = strlen(keys[i]);
        hash_add(h, &len, sizeof len);
        hash_add(h, keys[i], len);
    }
    hash_finish(h, hex);
    struct digest d;
    memcpy(d.hex, hex, sizeof d.hex);
    return d;
}

/* The slot that holds the digest, or the free one where it belongs. */
static struct digest *slot_of(struct digest *slots, size_t room, const struct digest *d)
{
    size_t at = 0;
    for (size_t i = 0; i < 8; i++)
        at = at * 31 + (unsigned char)d->hex[i] * 131 + (unsigned char)d->hex[i + 8] * 7;
    at %= room;
    while (slots[at].hex[0] && memcmp(slots[at].hex, d->hex, DIGEST) != 0)
        at = (at + 1) % room;
    return &slots[at];
}

static void grow(struct failures *f)
{
    if (f->room > f->n * 2)
        return;
    size_t room = f->room ? f->room * 2 : 256;
    struct digest *slots = xcalloc(room, sizeof *slots);
    for (size_t i = 0; i < f->room; i++)
        if (f->slots[i].hex[0])
            *slot_of(slots, room, &f->slots[i]) = f->slots[i];
    xfree(f->slots);
    f->slots = slots;
    f->room = room;
}

bool failures_add(struct failures *f, const struct job_row *row, const struct vz_error *why,
                  struct vz_error *err)
{
    struct digest d = digest_of(row->keys, row->n_keys);
    bool go_on = true;
    pthread_mutex_lock(&f->lock);
    grow(f);
    *slot_of(f->slots, f->room, &d) = d;
    if (f->n < FAILURES_TOLD) {
        row_key_text(row, f->told[f->n].key, sizeof f->told[f->n].key);
        snprintf(f->told[f->n].reason, sizeof f->told[f->n].reason, "%s", why->message);
    }
    f->n++;
    if (f->successes == 0 && f->n >= FAILURES_FIRST) {
        *err = *why;
        go_on = vz_context(err, "the first %d rows all failed", FAILURES_FIRST);
    } else if (f->n >= FAILURES_MAX) {
        *err = *why;
        go_on = vz_context(err, "%zu rows failed; the last", f->n);
    }
    pthread_mutex_unlock(&f->lock);
    return go_on;
}

void failures_note_success(struct failures *f)
{
    pthread_mutex_lock(&f->lock);
    f->successes++;
    pthread_mutex_unlock(&f->lock);
}

bool failures_has(struct failures *f, const char *const *keys, size_t n_keys)
{
    pthread_mutex_lock(&f->lock);
    bool any = f->n > 0;
    pthread_mutex_unlock(&f->lock);
    if (!any) // nearly always: no digest is made
        return false;
    struct digest d = digest_of(keys, n_keys);
    pthread_mutex_lock(&f->lock);
    bool has = slot_of(f->slots, f->room, &d)->hex[0] != '\0';
    pthread_mutex_unlock(&f->lock);
    return has;
}

size_t failures_count(struct failures *f)
{
    pthread_mutex_lock(&f->lock);
    size_t n = f->n;
    pthread_mutex_unlock(&f->lock);
    return n;
}

const struct failure *failures_told(struct failures *f, size_t *ret_count)
{
    *ret_count = f->n < FAILURES_TOLD ? f->n : FAILURES_TOLD;
    return f->told;
}
