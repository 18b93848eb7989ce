import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../../config.ts";
import { systemClock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import { loadMasterKey } from "../../lib/master-key.ts";
import { copyEmbedded } from "../../store/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { requireStore } from "../order.ts";
import { version } from "../version.ts";
import { describeFile, fingerprintOf, KEY_FILE, MANIFEST, type Manifest } from "./manifest.ts";
import { verifyLedgers } from "./verify-ledgers.ts";

/**
 * Copies the data folder into a new folder, also while a server runs on it. The folder has its name only once all of it is there, checked
 * and durable. Throws ExitError when it cannot be made.
 */
export async function backUp(config: Config, given: string, withKey: boolean): Promise<Manifest> {
  if (config.databaseUrl !== undefined)
    throw new ExitError(
      EXIT.usage,
      "The rows and the ledger are in PostgreSQL: run pg_dump on REMIT_DATABASE_URL. Keep REMIT_MASTER_KEY, or master.key of the data folder, apart from the dump; without it the dump cannot be used.",
    );
  requireStore(config);
  const masterKey = await loadMasterKey(config.masterKey, config.dataDir);
  if (typeof masterKey === "string") throw new ExitError(EXIT.failed, masterKey);
  const folder = resolve(given);
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new ExitError(EXIT.failed, `${folder} is not empty. Name a folder that is not there yet.`);
  const partial = `${folder}.${createId("partial")}`;
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    const manifest = await fill(partial, { config, masterKey, withKey });
    await rename(partial, folder);
    await syncPath(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

interface Wanted {
  readonly config: Config;
  readonly masterKey: Buffer;
  readonly withKey: boolean;
}

async function fill(partial: string, { config, masterKey, withKey }: Wanted): Promise<Manifest> {
  const names = [...(await copyEmbedded(config.dataDir, partial))];
  const ledgers = await verifyLedgers(partial, names);
  // A key that the environment gives is kept by whoever gives it.
  const included = withKey && config.masterKey === undefined;
  if (included) {
    await writeDurably(join(partial, KEY_FILE), masterKey.toString("base64url"));
    names.push(KEY_FILE);
  }
  const files = await Promise.all(names.map((name) => describeFile(join(partial, name))));
  const key = { included, fingerprint: fingerprintOf(masterKey) };
  const manifest: Manifest = { format: 1, remit: version, made_at: systemClock(), files, ledgers, key };
  await writeDurably(join(partial, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await syncPath(partial);
  return manifest;
}

async function writeDurably(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flush: true });
}

async function syncPath(path: string): Promise<void> {
  // Windows has no such thing as a folder to sync.
  if (process.platform === "win32") return;
  await using handle = await open(path, "r");
  await handle.sync();
}
