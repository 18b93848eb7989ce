import { hash } from "node:crypto";
import { canonicalJson } from "../lib/canonical-json.ts";
import { hmac, type SecretKey } from "../lib/secret.ts";
import type { Caller, Plan } from "../tool/index.ts";

/** A call that may run only with an approval. */
export interface Asked {
  readonly caller: Caller;
  readonly tool: string;
  readonly arguments: unknown;
  /** The arguments as people may see them: without what is sensitive. */
  readonly shown: unknown;
  readonly plan: Plan;
  /** How many people must approve. */
  readonly approversNeeded: number;
  /** Ids of those who act in the agent's place, such as the person at the console who calls as it; empty for the agent itself. */
  readonly madeBy: readonly string[];
}

/** What is to become of a call. */
export type Admission =
  | { readonly state: "approved"; readonly id: string }
  | {
      readonly state: "waiting";
      readonly id: string;
      /** Where a person decides. It opens nothing by itself. */
      readonly url: string;
      readonly expiresAt: number;
      /** What changed since an approval that is void for it, in lines. */
      readonly changed: string | undefined;
    }
  | { readonly state: "refused"; readonly id: string; readonly reason: string | null }
  /** People were not asked; why, in a sentence for the agent. */
  | { readonly state: "not_asked"; readonly why: string };

/** An approval as the people who may decide about it see it. Instants are epoch milliseconds. */
export interface ApprovalView {
  readonly id: string;
  readonly state: "pending" | "approved" | "refused" | "used" | "void" | "expired";
  readonly clientId: string;
  /** The agent's own claim. */
  readonly clientName: string;
  /** Email of the person who made the call as the agent; null when the agent did. */
  readonly madeBy: string | null;
  /** Whom it acts for; null when it acts for nobody. */
  readonly actsFor: string | null;
  readonly workspaceName: string;
  readonly tool: string;
  readonly toolTitle: string;
  readonly effect: "read" | "write" | "destructive";
  readonly arguments: unknown;
  readonly plan: Plan;
  /** What the person sees, as one value: a decision names it. */
  readonly digest: string;
  readonly approversNeeded: number;
  /** Emails of those who approved. */
  readonly approvedBy: readonly string[];
  readonly hasApproved: boolean;
  readonly reason: string | null;
  readonly requestedAt: number;
  readonly expiresAt: number;
}

/** Who calls what with which arguments under which grant. Keyed, since arguments may hold a secret that could be found by trying. */
export function digestCall(
  key: SecretKey,
  { caller, tool, arguments: args, madeBy }: Pick<Asked, "caller" | "tool" | "arguments" | "madeBy">,
): string {
  const { workspaceId, clientId, subject, grantId } = caller;
  return hmac(key, canonicalJson(["call", workspaceId, clientId, subject, grantId, tool, args ?? null, ...madeBy])).toString("hex");
}

/** All that a plan says, versions of resources included. */
export function digestPlan(plan: Plan): string {
  return hash("sha256", canonicalJson(plan));
}
