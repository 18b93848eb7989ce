/**
 * A client in a process and a home of its own, so that none meets the state of another: its connection here, over the messages of the child.
 * As a program it is that child: `node own-process.ts INDEX`, which connects the client of that index in the matrix and does what it is told.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CLIENTS } from "./matrix.ts";
import type { Arguments, Connection, Heard, RealClient, Target } from "./real-client.ts";

/** Longer than any client waits by itself. */
const ACT_MS = 45_000;

type Order =
  | { readonly act: "connect"; readonly target: Target }
  | { readonly act: "list" }
  | { readonly act: "call"; readonly name: string; readonly args: Arguments; readonly isHeard: boolean }
  | { readonly act: "close" };
type Report = { readonly heard: string } | { readonly answer?: unknown } | { readonly error: string };

export async function connectInOwnProcess(client: RealClient, target: Target): Promise<Connection> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: target.home, OPENAI_AGENTS_DISABLE_TRACING: "1", MASTRA_TELEMETRY_DISABLED: "1" };
  const child = fork(fileURLToPath(import.meta.url), [String(CLIENTS.indexOf(client))], { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const tell = (order: Order, heard?: Heard) => act(child, order, heard);
  const close = async () => {
    const ended = once(child, "exit");
    await tell({ act: "close" }).catch(() => undefined);
    child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), ACT_MS);
    await ended;
    clearTimeout(timer);
  };
  try {
    await tell({ act: "connect", target });
  } catch (error) {
    await close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said.slice(-2000)}`, { cause: error });
  }
  return {
    listTools: async () => (await tell({ act: "list" })) as readonly string[],
    callTool: (name, args, heard) => tell({ act: "call", name, args, isHeard: heard !== undefined }, heard),
    close,
  };
}

/** One order at a time: nothing says to which of two an answer belongs. */
function act(child: ChildProcess, order: Order, heard?: Heard): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      child.off("message", hear).off("exit", exit);
    };
    const fail = (reason: string) => {
      done();
      reject(new Error(reason));
    };
    const hear = (report: Report) => {
      if ("heard" in report) heard?.(report.heard);
      else if ("error" in report) fail(report.error);
      else {
        done();
        resolve(report.answer);
      }
    };
    const exit = (status: number | null) => fail(`the client's process ended with ${String(status)}`);
    const timer = setTimeout(() => fail(`the client did not ${order.act} in ${ACT_MS / 1000} seconds`), ACT_MS);
    child.on("message", hear).on("exit", exit);
    child.send(order);
  });
}

function serveParent(client: RealClient): void {
  let connection: Connection | undefined;
  const report = (said: Report) => process.send?.(said);
  async function obey(order: Order): Promise<unknown> {
    if (order.act === "connect") {
      connection = await client.connect(order.target);
      return undefined;
    }
    if (connection === undefined) return undefined;
    if (order.act === "list") return connection.listTools();
    if (order.act === "close") return connection.close();
    return connection.callTool(order.name, order.args, order.isHeard ? (heard) => report({ heard }) : undefined);
  }
  process.on("message", (order: Order) => {
    obey(order).then(
      (answer) => report({ answer }),
      (error: unknown) => report({ error: textOf(error) }),
    );
  });
  // Its parent has left; what the client still holds open ends here.
  process.on("disconnect", () => process.exit());
}

/** As programs print it: the name of the error is a part of what a client says. */
function textOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name === "Error" ? error.constructor.name : error.name}: ${error.message}`
    : JSON.stringify(error);
}

if (import.meta.main) {
  const client = CLIENTS[Number(process.argv[2])];
  if (client === undefined) throw new Error("no such client");
  serveParent(client);
}
