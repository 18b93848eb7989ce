/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, unreachable: 4, toolError: 5, notFound: 6, internal: 70 } as const;

/** Ends the command with a sentence for the person and a code for the script. */
export class ExitError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = "ExitError";
    this.code = code;
  }
}
