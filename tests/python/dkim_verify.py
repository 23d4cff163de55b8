# Verifies the DKIM signatures of messages in files with dkimpy, and prints for each file a line of JSON: what became of each of
# its signatures, from the first.
#
#   python3 dkim_verify.py records.json message.eml...
#
# records.json holds the TXT records that its questions are answered with, by name: nothing is asked of DNS.
import json
import re
import sys

import dkim

with open(sys.argv[1], encoding="utf-8") as file:
    records = json.load(file)


def answer(name, timeout=None):
    name = name.decode() if isinstance(name, bytes) else name
    return records.get(name.rstrip("."), "").encode() or None


def verdict(message, index):
    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=answer)
    except dkim.DKIMException:
        return False


for path in sys.argv[2:]:
    with open(path, "rb") as file:
        message = file.read()
    head = message.split(b"\r\n\r\n", 1)[0]
    signatures = re.findall(rb"^dkim-signature:", head, re.IGNORECASE | re.MULTILINE)
    print(json.dumps([verdict(message, index) for index in range(len(signatures))]))
