import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { BootError } from "../../src/errors.ts";
import { createRegistry, defineScopes, defineSkill, type Registry, type SkillDeclaration } from "../../src/tool/index.ts";

const scopes = defineScopes({ "skill:read": { description: "Read the skills.", access: "read" } });
const description = "Answers questions about refunds.";
const manifest = `---\nname: refunds\ndescription: ${description}\n---\n\n# Refunds\n`;

const skill = (change: object = {}): SkillDeclaration => {
  return defineSkill({ name: "refunds", description, scopes: ["skill:read"], files: { "SKILL.md": manifest }, ...change });
};

function problemsOf(...skills: readonly SkillDeclaration[]): string {
  try {
    createRegistry({ scopes, skills });
  } catch (error) {
    assert.ok(error instanceof BootError);
    return error.problems.join("\n");
  }
  return "";
}

const withManifest = (text: string) => skill({ files: { "SKILL.md": text } });

test("a sound skill boots", () => {
  assert.equal(problemsOf(skill()), "");
});

const refused: readonly [title: string, declared: SkillDeclaration, expected: RegExp][] = [
  ["no scopes", skill({ scopes: [] }), /^skill "refunds" has no scopes/],
  ["an unknown scope", skill({ scopes: ["skill:raed"] }), /"skill:raed", which is not declared/],
  ["a name in capitals", skill({ name: "Refunds" }), /name that clients refuse/],
  ["a name with two hyphens in a row", skill({ name: "re--funds" }), /name that clients refuse/],
  ["no description", skill({ description: " " }), /needs a description/],
  ["a description of more than 1,024 characters", skill({ description: "x".repeat(1025) }), /needs a description of 10 to 1024/],
  ["no SKILL.md", skill({ files: { "README.md": manifest } }), /has no SKILL.md/],
  ["a SKILL.md that is no text", skill({ files: { "SKILL.md": Buffer.from([0, 255]) } }), /has no SKILL.md of text/],
  ["a SKILL.md without frontmatter", withManifest("# Refunds\n"), /does not begin with frontmatter/],
  ["frontmatter that never ends", withManifest("---\nname: refunds\n"), /does not begin with frontmatter/],
  ["frontmatter that is no YAML", withManifest("---\nname: [\n---\n"), /not sound YAML/],
  ["a key twice in the frontmatter", withManifest(`---\nname: refunds\nname: refunds\n---\n`), /not sound YAML: Map keys must be unique/],
  ["an unknown tag in the frontmatter", withManifest("---\nname: !run refunds\n---\n"), /not sound YAML/],
  ["an alias in the frontmatter", withManifest("---\nname: &a refunds\ndescription: *a\n---\n"), /uses aliases/],
  ["frontmatter that is a list", withManifest("---\n- refunds\n---\n"), /not a mapping/],
  ["a number that JSON does not know", withManifest(`---\nname: refunds\ndescription: ${description}\na: .inf\n---\n`), /put it in quotes/],
  ["another name in the frontmatter", withManifest(`---\nname: other\ndescription: ${description}\n---\n`), /says another name/],
  ["another description in the frontmatter", withManifest("---\nname: refunds\ndescription: Steals.\n---\n"), /says another description/],
  [
    "reserved metadata",
    withManifest(`---\nname: refunds\ndescription: ${description}\nmetadata:\n  io.modelcontextprotocol/a: b\n---\n`),
    /reserved metadata "io.modelcontextprotocol\/a"/,
  ],
  ...["../secret.md", "a/../../secret.md", "/etc/passwd", "a//b.md", "./a.md", "a\\..\\b.md", ""].map(
    (path): [string, SkillDeclaration, RegExp] => [
      `the path ${JSON.stringify(path)}`,
      skill({ files: { "SKILL.md": manifest, [path]: "x" } }),
      /use paths below the skill/,
    ],
  ),
  ...[".env", "a/.git/config"].map((path): [string, SkillDeclaration, RegExp] => [
    `the hidden file ${path}`,
    skill({ files: { "SKILL.md": manifest, [path]: "x" } }),
    /holds the hidden file or folder/,
  ]),
  [
    "more than 512 files",
    skill({ files: { "SKILL.md": manifest, ...Object.fromEntries(Array.from({ length: 512 }, (_, i) => [`f${i}.txt`, "x"])) } }),
    /more than 512 files/,
  ],
  [
    "files of more than 16 MiB",
    skill({ files: { "SKILL.md": manifest, "a.bin": Buffer.alloc(16 * 1024 * 1024) } }),
    /more than 16777216 bytes/,
  ],
  ["a folder that is not there", defineSkill({ ...skill(), directory: "/no/such/folder" }), /is no folder/],
];

for (const [title, declared, expected] of refused) {
  test(`a skill with ${title} refuses to boot and names the fix`, () => {
    assert.match(problemsOf(declared), expected);
  });
}

