"""Checks inclusion and consistency proofs by the recursive definition of RFC 6962 section 2.1: one JSON case a line in, one verdict a line out."""
import hashlib, json, sys

def sha(data): return hashlib.sha256(data).digest()
def split(n): return 1 << ((n - 1).bit_length() - 1)

def tree(leaves):
    if not leaves: return sha(b"")
    if len(leaves) == 1: return sha(b"\0" + leaves[0])
    k = split(len(leaves))
    return sha(b"\1" + tree(leaves[:k]) + tree(leaves[k:]))

def path(m, leaves):
    if len(leaves) <= 1: return []
    k = split(len(leaves))
    if m < k: return path(m, leaves[:k]) + [tree(leaves[k:])]
    return path(m - k, leaves[k:]) + [tree(leaves[:k])]

def consistency(m, leaves, known=True):
    if m == len(leaves): return [] if known else [tree(leaves)]
    k = split(len(leaves))
    if m <= k: return consistency(m, leaves[:k], known) + [tree(leaves[k:])]
    return consistency(m - k, leaves[k:], False) + [tree(leaves[:k])]

for line in sys.stdin:
    case = json.loads(line)
    leaves = [body.encode() for body in case["bodies"]]
    proof = path(case["index"], leaves) if "index" in case else consistency(case["old"], leaves)
    print(tree(leaves).hex() == case["root"] and [h.hex() for h in proof] == case["proof"])
