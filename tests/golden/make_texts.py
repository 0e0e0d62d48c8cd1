#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes texts.jsonl: 2,000 texts, one JSON string a line, for the golden tests.

About 800 WordNet glosses, 700 Debian package descriptions, and 500 adversarial texts. The first
two come from what Debian installs (wordnet-base, the lists of packages), so another machine
gives other texts: the committed file is the reference, this script says how it was made.

    python3 make_texts.py > texts.jsonl
"""
import base64
import glob
import json
import random
import subprocess
import unicodedata

rng = random.Random(20240229)


def glosses():
    out = []
    for path in sorted(glob.glob("/usr/share/wordnet/data.*")):
        with open(path, encoding="utf-8") as f:
            out += [line.split("|", 1)[1].strip() for line in f if " | " in line]
    return out


def descriptions(command):
    dump = subprocess.run(command, check=True, capture_output=True).stdout
    out = []
    for record in dump.decode("utf-8", "replace").split("\n\n"):
        lines, taking = [], False
        for line in record.split("\n"):
            if line.startswith(("Description:", "Description-en:")):
                lines, taking = [line.split(":", 1)[1].strip()], True
            elif taking and line.startswith(" "):
                lines.append("" if line == " ." else line[1:])
            else:
                taking = False
        if lines:
            out.append("\n".join(lines))
    return sorted(set(out))


SENTENCES = [
    "Ağrı Dağı'nın eteklerinde İSTANBUL'dan ısmarlanmış şiir.",
    "DİYARBAKIR ile Iğdır arası; ışık, IŞIK, İnce, ince, I, ı, İ, i",
    "Straße, STRASSE, ẞ, GROẞE, Maße und Masse, Fußgängerübergänge",
    "ŒUVRE, cœur, Æsir, ǲ, ǅ, ĳsselmeer, ﬁnance, ﬂow, eﬀect, oﬃce, ﬄ, ﬅ, ﬆ",
    "café naïve façade coöperate Ångström œdème Ørsted Łódź Đorđe Þór",
    "Việt Nam: Tiếng Việt có dấu thanh, Nguyễn, Phở, Đặng",
    "ΟΔΥΣΣΕΥΣ Οδυσσεύς ΣΊΣΥΦΟΣ σίσυφος ΤΑΧΥΤΗΤΑ ΰ ΐ Ώ ᾳ ᾼ ᾿",
    "Съешь ещё этих мягких французских булок, Йогурт, Ёлка, ЩИ",
    "Україна: їжак, ґрунт, Є, Ї; Беларусь: ў; Српски: Њ Љ Џ ђ",
    "今日は良い天気ですね。東京タワー、ひらがな、カタカナ、漢字。",
    "ﾊﾝｶｸｶﾀｶﾅ ＡＢＣ　１２３ ｆｕｌｌ－ｗｉｄｔｈ　ﾃﾞｰﾀ",
    "我喜欢机器学习和自然语言处理。中文没有空格!「引号」",
    "繁體中文：資料庫、向量、嵌入；𠮷野家 𪚥 㐀 豈 勞",
    "안녕하세요 세계, 한국어 토큰화 시험 각 ᄒ\u1161\u11ab 꿀 뷁",
    "مرحبا بالعالم، اللُّغَةُ العَرَبِيَّةُ ١٢٣ ؟ لا إله",
    "فارسی می‌خواهم کتاب‌ها ۴۵۶",
    "שָׁלוֹם עוֹלָם עברית מנוקדת, ״ציטוט״ ׳",
    "नमस्ते दुनिया क्षत्रिय हिन्दी १२३ ज़रूरत क़लम",
    "வணக்கம் உலகம் தமிழ் எழுத்து; తెలుగు; ಕನ್ನಡ; മലയാളം; বাংলা ভাষা",
    "สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง กำนัน น้ำ ๑๒๓ ฿",
    "ພາສາລາວ ភាសាខ្មែរ မြန်မာ བོད་སྐད། ქართული ԱՐՄԵՆԻԱ հայերեն አማርኛ",
    "👩‍👩‍👧‍👦 family, 👍🏽 thumbs, 🏳️‍🌈 flag, 🇩🇪🇫🇷, 🧑🏿‍🚀, ☺️ ☺︎ ❤️‍🔥 🫠",
    "a\u00a0b\u2007c\u202fd\u2009e\u3000f\u1680g no-break and thin spaces",
    "soft\u00adhyphen zero\u200bwidth join\u200der non\u200cjoiner bom\ufeffinside word\u2060joiner",
    "bell\u0007 backspace\b escape\u001b[31mred\u001b[0m del\u007f nel\u0085end csi\u009b",
    "nul\u0000inside \u0000 \u0000\u0000 end\u0000",
    "replacement \ufffd and\ufffdglued \ufffc object, private \ue000\uf8ff \U000f0000 \U0010fffd",
    "noncharacters \ufdd0 \ufffe \uffff \U0001ffff \U0010ffff here",
    "x² + y³ = z⁴, H₂O, CO₂, 1½ cups, ¼, ⅓, ⅞, №5, ①②③, Ⅷ ⅷ, ㎏ ㏒ ㍿",
    "en–dash em—dash minus−sign hyphen‐ non‑breaking ―bar ‒figure",
    "“double” ‘single’ «guillemets» „low” ‚x’ ‹y› ′prime″ `back` ´acute´",
    "https://user:pa55@example.com:8443/a/b%20c.html?q=1&r=%E2%82%AC#frag-ment",
    "mail first.last+tag@sub.example.co.uk or <postmaster@[192.0.2.1]>",
    "for (int i = 0; i < n; ++i) { a[i] *= b->c.d ? ~x : !y; } // done",
    "SELECT \"key\", count(*) FROM t WHERE x <> 'it''s' AND y @> '{1,2}'::int[];",
    "def f(x: int = 3, *args, **kw) -> None:\n\treturn {**kw, 'a': [1, 2.5e-3]}\n",
    "C:\\Users\\name\\file_name-v1.2.tar.gz /usr/lib/x86_64-linux-gnu/libfoo.so.1",
    "line one\r\nline two\r\n\r\nline\rfour\n\ttab\x0bvt\x0cff",
    "[CLS] [MASK] [UNK] [SEP] [PAD] inside text",
    "glued[MASK]word pre[SEP]post [CLS][CLS] [mask] [Mask] [ MASK ] [[MASK]] [MAS K]",
    "x[UNK]y [PAD][PAD] ##ing ##s # # ing un##able [unused1] [unused99]",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α∧¬β ⇒ ∫₀^∞ e⁻ˣdx ≈ 1 ± √2 · π ≠ ∞ ∑∏∂∇ 𝒜𝔅ℂ 𝐱𝑦𝟘",
    "\u0301\u0308\u0323 alone, \u20dd \u0488 e\u0301\u0302\u0303\u0304 Z\u0351\u036b\u0343a\u0334l\u0321go",
    "1,234,567.89 1.234.567,89 1 234 567 0x1F 0b1010 1e-12 -5 +7 3.14 ٣٫١٤ 12/31/1999 10:45:59",
    "!!!??? ... ,,, ;;; --- ___ *** ((())) [[]] {{}} <<>> %%% $$$ ^^^ ~~~ ``` ''' \"\"\"",
    "€5 £6 ¥7 ₹8 ₿9 ¢ ₽ ₩ ฿ $0.99 5% 6‰ 7° 8′ §9 ¶ © ® ™ † ‡ • ‣ ‖ ¦ ¬",
    "Ꭰ Ꮳ ꭰ ꮳ Ა ა Ⴀ ⴀ 𐐀 𐐨 𞤀 𞤢 Ⰰ ⰰ ꙮ Ꜳ ꜳ K Å Ω ſ ẛ",
    "\u1e9b\u0323 \u0344 \u0958 \u2126 \u212a \u212b \u0340 \u0374 \u037e \u0387 \u1fef \u2329 \u232a",
    "ＦＵＬＬ　ＷＩＤＴＨ　［ＭＡＳＫ］　！？（）",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200eLRM\u200f RLM",
    "ZWJ\u200d alone VS\ufe0f alone tag\U000e0067\U000e007f keycap 1\ufe0f\u20e3",
]

SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF),
    (0x400, 0x52F), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F),
    (0xB80, 0xBFF), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF),
    (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x214F), (0x2150, 0x218F),
    (0x2190, 0x23FF), (0x2460, 0x24FF), (0x2600, 0x27BF), (0x2E00, 0x2E7F), (0x3000, 0x30FF),
    (0x3400, 0x34FF), (0x4E00, 0x4FFF), (0xAC00, 0xAD00), (0xF900, 0xFAFF), (0xFB00, 0xFB4F),
    (0xFE30, 0xFE6F), (0xFF00, 0xFFEF), (0x1D400, 0x1D4FF), (0x1F300, 0x1F64F), (0x20000, 0x200FF),
]


def assigned(c):
    # Only what Unicode 9 had already: later characters differ between libraries by design.
    return unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs") or ord(c) >= 0x1F300


def random_script():
    low, high = rng.choice(SCRIPTS)
    words = []
    for _ in range(rng.randint(1, 12)):
        chars = [chr(rng.randint(low, high)) for _ in range(rng.randint(1, 9))]
        words.append("".join(c for c in chars if assigned(c)))
    return " ".join(words) or "?"


def random_mix(pool):
    pieces = [rng.choice(pool) for _ in range(rng.randint(2, 5))]
    out = []
    for piece in pieces:
        at = rng.randrange(len(piece))
        out.append(piece[at:at + rng.randint(1, 40)])
    return rng.choice(["", " ", "-", "\u00a0", "[MASK]", "\n"]).join(out)


def adversarial(words):
    out = list(SENTENCES)
    out += [unicodedata.normalize("NFD", s) for s in SENTENCES]
    out += [s.upper() for s in SENTENCES[:24]]
    out += [chr(c) for c in range(0x21, 0x7F, 4)]
    out += ["", " ", "\t\n", "\u00a0", "\u200b", "a", "é", "e\u0301", "中", "🙂", "ß", "İ", "\u0301"]
    for n in (50, 99, 100, 101, 102, 200, 1000):
        out += ["a" * n, "é" * n, "x" + "\u0301" * n, "中" * n, "!" * n, "ab" * (n // 2) + " end"]
    for n in (10, 40, 120, 400, 2000):
        out.append(base64.b64encode(rng.randbytes(n)).decode())
        out.append(rng.randbytes(n).hex())
    for n in (1, 9, 17, 33, 100):
        out.append("".join(rng.choice("!?.,;:-_'\"()[]{}<>/\\|@#$%^&*+=~`") for _ in range(n)))
        out.append(" ".join(str(rng.randint(0, 10 ** rng.randint(1, 18))) for _ in range(n)))
    for n in (5000, 5000, 2500):
        out.append(" ".join(rng.choice(words) for _ in range(n)))
    while len(out) < 400:
        out.append(random_script())
    while len(out) < 500:
        out.append(random_mix(SENTENCES))
    return out[:500]


def main():
    all_glosses = glosses()
    words = sorted({w for g in all_glosses[:3000] for w in g.split()})
    texts = rng.sample(all_glosses, 800)
    texts += rng.sample(descriptions(["apt-cache", "dumpavail"]), 350)  # one line each
    texts += rng.sample(descriptions(["cat", "/var/lib/dpkg/status"]), 350)  # long ones
    texts += adversarial(words)
    assert len(texts) == 2000
    for text in texts:
        print(json.dumps(text, ensure_ascii=True))


main()
