/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 through OpenSSL's EVP interface. It fails only when memory is gone. */
#include "base/hash.h"

#include <openssl/evp.h>

#include "base/arena.h"

struct hash {
    EVP_MD_CTX *ctx;
};

struct hash *hash_new(void)
{
    struct hash *h = xcalloc(1, sizeof *h);
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || !EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
        oom("sha-256");
    return h;
}

void hash_add(struct hash *h, const void *p, size_t len)
{
    if (!EVP_DigestUpdate(h->ctx, p, len))
        oom("sha-256");
}

void hash_finish(struct hash *h, char ret[HASH_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (!EVP_DigestFinal_ex(h->ctx, digest, &len) || len != 32)
        oom("sha-256");
    for (size_t i = 0; i < 32; i++) {
        ret[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        ret[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    ret[64] = '\0';
    EVP_MD_CTX_free(h->ctx);
    xfree(h);
}

void hash_str(struct str s, char ret[HASH_HEX_SIZE])
{
    struct hash *h = hash_new();
    hash_add(h, s.p, s.len);
    hash_finish(h, ret);
}
