#!/usr/bin/env python3
"""Turn sentences.txt (inline markup `[TYPE:value]`) into pii.jsonl and check it.

  build.py                 check every line, write pii.jsonl, print the counts
  build.py --fill [FILE]   put the right check digit where a number has a `~`
  build.py --digit KIND N  compute: KIND is id (17 digits), luhn (all but the last), uscc (16)

Offsets are Unicode code points, end exclusive. Every person, firm and number
is invented; the numbers only follow the real formats and check digits
(GB 11643 identity cards, Luhn bank cards, GB 32100/11714 firms).
"""
import datetime
import json
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
TYPES = ("NAME ID_CARD BANK_CARD PHONE EMAIL ADDRESS PASSPORT HK_MACAO_PERMIT USCC "
         "PLATE OTP PASSWORD DOB ACCOUNT_NO WECHAT").split()
MARK = re.compile(r"\[([A-Z_]+):([^\[\]]+)\]")

# ---- check digits -----------------------------------------------------------


def id_check(body):
    """GB 11643: the 18th character for 17 digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def luhn_check(body):
    """The last digit of a card number whose other digits are `body`."""
    total = 0
    for i, d in enumerate(reversed(body)):
        n = int(d) * (2 if i % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def uscc_check(body):
    """GB 11714 then GB 32100: the last two characters for the first 16."""
    big = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    c = 11 - sum(big.index(ch) * w for ch, w in zip(body[8:16], (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    body += "X" if c == 10 else "0" if c == 11 else str(c)
    small = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(small.index(ch) * w for ch, w in zip(body, weights))
    return body[-1] + small[-total % 31]


# ---- spoken and written forms → plain characters -----------------------------

HAN = dict(zip("零〇一二三四五六七八九幺两洞拐勾叉壹贰叁肆伍陆柒捌玖", "0012345678912079X123456789"))
HAN.update({"貳": "2", "參": "3", "陸": "6"})
WORDS = {w: str(i) for i, w in enumerate("zero one two three four five six seven eight nine".split())}
WORDS["oh"] = "0"
FILLERS = re.compile(r"那个|然后|就是|后面是|接着|嗯|呃|啊|横杠|杠|空格|对|和|哦")


def plain(value):
    """Digits and letters of a written or spoken number."""
    s = FILLERS.sub(" ", unicodedata.normalize("NFKC", value))
    s = re.sub(r"([两俩二三四五六])[个個]([%s0-9])" % "".join(HAN),
               lambda m: m[2] * {"两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}[m[1]], s)
    s = re.sub(r"\b(double|triple)[ -](\w+)",
               lambda m: (m[2] + " ") * (2 if m[1].lower() == "double" else 3), s, flags=re.I)
    s = re.sub(r"[A-Za-z]+", lambda m: WORDS.get(m[0].lower(), m[0]), s)
    s = "".join(HAN.get(ch, ch) for ch in s)
    return re.sub(r"[\s\-–—·.,、，。/()_…:]", "", s).upper()


def like(digit, before):
    """`digit` written the way the character before it is written."""
    if before in HAN:
        return "叉" if digit == "X" else "零一二三四五六七八九"[int(digit)] if digit.isdigit() else digit
    if unicodedata.east_asian_width(before) == "F":
        return chr(ord(digit) + 0xFEE0)
    if before.isascii() and before.islower():
        return digit if digit == "X" else list(WORDS)[int(digit)]
    return digit


def fill(line):
    def one(m):
        kind, value = m[1], m[2]
        if "~" not in value or kind not in ("ID_CARD", "BANK_CARD", "USCC"):
            return m[0]
        body = plain(value.replace("~", ""))
        digits = {"ID_CARD": id_check, "BANK_CARD": luhn_check, "USCC": uscc_check}[kind](body)
        for d in digits:
            at = value.index("~")
            before = value[:at].rstrip(" -·、，")[-1]
            value = value[:at] + like(d, before) + value[at + 1:]
        return f"[{kind}:{value}]"
    return MARK.sub(one, line)


# ---- what each type must look like -------------------------------------------

PROVINCES = {*"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
             "61 62 63 64 65 81 82 83".split()}
PLATE_1 = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使滬遼魯蘇贛雲蒙陝閩貴粵寧瓊"


def day(text):
    try:
        return 1900 <= datetime.datetime.strptime(text, "%Y%m%d").year <= 2026
    except ValueError:
        return False


def fault(kind, value):
    """Why `value` cannot be a `kind`, or None."""
    if value != value.strip() or "~" in value:
        return "blank at an edge or open check digit"
    p = plain(value)
    if kind == "ID_CARD":
        if re.fullmatch(r"\d{15}", p):
            return None if p[:2] in PROVINCES and day("19" + p[6:12]) else "15-digit body"
        if not re.fullmatch(r"\d{17}[\dX]", p):
            return f"length {len(p)}"
        if p[:2] not in PROVINCES or not day(p[6:14]):
            return "region or date"
        return None if id_check(p[:17]) == p[17] else "GB 11643"
    if kind == "BANK_CARD":
        if not re.fullmatch(r"\d{15,19}", p):
            return f"length {len(p)}"
        return None if luhn_check(p[:-1]) == p[-1] else "Luhn"
    if kind == "USCC":
        if not re.fullmatch(r"[0-9A-Z]{18}", p):
            return f"length {len(p)}"
        return None if uscc_check(p[:16]) == p[16:] else "GB 32100"
    if kind == "PHONE":
        if p.startswith("+") and not p.startswith("+86"):
            return None if re.fullmatch(r"\+\d{9,14}", p) else "foreign number"
        p = re.sub(r"^(\+?86|0086)(?=1\d{10}|0?\d{10,11}$)", "", p)
        return None if re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}|\d{9,14}", p) else f"phone {p}"
    pattern = {
        "PASSPORT": r"(?=.*\d)[A-Z0-9]{7,9}", "HK_MACAO_PERMIT": r"[CWHM][A-Z]?\d{7,10}",
        "OTP": r"\d{4,8}", "ACCOUNT_NO": r"(?=(?:.*\d){5})[A-Z0-9]{6,34}",
    }.get(kind)
    if pattern:
        return None if re.fullmatch(pattern, p) else f"{kind} {p}"
    if kind == "PLATE":
        if not re.fullmatch(rf"[{PLATE_1}][A-Z][A-Z0-9]{{4,6}}[挂学警港澳]?", p):
            return f"plate {p}"
    if kind == "EMAIL" and not re.search(r"@|＠|\bat\b|艾特|圈", value, re.I):
        return "no at sign"
    if kind == "WECHAT" and not re.fullmatch(r"[A-Za-z][\w\-]{5,19}", value):
        if not re.search(r"[ 下杠划线减零一二三四五六七八九]", value):
            return "WeChat id"
    if kind == "NAME" and not (re.fullmatch(r"[\u3400-\u9fff·]{2,12}", value)
                               or re.fullmatch(r"(?:[^\W\d_]|['.\-])+( (?:[^\W\d_]|['.\-])+)+", value)):
        return "name form"
    if kind == "DOB" and not re.search(r"\d|[零〇一二三四五六七八九十初]", value):
        return "date form"
    return None


def loose(text):
    """Things in unmarked text that look as if a mark was forgotten."""
    for m in re.finditer(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", text):
        if id_check(m[0][:17]) == m[0][17].upper() and day(m[0][6:14]):
            yield f"valid identity number {m[0]}"
    for m in re.finditer(r"(?<!\d)[3456]\d{15,18}(?!\d)", text):
        if luhn_check(m[0][:-1]) == m[0][-1]:
            yield f"valid card number {m[0]}"
    for m in re.finditer(r"(?<![\dA-Za-z])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\dA-Za-z])", text):
        yield f"mobile {m[0]}"
    for m in re.finditer(r"[\w.]+@\w+\.\w+", text):
        yield f"email {m[0]}"
    if re.search(r"\[|\]|~", text):
        yield "stray bracket or ~"


def build():
    faults, out, counts, names = [], [], Counter(), set()
    lines = (HERE / "sentences.txt").read_text(encoding="utf-8").splitlines()
    for no, line in enumerate(lines, 1):
        text, spans, rest, at = "", [], "", 0
        for m in MARK.finditer(line):
            gap = line[at:m.start()]
            text, rest, at = text + gap, rest + gap + "¤", m.end()
            if m[1] not in TYPES:
                faults.append((no, f"unknown type {m[1]}"))
            elif (why := fault(m[1], m[2])):
                faults.append((no, f"{m[1]} {m[2]!r}: {why}"))
            spans.append([len(text), len(text) + len(m[2]), m[1]])
            text += m[2]
            counts[m[1]] += 1
            if m[1] == "NAME":
                names.add(m[2])
        gap = line[at:]
        text, rest = text + gap, rest + gap
        faults += [(no, why) for why in loose(rest)]
        if not text.strip() or text != text.strip():
            faults.append((no, "blank line or edge"))
        out.append((text, spans, rest))
    for no, (_, _, rest) in enumerate(out, 1):
        faults += [(no, f"name {n} without a mark") for n in names if len(n) > 2 and n in rest]
    for text, n in Counter(t for t, _, _ in out).items():
        if n > 1:
            faults.append((0, f"{n} times: {text}"))
    for no, why in faults:
        print(f"sentences.txt:{no}: {why}", file=sys.stderr)
    if faults:
        return 1
    with open(HERE / "pii.jsonl", "w", encoding="utf-8") as f:
        for text, spans, _ in out:
            f.write(json.dumps({"text": text, "spans": spans}, ensure_ascii=False) + "\n")
    empty = sum(not s for _, s, _ in out)
    print(f"{len(out)} lines, {sum(counts.values())} spans, {empty} lines without a span")
    print("  ".join(f"{t} {counts[t]}" for t in TYPES))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        path = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "sentences.txt"
        path.write_text("".join(fill(s) + "\n" for s in path.read_text(encoding="utf-8").splitlines()),
                        encoding="utf-8")
    elif sys.argv[1:2] == ["--digit"]:
        print({"id": id_check, "luhn": luhn_check, "uscc": uscc_check}[sys.argv[2]](plain(sys.argv[3])))
    else:
        sys.exit(build())
