/** What is on record about the caller's workspace, for tools that show it. Every method sees this workspace only. */
export interface Evidence {
  /** When the newest record that this evidence rests on was written; epoch milliseconds. */
  now(): number;
}
