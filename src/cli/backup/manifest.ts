import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { deriveKey } from "../../lib/secret.ts";

export const MANIFEST = "backup.json";
export const KEY_FILE = "master.key";

// Names come from a file: they may lead nowhere else.
const name = z.string().regex(/^(?:remit|ledger(?:-[a-z0-9-]{1,32})?)\.db$|^master\.key$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  format: z.literal(1),
  /** The version of Remit that made it. */
  remit: z.string(),
  /** Epoch milliseconds. */
  made_at: z.number(),
  files: z.array(z.object({ name, bytes: z.number(), sha256 })).max(1000),
  ledgers: z.array(z.object({ name, records: z.number(), root: z.string() })).max(1000),
  /** Whether the master key is among the files, and what tells it from another. */
  key: z.object({ included: z.boolean(), fingerprint: sha256 }),
});

/** What a backup holds. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest of a folder; undefined when it has none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  } catch {
    return undefined;
  }
}

export async function describeFile(path: string): Promise<Manifest["files"][number]> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(createReadStream(path), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) {
      bytes += part.length;
      hash.update(part);
    }
  });
  return { name: basename(path), bytes, sha256: hash.digest("hex") };
}

/** Tells keys apart and gives nothing of them away. */
export function fingerprintOf(masterKey: Buffer): string {
  return createHash("sha256").update(deriveKey(masterKey, "backup-fingerprint")).digest("hex");
}

/** The chain that a ledger's file holds, by the name of its node. */
export function nodeOf(file: string): string {
  return /^ledger-(.+)\.db$/.exec(file)?.[1] ?? "main";
}
