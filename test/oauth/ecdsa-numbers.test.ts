import assert from "node:assert/strict";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import { joinNumbers } from "../../src/oauth/issuer/keys/ecdsa-numbers.ts";

test("the numbers of 2,000 signatures, long and short ones among them, make the form that JWS has", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const lengths = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    const data = Buffer.from(`message ${i}`);
    const der = sign("sha256", data, privateKey);
    lengths.add(der.length);
    assert.ok(verify("sha256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, joinNumbers(der)), der.toString("hex"));
  }
  assert.ok(lengths.size >= 3, [...lengths].join(" "));
});

test("a number that is much shorter than others keeps its place", () => {
  const der = Buffer.from(`3008020101020300ff02`, "hex");
  const joined = joinNumbers(der);
  assert.equal(joined.toString("hex"), `${"00".repeat(31)}01${"00".repeat(30)}ff02`);
});
