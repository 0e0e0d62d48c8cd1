/* SPDX-License-Identifier: Apache-2.0
 *
 * Floats to the shortest decimal that reads back as the same float: Schubfach, by Raffaello
 * Giulietti ("The Schubfach way to render doubles", 2020), for single precision. Reading goes
 * through strtof in the C locale. */
#include "db/vector_text.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX 64 /* of a component in a text that we read */

/* 10^k for k = -31 … 45, scaled to 64 bits and rounded up. */
#define POW10_MIN (-31)
/* clang-format off */
static const uint64_t pow10_table[] = {
    0x81CEB32C4B43FCF5U, 0xA2425FF75E14FC32U, 0xCAD2F7F5359A3B3FU, 0xFD87B5F28300CA0EU,
    0x9E74D1B791E07E49U, 0xC612062576589DDBU, 0xF79687AED3EEC552U, 0x9ABE14CD44753B53U,
    0xC16D9A0095928A28U, 0xF1C90080BAF72CB2U, 0x971DA05074DA7BEFU, 0xBCE5086492111AEBU,
    0xEC1E4A7DB69561A6U, 0x9392EE8E921D5D08U, 0xB877AA3236A4B44AU, 0xE69594BEC44DE15CU,
    0x901D7CF73AB0ACDAU, 0xB424DC35095CD810U, 0xE12E13424BB40E14U, 0x8CBCCC096F5088CCU,
    0xAFEBFF0BCB24AAFFU, 0xDBE6FECEBDEDD5BFU, 0x89705F4136B4A598U, 0xABCC77118461CEFDU,
    0xD6BF94D5E57A42BDU, 0x8637BD05AF6C69B6U, 0xA7C5AC471B478424U, 0xD1B71758E219652CU,
    0x83126E978D4FDF3CU, 0xA3D70A3D70A3D70BU, 0xCCCCCCCCCCCCCCCDU, 0x8000000000000000U,
    0xA000000000000000U, 0xC800000000000000U, 0xFA00000000000000U, 0x9C40000000000000U,
    0xC350000000000000U, 0xF424000000000000U, 0x9896800000000000U, 0xBEBC200000000000U,
    0xEE6B280000000000U, 0x9502F90000000000U, 0xBA43B74000000000U, 0xE8D4A51000000000U,
    0x9184E72A00000000U, 0xB5E620F480000000U, 0xE35FA931A0000000U, 0x8E1BC9BF04000000U,
    0xB1A2BC2EC5000000U, 0xDE0B6B3A76400000U, 0x8AC7230489E80000U, 0xAD78EBC5AC620000U,
    0xD8D726B7177A8000U, 0x878678326EAC9000U, 0xA968163F0A57B400U, 0xD3C21BCECCEDA100U,
    0x84595161401484A0U, 0xA56FA5B99019A5C8U, 0xCECB8F27F4200F3AU, 0x813F3978F8940985U,
    0xA18F07D736B90BE6U, 0xC9F2C9CD04674EDFU, 0xFC6F7C4045812297U, 0x9DC5ADA82B70B59EU,
    0xC5371912364CE306U, 0xF684DF56C3E01BC7U, 0x9A130B963A6C115DU, 0xC097CE7BC90715B4U,
    0xF0BDC21ABB48DB21U, 0x96769950B50D88F5U, 0xBC143FA4E250EB32U, 0xEB194F8E1AE525FEU,
    0x92EFD1B8D0CF37BFU, 0xB7ABC627050305AEU, 0xE596B7B0C643C71AU, 0x8F7E32CE7BEA5C70U,
    0xB35DBF821AE4F38CU,
};
/* clang-format on */

/* floor(log2(10^e)), floor(log10(2^e)) and floor(log10(3/4 2^e)) for the exponents in use. */
static int32_t log2_pow10(int32_t e)
{
    return (e * 1741647) >> 19;
}

static int32_t log10_pow2(int32_t e)
{
    return (e * 1262611) >> 22;
}

static int32_t log10_three_quarters_pow2(int32_t e)
{
    return (e * 1262611 - 524031) >> 22;
}

/* The product's upper bits, with the last one set when anything was cut off. */
static uint32_t round_to_odd(uint64_t g, uint32_t c)
{
    uint64_t low = (g & UINT32_MAX) * c;
    uint64_t high = (g >> 32) * c + (low >> 32);
    return (uint32_t)(high >> 32) | ((uint32_t)high > 1);
}

struct decimal {
    uint32_t digits;
    int32_t exponent; /* value = digits * 10^exponent */
};

/* `significand` and `exponent` are the bit fields of a finite float that is not zero. */
static struct decimal shortest(uint32_t significand, uint32_t exponent)
{
    uint32_t c = exponent ? significand | 1U << 23 : significand;
    int32_t q = (exponent ? (int32_t)exponent : 1) - 150;
    uint32_t odd = c & 1; // an even significand owns the borders of its interval
    bool closer = significand == 0 && exponent > 1; // the float below is only half as far away

