import { seal, unseal } from "../../lib/secret.ts";
import type { TaskRow } from "../../store/index.ts";
import type { InputRequest, InputRequired, RoundTripInput } from "../../tool/index.ts";

/** What a run of a task is given. */
export interface TaskInput {
  readonly arguments: unknown;
  readonly input: RoundTripInput;
}

/** One open question, under the key that the client sees, and its answer once there is one. */
export interface Question {
  /** The tool's own key. */
  readonly key: string;
  readonly request: InputRequest;
  readonly response?: unknown;
}

/** What a task that waits for its client has asked, by the keys that the client sees. */
export interface Questions {
  readonly open: Readonly<Record<string, Question>>;
  /** The tool's own state. */
  readonly state: unknown;
}

/** Keys and meaning of what is sealed: nothing sealed for one task, or one purpose, opens for another. */
export function sealFor(key: Uint8Array, id: string, what: "input" | "state") {
  const context = `task ${what} ${id}`;
  return {
    seal: (value: unknown): string => seal(key, JSON.stringify(value), context),
    open: (sealed: string): unknown => JSON.parse(unseal(key, sealed, context)),
  };
}

export function openInput(key: Uint8Array, row: TaskRow): TaskInput {
  return sealFor(key, row.id, "input").open(row.sealed_input) as TaskInput;
}

export function openQuestions(key: Uint8Array, row: TaskRow): Questions {
  return sealFor(key, row.id, "state").open(row.sealed_state ?? "") as Questions;
}

/** A key may never mean two requests of one task, so each carries the number of its round. */
export function questionsOf({ requests, state }: InputRequired, round: number): Questions {
  const open = Object.entries(requests).map(([key, request]) => [`${key}#${round}`, { key, request }] as const);
  return { open: Object.fromEntries(open), state: state ?? null };
}

/** With the answers to what is open; keys that are not, and answers that came before, change nothing. */
export function withResponses(questions: Questions, responses: Readonly<Record<string, unknown>>): Questions {
  const open = Object.entries(questions.open).map(([wireKey, question]) => {
    const isNew = question.response === undefined && Object.hasOwn(responses, wireKey);
    return [wireKey, isNew ? { ...question, response: responses[wireKey] } : question] as const;
  });
  return { ...questions, open: Object.fromEntries(open) };
}

/** What is still to be answered. */
export function pendingOf({ open }: Questions): Record<string, InputRequest> {
  const pending = Object.entries(open).filter(([, { response }]) => response === undefined);
  return Object.fromEntries(pending.map(([wireKey, { request }]) => [wireKey, request]));
}

/** What the tool is given once all is answered. */
export function inputOf({ open, state }: Questions): RoundTripInput {
  const responses = Object.values(open).map(({ key, response }) => [key, response] as const);
  return { responses: Object.fromEntries(responses), state: state ?? undefined };
}
