import {
  checkChallenge,
  checkCors,
  checkErrors,
  checkIssuers,
  checkLegacy,
  checkModern,
  checkResourceMetadata,
  checkTokens,
  checkTools,
  type Legacy,
  type Modern,
} from "./checks/index.ts";
import { found, type Finding, type Severity, type Step } from "./rules.ts";
import { createWire, LEGACY, MODERN, NoAnswerError, type Target, type Wire } from "./wire.ts";

/** What came of an examination. Holds no token. */
export interface Examination {
  readonly url: string;
  readonly steps: readonly Step[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Severity, number>>;
}

/** The first request got no answer: nothing is there, or it cannot be reached. */
export interface Unreachable {
  readonly unreachable: string;
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];
const NEEDS_TOKEN = "a token is needed: give one with --token or REMIT_TOKEN";

/**
 * Asks an MCP server of any make what clients ask, and some things that attackers do. Only the origin of the URL is contacted, and no tool is
 * called but such as say that they only read.
 */
export async function examineServer(target: Target): Promise<Examination | Unreachable> {
  const wire = createWire(target);
  const steps: Step[] = [];
  try {
    await examineAccess(wire, steps);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (steps.length === 0) return { unreachable: error.message };
    steps.push({ name: "rest", title: "What follows", findings: [], skipped: [error.message] });
  }
  const all = steps.flatMap(({ findings }) => findings);
  const findings = SEVERITIES.flatMap((severity) => all.filter((each) => each.severity === severity));
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, all.filter((each) => each.severity === severity).length]));
  return { url: shown(target.url), steps, findings, counts: counts as Examination["counts"] };
}

/** Without the query, where secrets are put. */
function shown({ origin, pathname }: URL): string {
  return origin + pathname;
}

async function examineAccess(wire: Wire, steps: Step[]): Promise<void> {
  const gate = await checkChallenge(wire);
  steps.push(gate.step);
  const described = await checkResourceMetadata(wire, gate);
  steps.push(described.step);
  const issuers = await checkIssuers(wire, described);
  steps.push(issuers.step, await checkCors(wire, { gate, documents: [...described.places, ...issuers.places] }));
  const { isAdmitted, step } = await checkTokens(wire, gate, described);
  steps.push(step, await checkErrors(wire));
  if (isAdmitted) await examineProtocol(wire, steps);
  else for (const { name, title } of UNSEEN) steps.push({ name, title, findings: [], skipped: [NEEDS_TOKEN] });
}

const UNSEEN = [
  { name: "modern", title: `Protocol ${MODERN}` },
  { name: "legacy", title: `Protocol ${LEGACY}` },
  { name: "tools", title: "List and call" },
];

async function examineProtocol(wire: Wire, steps: Step[]): Promise<void> {
  const modern = await checkModern(wire);
  const legacy = await checkLegacy(wire);
  try {
    const tools = await checkTools(wire, modern, legacy);
    steps.push(modern.step, { ...legacy.step, findings: withoutRepeats(legacy, modern) }, tools, eras(modern, legacy));
  } finally {
    await legacy.close();
  }
}

/** What both eras do wrong is one fault. */
function withoutRepeats(legacy: Legacy, modern: Modern): readonly Finding[] {
  return legacy.step.findings.filter(({ rule }) => !modern.step.findings.some((each) => each.rule === rule));
}

function eras(modern: Modern, legacy: Legacy): Step {
  const step = { name: "eras", title: "Which clients can come", skipped: [] };
  const why = (which: Modern | Legacy) => `${which.step.skipped.join("; ")}.`.replace(/^i/, "I");
  if (!modern.isSpoken && !legacy.isSpoken) return { ...step, findings: [found("era-none", `${why(modern)} ${why(legacy)}`)] };
  if (!modern.isSpoken) return { ...step, findings: [found("era-modern", why(modern))] };
  if (!legacy.isSpoken) return { ...step, findings: [found("era-legacy", why(legacy))] };
  return { ...step, findings: [] };
}
