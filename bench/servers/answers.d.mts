/** Progress events before the result of the streamed call. */
export const STEPS: number;

/** Rows that come to 1 MB (10^6 bytes) of JSON. */
export function makeReport(): {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly seats: number;
  readonly active: boolean;
  readonly note: string;
}[];
