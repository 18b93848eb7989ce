import { auditOf } from "../audit/index.ts";
import { createConsole, type Console } from "../console/index.ts";
import { signInPath, type Issuer, type People } from "../oauth/index.ts";
import type { Approvals } from "../approvals/index.ts";
import type { CallPath } from "../call/index.ts";
import type { Ground } from "./ground.ts";
import type { OpenedEvidence } from "./open-evidence.ts";
import type { Operator } from "./operator/index.ts";

interface Composed {
  readonly name: string;
  readonly ground: Ground;
  readonly people: People;
  readonly approvals: Approvals;
  readonly evidence: OpenedEvidence;
  readonly operator: Operator;
  readonly path: CallPath;
  readonly issuer: Issuer;
  readonly send: (request: Request) => Promise<Response>;
}

/** The console; undefined where nobody signs in here. */
export function openConsole({ ground, evidence, ...composed }: Composed): Console | undefined {
  if (ground.config.external !== undefined) return undefined;
  return createConsole({
    ...ground,
    ...composed,
    mcpUrl: ground.resource,
    audit: auditOf(ground.records),
    evidenceOf: evidence.of,
    signInPath,
  });
}
