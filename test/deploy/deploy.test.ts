import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { OPTIONS } from "../../src/config.ts";

const read = (path: string): string => readFileSync(path, "utf8");
const container = read("docs/deploy/Containerfile");
const unit = read("docs/deploy/remit.service");
const guide = read("docs/guide/deploy.md");

test("every option that the container file, the unit and the page set or name exists", () => {
  const named = [container, unit, guide].flatMap((text) =>
    [...text.matchAll(/\b(?:REMIT_[A-Z_]+|HOST|PORT)(?==|`)/g)].map(([name]) => name),
  );
  assert.ok(named.includes("HOST") && named.includes("REMIT_DATA"));
  assert.deepEqual(
    named.filter((name) => !(name in OPTIONS)),
    [],
  );
});

test("the container file copies what exists, runs the server itself as a user without rights, and keeps data on a volume", () => {
  const copied = [...container.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = ""]) => paths.split(" "));
  assert.ok(copied.length >= 4);
  assert.deepEqual(
    copied.filter((path) => !existsSync(path)),
    [],
  );
  const command = JSON.parse(/^CMD (.+)$/m.exec(container)?.[1] ?? "[]") as string[];
  assert.ok(command.some((part) => part === "bin/remit.js" && existsSync(part)));
  assert.match(container, /^USER node$/m);
  assert.equal(/REMIT_DATA=(\S+)/.exec(container)?.[1], /^VOLUME (\S+)$/m.exec(container)?.[1]);
});

test("the unit starts a file that exists, writes to its state folder only, and waits longer than calls get to finish", () => {
  const [, script = ""] = /^ExecStart=\S+ .*?(\S+\.js) start$/m.exec(unit) ?? [];
  assert.ok(existsSync(script));
  assert.equal(/REMIT_DATA=(\S+)/.exec(unit)?.[1], `/var/lib/${/^StateDirectory=(\S+)$/m.exec(unit)?.[1]}`);
  assert.match(unit, /^ProtectSystem=strict$/m);
  const stopSeconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
  assert.ok(stopSeconds > OPTIONS.REMIT_DRAIN_SECONDS.parse(undefined));
});

test("the container file, the unit and the page ask the paths that say whether the server is alive and ready", () => {
  assert.match(container, /^HEALTHCHECK .*\/healthz/m);
  assert.match(unit, /^ExecStartPost=.*\$\{PORT\}\/readyz$/m);
  for (const path of ["/healthz", "/readyz"]) assert.ok(guide.includes(`path: ${path}`), path);
});
