/**
 * The load of token requests, with client_secret_basic. Run as a process of its own; reads a `TokenJob` from stdin and prints a `LoadResult`.
 */
import { text as readAll } from "node:stream/consumers";
import { runLanes, type Lane, type LaneJob, type LoadResult } from "./generator/lanes.ts";

export interface TokenTarget {
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly resource: string;
  readonly scope: string;
  /** One a connection; each is used once and gives way to the next. */
  readonly refreshTokens: readonly string[];
}

export interface TokenJob extends Omit<LaneJob, "port"> {
  readonly target: TokenTarget;
  readonly grant: "client_credentials" | "refresh_token";
}

const REFRESH_TOKEN = /"refresh_token":"([^"]+)"/;

function requestBytes({ port, clientId, clientSecret }: TokenTarget, form: Readonly<Record<string, string>>): Buffer {
  const body = new URLSearchParams(form).toString();
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64");
  const head = [
    "POST /token HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `authorization: Basic ${basic}`,
    "content-type: application/x-www-form-urlencoded",
    `content-length: ${body.length}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** What every answer must be: a JWT in this form, with the scope. */
function createCheck({ scope }: TokenTarget): Lane["check"] {
  return ({ status, body }) => {
    if (status !== 200 || !body.includes('"access_token":"eyJ') || !body.includes(`"scope":"${scope}"`))
      throw new Error(`unexpected answer: ${status} ${body.slice(0, 500)}`);
  };
}

function createCredentialsLane(target: TokenTarget): Lane {
  const { resource, scope } = target;
  const request = requestBytes(target, { grant_type: "client_credentials", resource, scope });
  return { next: () => request, check: createCheck(target) };
}

function createRefreshLane(target: TokenTarget, tokens: string[], index: number): Lane {
  const check = createCheck(target);
  return {
    next: () => requestBytes(target, { grant_type: "refresh_token", refresh_token: tokens[index] ?? "" }),
    check(response) {
      check(response);
      const next = REFRESH_TOKEN.exec(response.body)?.[1];
      if (next === undefined || next === tokens[index]) throw new Error(`the refresh token did not rotate: ${response.body.slice(0, 500)}`);
      tokens[index] = next;
    },
  };
}

const job = JSON.parse(await readAll(process.stdin)) as TokenJob;
const refreshTokens = [...job.target.refreshTokens];
const result: LoadResult = await runLanes({ ...job, port: job.target.port }, (index) =>
  job.grant === "refresh_token" ? createRefreshLane(job.target, refreshTokens, index) : createCredentialsLane(job.target),
);
console.log(JSON.stringify(result));
process.exit(0);