    int32_t k = closer ? log10_three_quarters_pow2(q) : log10_pow2(q);
    int32_t h = q + log2_pow10(-k) + 1;
    uint64_t g = pow10_table[-k - POW10_MIN];
    uint32_t lower = round_to_odd(g, (4 * c - 2 + closer) << h) + odd;
    uint32_t value = round_to_odd(g, (4 * c) << h);
    uint32_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;

    uint32_t s = value / 4;
    if (s >= 10) { // one digit less?
        uint32_t t = s / 10;
        bool below = lower <= 40 * t, above = 40 * t + 40 <= upper;
        if (below != above)
            return (struct decimal){ t + above, k + 1 };
    }
    bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below != above)
        return (struct decimal){ s + above, k };
    uint32_t middle = 4 * s + 2;
    bool up = value > middle || (value == middle && (s & 1));
    return (struct decimal){ s + up, k };
}

/* Digits of `value` to `to`; returns how many. */
static int put_digits(uint32_t value, char *to)
{
    char reversed[10];
    int n = 0;
    do
        reversed[n++] = (char)('0' + value % 10);
    while (value /= 10);
    for (int i = 0; i < n; i++)
        to[i] = reversed[n - 1 - i];
    return n;
}

/* 12.5, 0.00025, 1200: `point` digits stand before the point. */
static char *put_fixed(const char *digits, int n, int point, char *to)
{
    if (point <= 0) {
        *to++ = '0';
        *to++ = '.';
        for (; point < 0; point++)
            *to++ = '0';
        memcpy(to, digits, (size_t)n);
        return to + n;
    }
    for (int i = 0; i < n || i < point; i++) {
        if (i == point)
            *to++ = '.';
        *to++ = i < n ? digits[i] : '0';
    }
    return to;
}

static char *put_exponent(const char *digits, int n, int exponent, char *to)
{
    *to++ = digits[0];
    if (n > 1) {
        *to++ = '.';
        memcpy(to, digits + 1, (size_t)n - 1);
        to += n - 1;
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    uint32_t size = (uint32_t)abs(exponent);
    if (size < 10)
        *to++ = '0';
    return to + put_digits(size, to);
}

size_t float_text(float value, char *to)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    char *at = to, digits[10];
    if (bits >> 31)
        *at++ = '-';
    if (!(bits << 1)) {
        *at++ = '0';
        return (size_t)(at - to);
    }
    struct decimal d = shortest(bits & 0x7FFFFF, bits >> 23 & 0xFF);
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    int n = put_digits(d.digits, digits), point = n + d.exponent;
    at = point > -4 && point <= 9 ? put_fixed(digits, n, point, at)
                                  : put_exponent(digits, n, point - 1, at);
    return (size_t)(at - to);
}

size_t vector_text(const float *row, size_t dim, char *to)
{
    char *at = to;
    *at++ = '[';
    for (size_t i = 0; i < dim; i++) {
        if (i)
            *at++ = ',';
        at += float_text(row[i], at);
    }
    *at++ = ']';
    *at = '\0';
    return (size_t)(at - to);
}

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trim(struct str s)
{
    for (; s.len && is_space(s.p[0]); s.p++)
        s.len--;
    while (s.len && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* Decimal notation only: strtof alone would take hexadecimal, "inf" and "nan" too. */
static bool parse_float(struct str token, float *ret)
{
    char copy[TOKEN_MAX + 1], *end;
    token = trim(token);
    if (!token.len || token.len > TOKEN_MAX)
        return false;
    memcpy(copy, token.p, token.len);
    copy[token.len] = '\0';
    if (strspn(copy, "+-.0123456789eE") != token.len)
        return false;
    *ret = strtof_l(copy, &end, c_locale);
    return end == copy + token.len && isfinite(*ret);
}

bool vector_parse(struct str text, size_t dim, float *ret, struct vz_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_c_locale);

    text = trim(text);
    if (text.len < 2 || text.p[0] != '[' || text.p[text.len - 1] != ']')
        return vz_fail(err, VZ_FORMAT, "a vector's text stands between [ and ]");
    struct str_cut rest = { .tail = { text.p + 1, text.len - 2 }, .ok = true };
    size_t n = 0;
    for (; rest.ok; n++) {
        rest = str_cut(rest.tail, ',');
        if (n == dim)
            return vz_fail(err, VZ_FORMAT, "a vector has more than %zu components", dim);
        if (!parse_float(rest.head, &ret[n]))
            return vz_fail(err, VZ_FORMAT, "component %zu of a vector is no finite number", n + 1);
    }
    if (n != dim)
        return vz_fail(err, VZ_FORMAT, "a vector has %zu components where %zu are expected", n,
                       dim);
    return true;
}
