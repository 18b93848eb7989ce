/** How clients are connected: what to paste where, and each handshake as it happens. */
import { setTimeout as pause } from "node:timers/promises";
import type { ConnectionView } from "../../audit/index.ts";
import { connectClients } from "../../connect/index.ts";
import type { Connect, ConnectAttempt } from "../contract.ts";
import type { ConsoleContext, Endpoint } from "../endpoint.ts";
import { visibleConnections } from "../visible-connections.ts";

const SHOWN = 20;
const LOOK_MS = 500;
const RECENT_MS = 15 * 60_000;

export const CONNECT_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "connect", role: "viewer", run: showConnect },
  { method: "GET", path: "connect/live", role: "viewer", run: tellHandshakes },
];

function showConnect({ name, mcpUrl }: ConsoleContext): Connect {
  return { mcpUrl, clients: connectClients({ name, mcpUrl }) };
}

/** Attempts of the last minutes, then each as it changes. */
async function* tellHandshakes(context: ConsoleContext): AsyncGenerator<ConnectAttempt> {
  const { signal, now } = context;
  const told = new Map<string, string>();
  while (!signal.aborted) {
    const attempts = await visibleConnections(context, SHOWN);
    for (const view of attempts.toReversed()) {
      const attempt = attemptOf(view);
      const form = JSON.stringify(attempt);
      if (told.get(view.id) === form || (!told.has(view.id) && view.updated_at < now() - RECENT_MS)) continue;
      told.set(view.id, form);
      yield attempt;
    }
    await pause(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function attemptOf({ id, started_at: startedAt, client, finding, steps }: ConnectionView): ConnectAttempt {
  const { state, says, remedy } = finding;
  return { id, startedAt, client, state, says, remedy, steps: steps.map(({ step, outcome, at }) => ({ step, outcome, at })) };
}
