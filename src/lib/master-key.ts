import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const KEY_BYTES = 32;

/**
 * The 32 bytes from which every key at rest is derived: those given in base64url, or those in the data folder's `master.key`, which is
 * made on first use with access for its owner only. A sentence when the file cannot be trusted: others may read it, or it holds something else.
 */
export async function loadMasterKey(given: string | undefined, dataDir: string): Promise<Buffer | string> {
  if (given !== undefined) return Buffer.from(given, "base64url");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, "master.key");
  await writeFile(file, randomBytes(KEY_BYTES).toString("base64url"), { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const { mode } = await stat(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return `${file} can be read by others; run chmod 600 on it, and think about whether the key must be replaced`;
  }
  const key = Buffer.from((await readFile(file, "utf8")).trim(), "base64url");
  return key.length === KEY_BYTES ? key : `${file} does not hold 32 bytes in base64url; restore it from a backup`;
}
