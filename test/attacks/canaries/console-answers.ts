/** All that the console's API says to an owner, in its answers and in its streams. */
import assert from "node:assert/strict";
import { ENDPOINTS } from "../../../src/console/api/index.ts";
import { until } from "../../support/remit.ts";
import { clientOf, type ConsoleClient } from "../../console/support/console-client.ts";

const STREAMS: readonly string[] = ["overview/live", "connect/live", "ledger/tail"];

export interface ConsoleListener {
  readonly client: ConsoleClient;
  /** What every GET answers now, with what the streams told until then. */
  hear(): Promise<string>;
}

/** Listens to the streams from now on. */
export function listenAtConsole(url: string, cookie: string): ConsoleListener {
  const client = clientOf({ url }, cookie);
  const told = new Map<string, string[]>();
  const paths = ENDPOINTS.filter(({ method }) => method === "GET").map(({ path }) => path);
  const streams = paths.filter((path) => STREAMS.includes(path)).map((path) => ({ path, lines: client.lines(path) }));
  for (const { path, lines } of streams) void follow(lines, told, path);
  const read = async (path: string) => {
    const { status, json } = await client.get(path);
    assert.equal(status, 200, path);
    return JSON.stringify(json);
  };
  return {
    client,
    async hear() {
      const answers: string[] = [];
      for (const path of paths.filter((each) => !STREAMS.includes(each)))
        for (const filled of await fillPath(client, path)) answers.push(await read(filled));
      for (const { path, lines } of streams) {
        await until(() => told.get(path)?.at(-1));
        void lines.return(undefined);
      }
      return [...answers, ...[...told.values()].flat()].join("\n");
    },
  };
}

async function follow(lines: AsyncIterable<object>, told: Map<string, string[]>, path: string): Promise<void> {
  const heard: string[] = [];
  told.set(path, heard);
  try {
    for await (const line of lines) heard.push(JSON.stringify(line));
  } catch {
    // The server went away.
  }
}

/** A path with everything that there is in the place of its parameter. */
async function fillPath(client: ConsoleClient, path: string): Promise<readonly string[]> {
  if (!path.includes(":")) return [path];
  const { approvals, records } = Object.assign({}, (await client.get("approvals")).json, (await client.get("ledger?limit=200")).json) as {
    readonly approvals: readonly { readonly id: string }[];
    readonly records: readonly { readonly seq: number }[];
  };
  const values = path === "approvals/:id" ? approvals.map(({ id }) => id) : path === "ledger/:seq" ? records.map(({ seq }) => seq) : [];
  assert.ok(values.length > 0, `say what stands for the parameter of ${path}`);
  return values.map((value) => path.replace(/:\w+/, String(value)));
}
