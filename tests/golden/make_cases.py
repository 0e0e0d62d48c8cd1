#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes cases.json: a small tokenizer, changes to it, and what the reference makes of texts.

    python3 make_cases.py > cases.json      # needs Python's `tokenizers`

{"base": a tokenizer.json, "cases": [{"name", "change": keys of the base to replace,
 "texts": [[text, limit or 0, ids cut off, ids]]}]}
"""
import json

from tokenizers import Tokenizer

WORDS = """the a an of to new york quick brown fox token ##ization ##s ##ing ##ed un ##able
istanbul strasse straße cafe café cafés naïve naive москва ёлка елка 東 京 東京 中 文 xx x2 10 100 ##0
[ ##MASK """.split()


def vocabulary():
    chars = [chr(c) for c in range(0x21, 0x7F)]
    chars += list("éàüßıœæřåçñ²½µ€–—“”…·αβγσςωабвгежзий一二三漢字日本語かなカナ")
    chars += list("अआकखनमसिी्ก ขค\u0e31\u0e49\u0e33".replace(" ", "")) + list("\u1112\u1161\u11ab한글")
    chars += ["\u0301", "\u0308", "\u0307", "\u0323", "fi", "ﬁ", "Ａ", "ａ", "🙂", "\u200d", "\ufe0f", "#"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for token in chars + ["##" + c for c in chars] + WORDS:
        if token not in tokens:
            tokens.append(token)
    return {token: at for at, token in enumerate(tokens)}


def added(content, number, **flags):
    return dict(dict(id=number, content=content, single_word=False, lstrip=False, rstrip=False,
                     normalized=False, special=True), **flags)


def typed(name, **fields):
    return dict(type=name, **fields)


def bert(**flags):
    return typed("BertNormalizer", **dict(dict(clean_text=True, handle_chinese_chars=True,
                                               strip_accents=None, lowercase=True), **flags))


def normalizers(*steps):
    return {"normalizer": typed("Sequence", normalizers=list(steps))}


def splitters(*steps):
    return {"pre_tokenizer": typed("Sequence", pretokenizers=list(steps))}


VOCAB = vocabulary()
SPECIAL = [added(t, VOCAB[t]) for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]


def special(name):
    return {"SpecialToken": {"id": name, "type_id": 0}}


def template(single, **ids):
    return typed("TemplateProcessing", single=single,
                 pair=[{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 special_tokens={n: {"id": n, "ids": i, "tokens": ["x"] * len(i)}
                                 for n, i in ids.items()})


SEQUENCE = {"Sequence": {"id": "A", "type_id": 0}}
BASE = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": SPECIAL,
    "normalizer": bert(), "pre_tokenizer": typed("BertPreTokenizer"),
    "post_processor": template([special("[CLS]"), SEQUENCE, special("[SEP]")],
                               **{"[CLS]": [2], "[SEP]": [3]}),
    "decoder": None,
    "model": typed("WordPiece", unk_token="[UNK]", continuing_subword_prefix="##",
                   max_input_chars_per_word=100, vocab=VOCAB),
}

TEXTS = [
    "", " ", "the quick brown foxes", "Tokenization, unable; tokened.", "New York new  york",
    "İSTANBUL Istanbul ISTANBUL ıI", "Straße STRASSE ẞ", "Café CAFE\u0301 cafe\u0301s café",
    "naïve nai\u0308ve Å Å Å", "Москва ЁЛКА ёлка", "東京 中文 漢字かなカナ ﾊﾝｶｸ", "한글 \u1112\u1161\u11ab 뷁",
    "अनुस्वार कम्पनी", "กำนัน ค้ำ", "🙂 👩\u200d🚀 ❤\ufe0f", "a\u0000b\u0007c\ufffdd\u00ade\u200bf",
    "a\u00a0b\u3000c\u2028d\u0085e\u000bf\tg\r\nh", "x² ½ ﬁ Ａ ａ ① µ €100 10–20… “a” ‘b’ · #a##b",
    "[CLS] [MASK] [UNK] [SEP] [PAD]", "x[MASK]y [MASK]  [MASK]. [mask] [ MASK ]", "[[MASK]]",
    "\u0301 \u0301a q\u0323\u0307 q\u0307\u0323 \U0001d165\u0301 a\u0334\u1b44\u0301", "ΑΒΓ ΣΑΣ ως",
    "日", "!?.,;:-_'\"()[]{}<>/\\|@#$%^&*+=~`", "a\U000e0067b\ue000c\ufdd0d\ufeffe", "100 1000 x2 x10",
    "the\nquick\tbrown  fox ", "  leading and trailing  ", "unſe ǅ Ⅷ ⅷ ㎏", "a b c d e f g h i j",
]

LONG_TEXTS = ["z" * 100, "z" * 101, "é" * 100, "e\u0301" * 100, "e\u0301" * 101, "中" * 5, "ж" * 100 + " a",
              "q" + "\U0001d165\u302e" * 40 + "a"]
SPLIT_TEXTS = ["--a--b-", "-", "a1b22c", "  a -- b  ", "a_b c²d ½", "!!a!!", "٣٫١ a·b", ""]
ADDED_TEXTS = [
    "New York", "in New York.", "new york", "NewYorker New Yorker", "xNew York", "the  <x>  a", "<x><x>",
    "  <x>", "<x>  ", "a<y>b  <y>  c", "CAFÉ café cafe\u0301", "a aa a.a éa aé", "<x> <y>  <x>", "[MASK] [MASK][CLS]",
    "<xx><x", "a\u3000<x>\u00a0<y>\u2003b", "<X> <Y>", "the<z>the <z> the", "<z>", "²<z>", "<x>y",
]
ADDED = SPECIAL + [
    added("New York", len(VOCAB), single_word=True, normalized=True, special=False),
    added("<x>", len(VOCAB) + 1, lstrip=True), added("<y>", len(VOCAB) + 2, rstrip=True),
    added("Café", len(VOCAB) + 3, normalized=True, lstrip=True, rstrip=True),
    added("<z>", len(VOCAB) + 4, single_word=True, lstrip=True, rstrip=True),
    added("<xx>", len(VOCAB) + 5), added("a", VOCAB["a"], normalized=True, single_word=True),
]

CASES = [
    ("as the base is", {}, TEXTS + LONG_TEXTS),
    ("cased", {"normalizer": bert(lowercase=False)}, TEXTS),
    ("accents kept", {"normalizer": bert(strip_accents=False)}, TEXTS),
    ("cased, accents stripped", {"normalizer": bert(lowercase=False, strip_accents=True)}, TEXTS),
    ("not cleaned", {"normalizer": bert(clean_text=False)}, TEXTS),
    ("ideographs joined", {"normalizer": bert(handle_chinese_chars=False)}, TEXTS),
    ("no normalizer", {"normalizer": None}, TEXTS),
    ("NFC", normalizers(typed("NFC"), typed("Lowercase")), TEXTS),
    ("NFD", normalizers(typed("NFD"), typed("StripAccents"), typed("Lowercase")), TEXTS),
    ("NFKC", normalizers(typed("NFKC")), TEXTS),
    ("NFKD", normalizers(typed("Sequence", normalizers=[typed("NFKD")]), typed("StripAccents")), TEXTS),
    ("prepend", normalizers(typed("Prepend", prepend="the ")), TEXTS),
    ("replace", normalizers(typed("Replace", pattern={"String": "the"}, content="a ")), TEXTS),
    ("replace by regex", normalizers(typed("Replace", pattern={"Regex": "[aeiou]+|\\s+"}, content=" ")), TEXTS),
    ("replace empty matches", normalizers(typed("Replace", pattern={"Regex": "o*"}, content="x")), TEXTS),
    ("no pre_tokenizer", {"pre_tokenizer": None}, TEXTS[:12] + SPLIT_TEXTS),
    ("Whitespace", {"pre_tokenizer": typed("Whitespace")}, TEXTS + SPLIT_TEXTS),
    ("WhitespaceSplit", {"pre_tokenizer": typed("WhitespaceSplit")}, TEXTS + SPLIT_TEXTS),
    ("Digits", splitters(typed("WhitespaceSplit"), typed("Digits", individual_digits=False)), SPLIT_TEXTS),
    ("Digits, each", splitters(typed("Digits", individual_digits=True), typed("WhitespaceSplit")), SPLIT_TEXTS),
    ("Strip left", {**normalizers(typed("Strip", strip_left=True, strip_right=False)), "pre_tokenizer": None},
     ["  a  ", "   ", "a", "\u3000a\u00a0"]),
    ("Strip right", {**normalizers(typed("Strip", strip_left=False, strip_right=True)), "pre_tokenizer": None},
     ["  a  ", "   ", "a", "\u3000a\u00a0"]),
    ("added tokens", {"added_tokens": ADDED}, ADDED_TEXTS + TEXTS[:8]),
    ("added tokens, no normalizer", {"added_tokens": ADDED, "normalizer": None}, ADDED_TEXTS),
    ("added tokens, stripped", {"added_tokens": ADDED, **normalizers(typed("Strip", strip_left=True, strip_right=True))},
     ADDED_TEXTS),
    ("no special tokens", {"post_processor": None}, TEXTS[:6]),
    ("BertProcessing", {"post_processor": typed("BertProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2])}, TEXTS[:6]),
    ("RobertaProcessing", {"post_processor": typed("RobertaProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2],
                                                   trim_offsets=True, add_prefix_space=False)}, TEXTS[:6]),
    ("two before, none after", {"post_processor": template([special("p"), special("p"), SEQUENCE], p=[4, 2])}, TEXTS[:6]),
    ("no prefix", {"model": {**BASE["model"], "continuing_subword_prefix": ""}}, TEXTS[:16]),
    ("short words", {"model": {**BASE["model"], "max_input_chars_per_word": 5, "unk_token": "[MASK]"}}, TEXTS[:16]),
    ("cut left", {"truncation": dict(direction="Left", max_length=8, strategy="LongestFirst", stride=0)}, TEXTS),
]
CASES += [(f"{behaviour} punctuation", splitters(typed("WhitespaceSplit"), typed("Punctuation", behavior=behaviour)),
           SPLIT_TEXTS + TEXTS[-4:])
          for behaviour in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")]


def rows(tokenizer, texts, direction, limits):
    special_count = tokenizer.num_special_tokens_to_add(False)
    for at, text in enumerate(texts):
        tokenizer.no_truncation()
        whole = tokenizer.encode(text).ids
        for limit in (0, 5 + at % 4) if limits else (0,):
            if limit:
                tokenizer.enable_truncation(limit, direction=direction)
            ids = tokenizer.encode(text).ids
            assert len(ids) >= special_count
            if not limit or ids != whole:
                yield [text, limit, len(whole) - len(ids), ids]


def main():
    cases = []
    for name, change, texts in CASES:
        tokenizer = Tokenizer.from_str(json.dumps({**BASE, **change}))
        limits = any(key in change for key in ("truncation", "post_processor")) or not change
        direction = (change.get("truncation") or {}).get("direction", "Right").lower()
        if "model" in change:
            change = {"model": {k: v for k, v in change["model"].items() if k != "vocab"}}
        cases.append(dict(name=name, change=change, texts=list(rows(tokenizer, texts, direction, limits))))
    body = ",\n".join("  " + json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases)
    print('{"base": ' + json.dumps(BASE, ensure_ascii=True, separators=(",", ":")) + ',\n"cases": [\n' + body + "\n]}")


main()
