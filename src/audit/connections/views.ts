import type { Clock } from "../../lib/clock.ts";
import { hmac, isEqualSecret } from "../../lib/secret.ts";
import type { Attempt, StepRecord } from "./attempt.ts";
import { clientLabel, diagnose, type Finding } from "./diagnose.ts";

/** An attempt as it is shown. Instants are epoch milliseconds. */
export interface ConnectionView {
  readonly id: string;
  readonly started_at: number;
  readonly updated_at: number;
  readonly client: string;
  /** Id of the client, when it is known. */
  readonly client_id: string | null;
  readonly network: string;
  readonly user_agent: string;
  readonly finding: Finding;
  readonly steps: readonly StepRecord[];
  /** For the person in front of the client; it shows this attempt and nothing else. */
  readonly link: string;
}

export const CONNECTIONS_PATH = "/connections";
const MAC_CHARS = 22;

interface ViewsDeps {
  readonly now: Clock;
  readonly url: string;
  readonly key: Uint8Array;
}

/** How attempts are shown, and the links to them: an id with a MAC, so that nobody finds another's. */
export function createViews({ now, url, key }: ViewsDeps) {
  const here = { expected: `${url}/mcp`, resource: `${url}/mcp` };
  const findingOf = (attempt: Pick<Attempt, "steps" | "client" | "userAgent">): Finding => diagnose(attempt, here, now());
  const macOf = (id: string) => hmac(key, `link ${id}`).toString("base64url").slice(0, MAC_CHARS);
  const linkOf = (id: string) => `${url}${CONNECTIONS_PATH}/${id}.${macOf(id)}`;
  return {
    findingOf,
    linkOf,
    /** The id in the last segment of a link; undefined when it is none of this server. */
    idIn(token: string): string | undefined {
      const [, id = "", mac = ""] = /^(con_\w+)\.([\w-]+)$/.exec(token) ?? [];
      return isEqualSecret(Buffer.from(mac), Buffer.from(macOf(id))) ? id : undefined;
    },
    viewOf(attempt: Omit<Attempt, "traces">): ConnectionView {
      const { id, startedAt, updatedAt, client, network, userAgent, steps } = attempt;
      return {
        id,
        started_at: startedAt,
        updated_at: updatedAt,
        client: clientLabel(attempt),
        client_id: client.id ?? null,
        network,
        user_agent: userAgent,
        finding: findingOf(attempt),
        steps,
        link: linkOf(id),
      };
    },
  };
}
