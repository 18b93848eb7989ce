import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import * as z from "zod";
import { runStory } from "../../examples/demo/story.ts";
import { openAudit, parseConfig } from "../../src/index.ts";

const listening = z.object({
  mcp: z.url(),
  issuer: z.url(),
  sign_in: z.url(),
  agent: z.object({ client_id: z.string(), client_secret: z.string() }),
});

/** The product on an empty folder, as `npm start` runs it. */
async function startProduct(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-story-"));
  const env = { ...process.env, PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "warn" };
  const child = spawn(process.execPath, ["bin/remit.js", "start", "--json"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(dataDir, { recursive: true });
  });
  for await (const line of createInterface({ input: child.stdout })) return { env, ...listening.parse(JSON.parse(line)) };
  throw new Error("the server ended before it served");
}

/** The owner's browser, signed in with the link of the first start. */
async function signIn(t: TestContext, link: string): Promise<Page> {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: /Sign in|Continue/ }).click();
  await page.waitForURL(({ pathname }) => pathname.startsWith("/console"));
  return page;
}

async function connect(t: TestContext, { mcp, issuer, agent }: Awaited<ReturnType<typeof startProduct>>): Promise<Client> {
  const authProvider = new ClientCredentialsProvider({
    clientId: agent.client_id,
    clientSecret: agent.client_secret,
    expectedIssuer: issuer,
  });
  const client = new Client({ name: "story", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(mcp), { authProvider }));
  t.after(() => client.close());
  return client;
}

/** What the owner sees before anything is done, and presses. */
async function approve(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("heading", { name: "Approve this?" }).waitFor();
  const shown = await page.locator("main").innerText();
  for (const part of [
    "Demo agent",
    "nobody: it is a machine",
    "Acme",
    "delete_organization",
    "destructive",
    "3 rows",
    "ines@maple.example",
  ])
    assert.ok(shown.includes(part), `${part} in ${shown}`);
  await page.getByLabel(/Reason/).fill("Maple has left");
  await page.getByRole("button", { name: /Approve/ }).click();
  await page.getByText("This was approved").waitFor();
}

test("an agent sets five customers up, deletes the wrong one once a person has approved it, takes it back, and all of it is on record", async (t) => {
  const product = await startProduct(t);
  const page = await signIn(t, product.sign_in);
  const client = await connect(t, product);
  const listed = await client.callTool({ name: "list_environments", arguments: {} });
  const environments = z.object({ environments: z.array(z.object({ environment_id: z.string() })) }).parse(listed.structuredContent);
  const environmentId = environments.environments[0]?.environment_id ?? "";
  const said: string[] = [];
  let approving: Promise<void> | undefined;
  const end = await runStory({
    client,
    environmentId,
    run: "one",
    step: (text) => said.push(text),
    say: (text) => said.push(text),
    onHeld: (url) => {
      approving = approve(page, url);
      approving.catch(() => {});
    },
    patienceMs: 60_000,
    pollMs: 250,
  });
  await approving;
  const { restoredId = "", organizationIds } = end;
  assert.equal(organizationIds.length, 5);
  assert.equal(restoredId, organizationIds[2], said.join("\n"));
  const details = await client.callTool({
    name: "get_organization_details",
    arguments: { environment_id: environmentId, organization_id: restoredId },
  });
  assert.equal((details.structuredContent as { template_id: string }).template_id, end.templateId);
  assert.ok(said.some((text) => text.includes("There is no organization")));

  await page.reload();
  await page.getByText("the call was made").waitFor();

  const audit = await openAudit(parseConfig({ REMIT_DATA: product.env.REMIT_DATA }));
  const records = await audit.read(0, 10_000);
  await audit.close();
  const about = (tool: string) => records.filter((record) => record["tool"] === tool).map((record) => record["event"] ?? record["outcome"]);
  assert.equal(about("create_organization_from_template").filter((outcome) => outcome === "ok").length, 5);
  assert.equal(about("create_organization_user").filter((outcome) => outcome === "ok").length, 10);
  const deletion = about("delete_organization").filter((what, index, all) => what !== undefined && what !== all[index - 1]);
  // Tries while the person looks at it are held too, before and after the decision is written.
  assert.equal(deletion[0], "approval.requested");
  assert.deepEqual(deletion.filter((what) => what !== "held").slice(0, 3), ["approval.requested", "approval.given", "ok"]);
  assert.ok(deletion.indexOf("held") < deletion.indexOf("approval.given"));
  assert.deepEqual(
    about("undo_change").filter((what) => what !== undefined),
    ["ok"],
  );
  const given = records.find((record) => record["event"] === "approval.given");
  const [ok] = records.filter((record) => record["tool"] === "delete_organization" && record["outcome"] === "ok");
  assert.equal(ok?.["approval"], given?.["approval"]);
});
