import { BootError } from "../../errors.ts";
import type { Operator } from "../../index.ts";
import { EXIT } from "../exit.ts";
import { order } from "../order.ts";
import type { DoctorFlags } from "./index.ts";

type HealthCheck = Omit<Awaited<ReturnType<Operator["checkHealth"]>>[number], "name"> & { readonly name: string };

const SIGNS = { ok: "ok     ", warning: "warning", failed: "FAILED " } as const;

/** The checks of the running server, or over its data folder when none runs. A warning leaves the exit code 0. */
export async function checkLocally({ json }: Pick<DoctorFlags, "json">): Promise<void> {
  const checks = await read();
  if (json === true) console.log(JSON.stringify({ checks: checks.map((check) => ({ ...check, next: check.next ?? null })) }));
  else console.log(told(checks));
  if (checks.some(({ status }) => status === "failed")) process.exitCode = EXIT.failed;
}

/** A server that cannot start says so itself, each problem with its fix. */
async function read(): Promise<readonly HealthCheck[]> {
  try {
    return (await order({ order: "health.check" })) as readonly HealthCheck[];
  } catch (error) {
    if (!(error instanceof BootError)) throw error;
    return error.problems.map((detail) => ({
      name: "start",
      status: "failed",
      detail,
      next: "Mend that; the server does not start with it.",
    }));
  }
}

function told(checks: readonly HealthCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, detail, next }) => [
    `${SIGNS[status]}  ${name.padEnd(width)}  ${detail}`,
    ...(next === undefined ? [] : [`${" ".repeat(SIGNS.ok.length + width + 4)}${next}`]),
  ]);
  const bad = checks.filter(({ status }) => status !== "ok").length;
  return [...lines, "", bad === 0 ? "All is well." : `${bad} of ${checks.length} checks need a look.`].join("\n");
}
