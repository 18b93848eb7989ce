import * as z from "zod";
import { parseConfig } from "../../config.ts";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import { openLocal, type Destination } from "../wire/index.ts";

const TOKEN_SECONDS = 120;

const agents = z.array(z.object({ id: z.string(), kind: z.string(), name: z.string(), disabled_at: z.number().nullable() }));
const issued = z.object({ token: z.string(), scope: z.string() });

export interface Caller {
  readonly token: string;
  /** What the token holds, separated by spaces. */
  readonly scope: string;
  readonly destination: Destination;
}

/** The agent that is meant by its client id or name; the only one when nothing is said. Throws ExitError. */
export async function findAgent(given: string | undefined): Promise<string> {
  const all = agents.parse(await order({ order: "agent.list" })).filter(({ disabled_at: disabledAt }) => disabledAt === null);
  const meant = given === undefined ? all : all.filter(({ id, name }) => id === given || name === given);
  const [only, second] = meant;
  if (only !== undefined && second === undefined) return only.id;
  const known = all.map(({ id, name }) => `  ${id}  ${name}`).join("\n");
  if (all.length === 0) throw new ExitError(EXIT.usage, 'There is no agent yet. Make one: remit agent create NAME --scope "…"');
  if (only !== undefined) throw new ExitError(EXIT.usage, `Say with --as which agent calls:\n${known}`);
  throw new ExitError(EXIT.usage, `There is no agent ${JSON.stringify(given)}. Known are:\n${known}`);
}

/** A token of the agent, and the server that it is for: the one that runs, or one in this process. */
export async function openCaller(agent: string, scope: string | undefined): Promise<Caller> {
  const config = parseConfig();
  const wanted = scope === undefined ? {} : { scope };
  const value = await order({ order: "token.issue", clientId: agent, ttlSeconds: TOKEN_SECONDS, ...wanted });
  const destination = await openLocal({ ...config, logLevel: "silent" }, () => {
    console.error("No server runs on this data folder, so the call is made in this process.");
  });
  return { ...issued.parse(value), destination };
}
