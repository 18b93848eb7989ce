import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { SMTPServer } from "smtp-server";
import { createMailer } from "../../../src/lib/mailer.ts";
import { controlPlane } from "../../../src/control-plane/index.ts";
import { createToolHarness } from "../../support/tool-harness.ts";
import { SQLITE } from "../../store/support/engines.ts";
import { addWorkspace, rowsOf } from "../support/workspaces.ts";

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** A real SMTP server on loopback; `refuse` makes it take no mail. */
async function startSmtp(t: TestContext, refuse = false) {
  const received: Received[] = [];
  const server = new SMTPServer({
    closeTimeout: 100,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData(stream, { envelope }, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      stream.on("end", () => {
        if (refuse) return done(new Error("no"));
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        received.push({ from, to: envelope.rcptTo.map(({ address }) => address), text });
        return done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { received, smtpUrl: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

test("an invitation is mailed with its link, which then stands in no answer", async (t) => {
  const { received, smtpUrl } = await startSmtp(t);
  const mailer = createMailer({ smtpUrl, from: "remit@acme.example" });
  t.after(() => mailer.close());
  const harness = await createToolHarness(SQLITE, controlPlane, { fetch: () => Promise.reject(new Error("none")), mail: mailer.send });
  t.after(() => harness.close());
  const { agent } = await addWorkspace(rowsOf(harness.store), "Acme");
  const invitation = { tool: "invite_workspace_member", arguments: { email: "dana@acme.example", role: "viewer" } };
  const { value } = await harness.call(agent, invitation);
  assert.deepEqual([value["mailed"], value["url"]], [true, null]);
  const [mail] = received;
  assert.deepEqual([mail?.from, mail?.to], ["remit@acme.example", ["dana@acme.example"]]);
  const body = mail?.text.replaceAll("=\r\n", "").replaceAll("=3D", "=") ?? "";
  const [, token = ""] = /https:\/\/remit\.example\/links\/([\w-]{43})/.exec(body) ?? [];
  const done = await controlPlane.links.confirm(rowsOf(harness.store), token, {
    nowMs: harness.clock.now,
    form: { name: "Dana" },
  });
  assert.ok("done" in done);
});

test("a mail that is not taken, or that no server is there for, is told as not sent", async (t) => {
  const { smtpUrl } = await startSmtp(t, true);
  const failures: unknown[] = [];
  const mail = { to: "a@b.example", subject: "S", text: "T" };
  for (const url of [smtpUrl, "smtp://127.0.0.1:1"]) {
    const mailer = createMailer({ smtpUrl: url, from: "x@y.example", onFailure: (error) => failures.push(error) });
    assert.equal(await mailer.send(mail), false);
    mailer.close();
  }
  assert.equal(failures.length, 2);
  assert.equal(await createMailer({ smtpUrl: undefined, from: undefined }).send(mail), false);
});

test("neither a subject nor an address breaks out of its header", async (t) => {
  const { received, smtpUrl } = await startSmtp(t);
  const mailer = createMailer({ smtpUrl, from: "x@y.example" });
  t.after(() => mailer.close());
  await mailer.send({ to: "a@b.example", subject: "Hi\r\nBcc: victim@c.example", text: "." });
  await mailer.send({ to: "a@b.example\r\nBcc: victim@c.example", subject: "S", text: "." });
  await mailer.send({ to: "a@b.example, victim@c.example", subject: "S", text: "." });
  for (const { to, text } of received) {
    assert.ok(!to.includes("victim@c.example"));
    assert.doesNotMatch(text, /^Bcc:/im);
  }
});
