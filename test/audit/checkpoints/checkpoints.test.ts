import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createSigner, openAudit, verifyExport } from "../../../src/audit/index.ts";
import { parseVerifierKey } from "../../../src/audit/checkpoints/index.ts";
import { parseConfig } from "../../../src/index.ts";
import { callTool, startServer } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

const SEED = Buffer.alloc(32, 7);
const ROOT = "ab".repeat(32);

test("a checkpoint is checked with the public key alone; with another key, name, size, root or signature it is none", () => {
  const signer = createSigner("example.com/ledger/main", SEED);
  const note = signer.sign({ size: 42, root: ROOT });
  assert.match(note, /^example\.com\/ledger\/main\n42\n[\w+/]{43}=\n\n— example\.com\/ledger\/main [\w+/]+=*\n$/);
  const verifier = parseVerifierKey(signer.verifierKey) ?? assert.fail();
  assert.deepEqual(verifier(note), { origin: "example.com/ledger/main", size: 42, root: ROOT });
  const others = [
    createSigner("example.com/ledger/main", Buffer.alloc(32, 8)).sign({ size: 42, root: ROOT }),
    createSigner("example.org/ledger/main", SEED).sign({ size: 42, root: ROOT }),
    note.replace("\n42\n", "\n43\n"),
    note.replace(/\n[\w+/]{43}=\n/, `\n${Buffer.alloc(32).toString("base64")}\n`),
    note.replace(/.{6}=*\n$/, "AAAAAA\n"),
    note.trimEnd(),
    "",
  ];
  for (const other of others) assert.equal(verifier(other), undefined, other);
  for (const key of ["", "name", "name+00000000+AAAA", signer.verifierKey.replace(/\+[0-9a-f]{8}\+/, "+00000000+")]) {
    assert.equal(parseVerifierKey(key), undefined, key);
  }
});

/** A ledger with two checkpoints, exported. */
async function exported(t: TestContext) {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const call = () => callTool(server, token, "echo", { text: "hello" });
  for (let i = 0; i < 5; i++) await call();
  await server.operator.signLedger();
  for (let i = 0; i < 5; i++) await call();
  await server.operator.signLedger();
  await server.operator.signLedger();
  const config = parseConfig({ REMIT_DATA: server.dataDir });
  const audit = await openAudit(config);
  t.after(() => audit.close());
  const lines: string[] = [];
  for await (const line of audit.export()) lines.push(line);
  const folder = await mkdtemp(join(tmpdir(), "remit-export-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "ledger.jsonl");
  return {
    key: server.operator.ledgerKey(),
    audit,
    lines,
    async verify(changed: readonly string[], key: string) {
      await writeFile(path, `${changed.join("\n")}\n`);
      assert.ok((await readFile(path, "utf8")).length > 0);
      return verifyExport(path, { key });
    },
  };
}

test("T73: of an export every changed byte, missing, doubled or moved record is found by number, with the public key alone", async (t) => {
  const { key, audit, lines, verify } = await exported(t);
  const online = await audit.verify({ key });
  assert.deepEqual([online.ok, online.checkpoints, online.signed], [true, 2, lines.length - 1]);
  const whole = await verify(lines, key);
  assert.deepEqual(
    [whole.ok, whole.records, whole.checkpoints, whole.signed, whole.root],
    [true, lines.length, 2, lines.length - 1, online.root],
  );
  for (const [i, line] of lines.entries()) {
    const seq = i + 1;
    const { body } = JSON.parse(line) as { readonly body: string };
    const at = body.indexOf('"at":') + 6;
    const bent = JSON.stringify({ ...JSON.parse(line), body: `${body.slice(0, at)}${body[at] === "1" ? "2" : "1"}${body.slice(at + 1)}` });
    assert.equal((await verify(lines.with(i, bent), key)).first_bad, seq, `changed ${seq}`);
    if (seq < lines.length) assert.equal((await verify(lines.toSpliced(i, 1), key)).first_bad, seq, `without ${seq}`);
    assert.equal((await verify(lines.toSpliced(i, 0, line), key)).ok, false, `doubled ${seq}`);
  }
  await assert.rejects(verify(lines.with(3, "{"), key), /line 4 is no record/);
  await assert.rejects(verify(lines, "key"), /no key of checkpoints/);
});

test("T73: a chain that was written anew as a whole has no checkpoint of the key, or one that does not fit", async (t) => {
  const [mine, other] = [await exported(t), await exported(t)];
  assert.equal((await other.verify(other.lines, other.key)).ok, true);
  const anew = await other.verify(other.lines, mine.key);
  assert.deepEqual([anew.ok, anew.first_bad === null], [false, false]);
  assert.match(anew.why ?? "", /is a checkpoint that this key did not sign/);
  const unsigned = await mine.verify(mine.lines.slice(0, 3), mine.key);
  assert.deepEqual([unsigned.ok, unsigned.signed], [true, 0]);
});
