import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Examination } from "../examine-server.ts";

export function formatJson({ url, counts, findings, steps }: Examination): string {
  const told = findings.map(({ rule, severity, about, detail, source, fix }) => ({ rule, severity, about, detail, source, fix }));
  const made = steps.map(({ name, findings: inside, skipped }) => ({ name, findings: inside.map(({ rule }) => rule), skipped }));
  return escapeUnsafe(JSON.stringify({ url, counts, findings: told, steps: made }));
}
