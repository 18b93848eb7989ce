import type { IncomingMessage, ServerResponse } from "node:http";
import type { OAuthError } from "../../oauth-error.ts";
import { askedOf, authorizeProblem, withoutQuery, type Asked } from "./authorize-problem.ts";
import { observeTokens } from "./observe-token.ts";
import { createMemory, sourceOf, type Answered, type ObserverDeps } from "./observed.ts";
import { tellRegistration } from "./tell-registration.ts";
import type { GivenCode } from "./token-problem.ts";

/** Tells of the steps at the authorization server. What it remembers are hashes and what is no secret. */
export function createObserver(deps: ObserverDeps) {
  const { handshakes, issuer, resource, now } = deps;
  const asking = createMemory<Asked>();
  const codes = createMemory<GivenCode>();

  function authorized(asked: Asked, { req, res, problem, client }: Answered): string | undefined {
    const at = locationOf(res, issuer);
    const uid = interactionOf(at);
    const told = {
      step: "authorize",
      source: sourceOf(req),
      client: { id: asked.clientId, redirect: withoutQuery(asked.redirectUri) },
    } as const;
    if (uid !== undefined) {
      asking.set(uid, asked);
      return handshakes.tell({ ...told, outcome: "passed", traces: [`interaction:${uid}`], facts: { scope: asked.scope } });
    }
    const error = at?.searchParams.get("error") ?? problem?.error;
    if (error === undefined) return undefined;
    const description = at?.searchParams.get("error_description") ?? problem?.description ?? "";
    const trouble = authorizeProblem(asked, { error, description, client, resource });
    return handshakes.tell({ ...told, outcome: "failed", ...trouble });
  }

  /** The browser comes back from the decision of a person, and leaves for the client. */
  function resumed(uid: string, { req, res }: Pick<Answered, "req" | "res">): void {
    const asked = asking.get(uid);
    const at = locationOf(res, issuer);
    const code = at?.searchParams.get("code") ?? undefined;
    const told = { step: "consent", source: sourceOf(req), client: { id: asked?.clientId } } as const;
    const traces = [`interaction:${uid}`];
    if (code !== undefined) {
      if (asked !== undefined) {
        const { clientId, redirectUri, challenge } = asked;
        codes.set(code, { clientId, redirectUri, challenge, at: now(), isUsed: false });
      }
      handshakes.tell({ ...told, outcome: "passed", traces: [...traces, `code:${code}`] });
      return;
    }
    const error = at?.searchParams.get("error") ?? undefined;
    if (error === undefined || asked === undefined) return;
    const description = at?.searchParams.get("error_description") ?? "";
    handshakes.tell({
      ...told,
      outcome: "failed",
      traces,
      ...authorizeProblem(asked, { error, description, client: undefined, resource }),
    });
  }

  function interactionOf(at: URL | undefined): string | undefined {
    return at?.origin === issuer ? /^\/interaction\/([\w-]+)$/.exec(at.pathname)?.[1] : undefined;
  }

  return {
    asked: askedOf,
    authorized,
    resumed,
    ...observeTokens(deps, codes),
    registered: (req: IncomingMessage, answer: object | OAuthError) => tellRegistration(handshakes, req, answer),
  };
}

export type Observer = ReturnType<typeof createObserver>;

function locationOf(res: ServerResponse, issuer: string): URL | undefined {
  const location = res.getHeader("location");
  return typeof location === "string" ? (URL.parse(location, issuer) ?? undefined) : undefined;
}
