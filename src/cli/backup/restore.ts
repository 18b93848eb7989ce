import { constants, existsSync } from "node:fs";
import { chmod, copyFile, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Config } from "../../config.ts";
import { claimEmbedded } from "../../store/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { describeFile, fingerprintOf, KEY_FILE, readManifest, type Manifest } from "./manifest.ts";
import { verifyLedgers } from "./verify-ledgers.ts";

/** Holds what is being restored until all of it is checked. While it is there, a restore was not finished. */
const PARTIAL = "restore.partial";

/** Puts a backup into the data folder, which must hold no data. Throws ExitError, with nothing in use, when the backup is not what it was. */
export async function restore(config: Config, given: string): Promise<Manifest> {
  if (config.databaseUrl !== undefined)
    throw new ExitError(
      EXIT.usage,
      "The rows and the ledger are in PostgreSQL: run pg_restore, and set REMIT_MASTER_KEY to the key of then.",
    );
  const folder = resolve(given);
  const manifest = await readManifest(folder);
  if (manifest === undefined) throw new ExitError(EXIT.notFound, `There is no backup in ${folder}: no backup.json that can be read.`);
  await requireKey(config, folder, manifest);
  const { lock, present } = await claimEmbedded(config.dataDir);
  try {
    const wasCut = existsSync(join(config.dataDir, PARTIAL));
    // The rows come last: with them in place, it is a data folder in use.
    if (present.includes("remit.db") || (present.length > 0 && !wasCut))
      throw new ExitError(EXIT.failed, `${config.dataDir} holds data: ${present.join(", ")}. Set REMIT_DATA to an empty folder.`);
    await putInPlace(config.dataDir, folder, manifest);
    return manifest;
  } finally {
    lock.release();
  }
}

/** Without its key a restored server would make a new one, which opens nothing. */
async function requireKey({ masterKey, dataDir }: Config, folder: string, { key }: Manifest): Promise<void> {
  const present = masterKey ?? (await keyIn(dataDir)) ?? (key.included ? await keyIn(folder) : undefined);
  if (present === undefined)
    throw new ExitError(
      EXIT.failed,
      `This backup does not hold the master key. Set REMIT_MASTER_KEY to it, or put it into ${join(dataDir, KEY_FILE)}.`,
    );
  if (fingerprintOf(Buffer.from(present, "base64url")) !== key.fingerprint)
    throw new ExitError(EXIT.failed, "The master key that is set is not the one of this backup, so nothing in it could be opened.");
}

async function keyIn(folder: string): Promise<string | undefined> {
  return readFile(join(folder, KEY_FILE), "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function putInPlace(dataDir: string, folder: string, manifest: Manifest): Promise<void> {
  const partial = join(dataDir, PARTIAL);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  try {
    await copyChecked(folder, partial, manifest);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  const names = manifest.files.map(({ name }) => name);
  for (const name of [...names.filter((each) => each !== "remit.db"), "remit.db"]) await rename(join(partial, name), join(dataDir, name));
  await rm(partial, { recursive: true, force: true });
}

async function copyChecked(folder: string, partial: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
    const path = join(partial, file.name);
    await copyFile(join(folder, file.name), path, constants.COPYFILE_FICLONE).catch(() => {
      throw new ExitError(EXIT.failed, `${file.name} is missing from the backup.`);
    });
    const { bytes, sha256 } = await describeFile(path);
    if (bytes !== file.bytes || sha256 !== file.sha256)
      throw new ExitError(EXIT.failed, `${file.name} is not what it was when the backup was made. Nothing was restored.`);
    await chmod(path, 0o600);
    await using handle = await open(path, "r+");
    await handle.sync();
  }
  const names = manifest.files.map(({ name }) => name);
  const ledgers = await verifyLedgers(partial, names);
  if (JSON.stringify(ledgers) !== JSON.stringify(manifest.ledgers))
    throw new ExitError(EXIT.failed, "The ledgers are not those that the manifest names. Nothing was restored.");
}