test("a skill declared twice refuses to boot", () => {
  assert.match(problemsOf(skill(), skill()), /skill "refunds" is declared twice/);
});

test("a resource at the URI of a skill's file refuses to boot", () => {
  const resource = {
    uri: "skill://refunds/SKILL.md",
    name: "a",
    title: "A",
    description: "A resource for tests.",
    scopes: ["skill:read"] as const,
  };
  assert.throws(() => createRegistry({ scopes, skills: [skill()], resources: [{ ...resource, read: () => [] }] }), /declared twice/);
});

const hidden: readonly [title: string, declared: SkillDeclaration][] = [
  ["its description", skill({ description: `${description}\u200b` })],
  ["the text of SKILL.md", withManifest(`${manifest}\nIgnore\u{e0041} this.`)],
  ["a file of its own", skill({ files: { "SKILL.md": manifest, "a.md": "Reads \u202ethis." } })],
  ["the name of a file", skill({ files: { "SKILL.md": manifest, "a\u200b.md": "x" } })],
];

for (const [title, declared] of hidden) {
  test(`T49: a skill with hidden text in ${title} refuses to boot`, () => {
    assert.match(problemsOf(declared), /skill "refunds" has a hidden character U\+/);
  });
}

test("line ends of either kind, and bytes that are no text, are no hidden text", () => {
  const files = { "SKILL.md": manifest.replaceAll("\n", "\r\n"), "logo.png": Buffer.from([0x89, 0x50, 0, 0x1b]) };
  assert.equal(problemsOf(skill({ files })), "");
});

async function folder(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "remit-skill-"));
  t.after(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const fromFolder = (directory: string | URL): SkillDeclaration =>
  defineSkill({ name: "refunds", description, scopes: ["skill:read"], directory });

test("a folder is a skill with all that is in it, given as a path or a URL", async (t) => {
  const root = await folder(t, { "SKILL.md": manifest, "a/b/c.md": "c", "a/d e&f.md": "d" });
  for (const directory of [root, pathToFileURL(root)]) {
    const registry = createRegistry({ scopes, skills: [fromFolder(directory)] });
    const entry = [...registry.skills.values()][0]?.definition;
    assert.deepEqual(
      ((entry?.["resources"] ?? []) as { readonly uri: string }[]).map(({ uri }) => uri),
      ["skill://refunds/SKILL.md", "skill://refunds/a/b/c.md", "skill://refunds/a/d%20e%26f.md"],
    );
  }
});

const links: readonly [title: string, target: (root: string) => string][] = [
  ["out of the folder", () => "/etc/hostname"],
  ["to a folder outside", () => "/etc"],
  ["to a file beside it", (root) => join(root, "SKILL.md")],
  ["to nothing", () => "/no/such/file"],
];

for (const [title, target] of links) {
  test(`a folder with a link ${title} refuses to boot`, async (t) => {
    const root = await folder(t, { "SKILL.md": manifest, "a/b.md": "b" });
    await symlink(target(root), join(root, "a", "link.md"));
    assert.match(problemsOf(fromFolder(root)), /holds the link a\/link\.md; put a copy/);
  });
}

test("a folder with a hidden file or folder refuses to boot, so that none is published by mistake", async (t) => {
  assert.match(problemsOf(fromFolder(await folder(t, { "SKILL.md": manifest, "a/.env": "KEY=1" }))), /hidden file or folder "a\/.env"/);
  assert.match(problemsOf(fromFolder(await folder(t, { "SKILL.md": manifest, ".git/config": "x" }))), /hidden file or folder ".git"/);
});

test("an entry names each file once, with the digest and size of its bytes", () => {
  const bytes = Buffer.from([1, 2, 0, 255]);
  const registry: Registry = createRegistry({ scopes, skills: [skill({ files: { "SKILL.md": manifest, "a/b.bin": bytes } })] });
  const digestOf = (value: string | Buffer) => `sha256:${createHash("sha256").update(value).digest("hex")}`;
  assert.deepEqual(registry.skills.get("skill://refunds/SKILL.md")?.definition, {
    uri: "skill://refunds/SKILL.md",
    frontmatter: { name: "refunds", description },
    resources: [
      { uri: "skill://refunds/SKILL.md", digest: digestOf(manifest), size: Buffer.byteLength(manifest) },
      { uri: "skill://refunds/a/b.bin", digest: digestOf(bytes), size: 4 },
    ],
  });
});

test("a file that changes after the start is served as it was when it was checked", async (t) => {
  const root = await folder(t, { "SKILL.md": manifest, "a.md": "first" });
  const registry = createRegistry({ scopes, skills: [fromFolder(root)] });
  await writeFile(join(root, "a.md"), "second");
  const file = registry.resources.get("skill://refunds/a.md");
  assert.deepEqual(await file?.resource.read({}, {} as never), [{ uri: "skill://refunds/a.md", mimeType: "text/markdown", text: "first" }]);
});
