import { hash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { wordsOf } from "../../src/control-plane/search/words.ts";
import { controlPlane, seedDemo } from "../../src/control-plane/index.ts";
import { createServer, parseConfig } from "../../src/index.ts";
import { productEnv } from "../product.ts";

export interface Size {
  readonly organizations: number;
  readonly users: number;
}

const seeded = z.object({
  environmentId: z.string(),
  agent: z.object({ clientId: z.string(), clientSecret: z.string() }),
});

/** A data folder that is filled, and what opens it. */
export interface Seeded extends z.infer<typeof seeded> {
  readonly dataDir: string;
  readonly seconds: number;
}

/** All that looks, and what it takes to make a template to look at. */
export const SCOPES = "wks:read env:write org:write docs:read";
const FIRST = words("Ada Bo Chen Dara Eli Fay Gus Hana Ivo Jun Kai Lea Mira Noor Omar Pia Quin Rosa Sam Tova Uma Vera Wim Xia Yara Zed");
const LAST = words(
  "Abel Brandt Costa Duarte Engel Fisher Grant Haddad Ito Jansen Keller Lopez Meyer Novak Okafor Petrov Quist Rossi Silva Tanaka",
);
const TRADE = words("Foods Tools Optics Labs Health Logistics Sweets Imports Media Energy Textiles Robotics Travel Bank Paper Glass");
const DAY_MS = 86_400_000;

function words(text: string): readonly string[] {
  return text.split(" ");
}

/** Name and external id of an organization. */
export function organizationNames(nth: number): { readonly name: string; readonly externalId: string } {
  return { name: `${pick(LAST, nth)} ${pick(TRADE, nth / LAST.length)} ${nth}`, externalId: `ext-${nth}` };
}

/** First names never meet the last names of the same parity: a search can ask for two common words that nobody has both of. */
export function userNames(nth: number): { readonly name: string; readonly email: string } {
  const first = Math.floor(nth / 7) % FIRST.length;
  const last = (Math.floor(nth / 13) * 2 + ((first + 1) % 2)) % LAST.length;
  const name = `${FIRST[first]} ${LAST[last]}`;
  return { name, email: `${name.toLowerCase().replace(" ", ".")}.${nth}@host${nth % 1000}.example` };
}

function pick(from: readonly string[], nth: number): string {
  return from[Math.floor(nth) % from.length] ?? "";
}

/** Ids in the order of `nth`, so that rows are written in the order of their index; half of the digits are of no order. */
export function idOf(prefix: "org" | "usr", nth: number): string {
  return `${prefix}_${nth.toString(16).padStart(12, "0")}${(Math.imul(nth, 2_654_435_761) >>> 0).toString(16).padStart(20, "0")}`;
}

/** The filled folder of this size: the one in the cache, or a new one. */
export async function seed(size: Size): Promise<Seeded> {
  const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
  const dataDir = path.join(cache, `remit-scale-${size.organizations}-${size.users}-${schemaName()}`);
  const note = path.join(dataDir, "seeded.json");
  if (fs.existsSync(note)) return { ...seeded.parse(JSON.parse(fs.readFileSync(note, "utf8"))), dataDir, seconds: 0 };
  const startedAt = performance.now();
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true });
  const made = await prepare(dataDir);
  fill(path.join(dataDir, "remit.db"), made, size);
  // Last, so that a folder that was left half filled is filled anew.
  fs.writeFileSync(note, JSON.stringify(made));
  return { ...made, dataDir, seconds: (performance.now() - startedAt) / 1000 };
}

/** Another one as soon as there is another migration: older rows would not be opened. */
function schemaName(): string {
  const folders = ["../../src/store/migrations/", "../../src/control-plane/tables/"].map((folder) =>
    fileURLToPath(new URL(folder, import.meta.url)),
  );
  return hash("sha256", folders.flatMap((folder) => fs.readdirSync(folder).sort()).join()).slice(0, 8);
}

/** The schema as the product's own start makes it, with a workspace and an agent. */
async function prepare(dataDir: string) {
  const server = await createServer({ ...controlPlane, config: parseConfig({ ...productEnv({ port: 0, dataDir }) }) });
  try {
    const demo = await server.operator.seed(seedDemo);
    if (demo === undefined) throw new Error(`${dataDir} is not empty`);
    const { workspaceId, environmentIds } = demo;
    const agent = await server.operator.createAgent({ name: "Bench", scopes: SCOPES.split(" "), workspaceId });
    if ("problems" in agent) throw new Error(agent.problems.join("\n"));
    return {
      environmentId: environmentIds.production,
      workspaceId,
      agent: { clientId: agent.clientId, clientSecret: agent.clientSecret ?? "" },
    };
  } finally {
    await server.close();
  }
}

interface Place {
  readonly workspaceId: string;
  readonly environmentId: string;
}

/** Writes the rows in bulk: what the tools write one by one. */
function fill(file: string, { workspaceId, environmentId }: Place, { organizations, users }: Size): void {
  const db = new DatabaseSync(file);
  db.exec("pragma synchronous = off; pragma cache_size = -1000000; pragma temp_store = file; begin");
  db.exec("create temp table word (kind text, word text, resource_id text)");
  const place: readonly SQLInputValue[] = [workspaceId, environmentId];
  const organization = db.prepare(
    `insert into organization (workspace_id, environment_id, id, name, external_id, features, created_at, version) values (?, ?, ?, ?, ?, '{"sso":true}', ?, 1)`,
  );
  const user = db.prepare(
    "insert into organization_user (workspace_id, environment_id, id, organization_id, email, name, created_at, version) values (?, ?, ?, ?, ?, ?, ?, 1)",
  );
  const word = db.prepare("insert into temp.word values (?, ?, ?)");
  const index = (kind: string, id: string, ...texts: readonly string[]) => {
    for (const each of wordsOf(...texts)) word.run(kind, each, id);
  };
  const start = Date.now() - 300 * DAY_MS;
  for (let nth = 0; nth < organizations; nth++) {
    const { name, externalId } = organizationNames(nth);
    organization.run(...place, idOf("org", nth), name, externalId, start + (Math.imul(nth, 40_503) >>> 4));
    index("organization", idOf("org", nth), name, externalId);
  }
  for (let nth = 0; nth < users; nth++) {
    const { name, email } = userNames(nth);
    user.run(...place, idOf("usr", nth), idOf("org", nth % organizations), email, name, start + nth);
    index("user", idOf("usr", nth), email, name);
  }
  const inOrder = db.prepare(
    "insert or ignore into search_word (workspace_id, environment_id, kind, word, resource_id) select ?, ?, kind, word, resource_id from temp.word order by kind, word, resource_id",
  );
  inOrder.run(...place);
  db.exec("commit; pragma wal_checkpoint(truncate)");
  db.close();
}
