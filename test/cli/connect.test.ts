import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeServer } from "../../src/cli/connect/write-server.ts";
import { clientFile, connectClients, textOf, type ClientFile } from "../../src/connect/index.ts";

const server = { id: "billing", mcpUrl: "https://mcp.example.com/mcp" };
const clients = connectClients({ name: "Billing!", mcpUrl: server.mcpUrl });
let dir: string;
before(async () => (dir = await mkdtemp(join(tmpdir(), "remit-connect-"))));
after(() => rm(dir, { recursive: true }));

let count = 0;
/** The file of a client, in a folder of its own. */
function fileOf(clientId: string): ClientFile {
  const file = clientFile(clientId, server);
  assert.ok(file);
  return { ...file, path: join(dir, `${++count}`, "settings") };
}

/** That file with a text in it. */
async function holding(clientId: string, text: string): Promise<ClientFile> {
  const file = { ...fileOf(clientId), path: join(dir, `${++count}.txt`) };
  await writeFile(file.path, text, { mode: 0o640 });
  return file;
}

test("each client is given the URL as it stands, and a name that no shell and no file has to quote", () => {
  assert.deepEqual(
    clients.map(({ id }) => id),
    ["claude", "claude-code", "chatgpt", "cursor", "vscode", "windsurf", "gemini-cli", "codex", "mcp-remote"],
  );
  for (const { id, deepLink, snippets } of clients) {
    assert.ok(snippets.length > 0, id);
    for (const { text } of snippets) assert.ok(text.includes(server.mcpUrl), `${id}: ${text}`);
    if (deepLink !== null) assert.ok(URL.canParse(deepLink), deepLink);
  }
});

test("the links that install carry the same as the files", () => {
  const link = (id: string) => new URL(clients.find((client) => client.id === id)?.deepLink ?? "");
  const config = JSON.parse(Buffer.from(link("cursor").searchParams.get("config") ?? "", "base64").toString()) as unknown;
  assert.deepEqual(config, clientFile("cursor", server)?.entry);
  const vscode = JSON.parse(decodeURIComponent(link("vscode").search.slice(1))) as unknown;
  assert.deepEqual(vscode, { name: "billing", ...clientFile("vscode", server)?.entry });
});

for (const { id } of clients.filter((client) => clientFile(client.id, server) !== undefined)) {
  test(`${id}: a file that is not there is made as the snippet shows it, and a second time nothing changes`, async () => {
    const file = fileOf(id);
    assert.deepEqual(await writeServer(file, false), { path: file.path, backup: undefined, did: "added" });
    assert.equal(await readFile(file.path, "utf8"), `${textOf(file)}\n`);
    assert.equal((await writeServer(file, false)).did, "nothing");
  });
}

test("what stands in the file stays, as it was is kept beside it, and who may read it stays", async () => {
  const others = { theme: "dark", mcpServers: { other: { url: "https://other.example/mcp" } } };
  const before = JSON.stringify(others, null, "\t");
  const file = await holding("cursor", before);
  const { backup } = await writeServer(file, false);
  assert.deepEqual(JSON.parse(await readFile(file.path, "utf8")), {
    ...others,
    mcpServers: { ...others.mcpServers, billing: { url: server.mcpUrl } },
  });
  assert.match(await readFile(file.path, "utf8"), /^\t"theme"/m);
  assert.equal(await readFile(backup ?? "", "utf8"), before);
  assert.equal((await stat(file.path)).mode & 0o777, 0o640);
});

test("in TOML the rest stays to the byte, comments and all", async () => {
  const before = '# mine\nmodel = "x"\n\n[mcp_servers.other]\nurl = "https://other.example/mcp"\n';
  const file = await holding("codex", before);
  await writeServer(file, false);
  assert.equal(await readFile(file.path, "utf8"), `${before}\n${textOf(file)}\n`);
});

test("another server of the same name is replaced only when that is said", async () => {
  const file = await holding("cursor", JSON.stringify({ mcpServers: { billing: { url: "https://old.example/mcp" } } }));
  await assert.rejects(writeServer(file, false), /another server of the name billing.*--name.*--force/);
  assert.equal((await writeServer(file, true)).did, "replaced");
  assert.match(await readFile(file.path, "utf8"), /mcp\.example\.com/);
});

for (const [what, clientId, text] of [
  ["JSON with comments", "vscode", '{\n  // mine\n  "servers": {}\n}'],
  ["a list where the servers should be", "cursor", '{"mcpServers":[]}'],
  ["half a file", "cursor", '{"mcpServers":'],
  ["a table of this name in TOML", "codex", '[mcp_servers.billing]\nurl = "https://old.example/mcp"\n'],
  ["servers in one line of TOML", "codex", "mcp_servers = { }\n"],
] as const)
  test(`${what} is left alone, with what to add by hand`, async () => {
    const file = await holding(clientId, text);
    await assert.rejects(writeServer(file, true), (error: Error) => error.message.includes(textOf(file)));
    assert.equal(await readFile(file.path, "utf8"), text);
  });
