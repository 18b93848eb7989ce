import { createApprovals } from "../approvals/index.ts";
import { createCallPath } from "../call/index.ts";
import { createMailer } from "../lib/mailer.ts";
import { createUpstreams, type Issuer } from "../oauth/index.ts";
import type { Ground } from "./ground.ts";
import type { OpenedEvidence } from "./open-evidence.ts";
import type { OpenedTelemetry } from "./open-telemetry.ts";
import type { ServerOptions } from "./server-options.ts";

interface Late {
  readonly ground: Ground;
  readonly evidence: OpenedEvidence;
  readonly observers: OpenedTelemetry;
  readonly made: { readonly issuer?: Issuer };
  readonly closing: AsyncDisposableStack;
}

/** The path of a call, and what it needs of the world around. */
export function openPath(options: ServerOptions, { ground, evidence, observers, made, closing }: Late) {
  const { registry, config, url, now, log, masterKey, guardedFetch, store, record, onEvent, key } = ground;
  const upstreams = createUpstreams({
    declarations: options.upstreams ?? {},
    url,
    db: store.db,
    masterKey,
    now,
    onEvent,
    mint(claims, ttlSeconds) {
      if (made.issuer === undefined) throw new Error("no call runs before the server is composed");
      return made.issuer.signUpstreamToken({ ...claims }, ttlSeconds);
    },
  });
  const mailer = createMailer({ ...config.smtp, onFailure: (err) => log.warn({ err }, "a mail was not taken by the SMTP server") });
  closing.defer(() => mailer.close());
  const approvals = createApprovals({
    store,
    key: key("approval"),
    url,
    now,
    record,
    describeTool(name) {
      const found = registry.tools.get(name);
      return found === undefined ? undefined : { title: found.tool.title, effect: found.effect };
    },
  });
  closing.defer(() => approvals.close());
  const path = createCallPath({
    ...config,
    ...ground,
    observers,
    upstreams,
    approvals,
    outside: { url, fetch: guardedFetch, mail: mailer.send },
    evidence: evidence.of,
    cursorKey: key("cursor"),
    stateKey: key("request-state"),
    taskKey: key("task"),
    changeKey: key("change"),
  });
  return { path, upstreams, approvals };
}
