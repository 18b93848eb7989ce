/** The suite's scenarios for an authorization server, with a person who signs in and allows. */
import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import { CHROMIUM, launchChromium } from "../browser/chromium.ts";
import { decide, signInByLink } from "../support/person.ts";
import { SUITE } from "./suite.ts";

export interface AuthorizationServer {
  readonly url: string;
  readonly mcpUrl: string;
  /** A public client with this redirect URI. */
  register(redirectUri: string): Promise<string>;
  /** A one-time link for the person. */
  signInUrl(): Promise<string>;
}

const AUTHORIZE = /https?:\/\/\S+\/authorize\?\S+/;
const TIMEOUT_MS = 120_000;

/** Passed and scored, and all that the suite printed. */
export async function runAuthorization(
  server: AuthorizationServer,
): Promise<{ passed: number; scored: number; output: string; walker: Walker["name"] }> {
  const port = await freePort();
  const clientId = await server.register(`http://127.0.0.1:${port}/callback`);
  const walker = await createWalker(server);
  const args = [
    "authorization",
    "--url",
    server.url,
    "--client-id",
    clientId,
    "--resource",
    server.mcpUrl,
    "-p",
    String(port),
    "--spec-version",
    "2026-07-28",
  ];
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const seen = new Set<string>();
  const walks: Promise<void>[] = [];
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    const url = AUTHORIZE.exec(output.slice(output.lastIndexOf("http", output.lastIndexOf("/authorize?"))))?.[0];
    if (url === undefined || seen.has(url)) return;
    seen.add(url);
    walks.push(walker.allow(url));
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  try {
    await Promise.all(walks);
  } finally {
    await walker.close();
  }
  return { ...count(output), output, walker: walker.name };
}

/** The suite's summary lines: a mark and a scenario each. */
function count(output: string): { passed: number; scored: number } {
  const lines = [...output.matchAll(/^(\S) ([\w-]+): \d+ passed, (\d+) failed/gm)];
  return { passed: lines.filter(([, mark, , failed]) => mark === "✓" && failed === "0").length, scored: lines.length };
}

/** Somebody who signs in and allows what is asked for. */
interface Walker {
  readonly name: string;
  allow(url: string): Promise<void>;
  close(): Promise<void>;
}

/** A person in Chromium, or where there is none one whose browser is a few lines of ours. */
async function createWalker(server: AuthorizationServer): Promise<Walker> {
  if (!existsSync(CHROMIUM)) {
    const visitor = await signInByLink(server.url, await server.signInUrl());
    const allow = async (url: string) => void (await fetch(await decide(visitor, url)));
    return { name: "a browser of our own, as Chromium is not installed", allow, close: async () => {} };
  }
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(await server.signInUrl());
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL(/\/account/);
  return {
    name: "Chromium",
    async allow(url) {
      await page.goto(url);
      await page.getByRole("button", { name: "Allow what is ticked" }).click();
      await page.waitForURL(/\/callback/);
    },
    close: () => browser.close(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
