/** A project to begin with: tools, scopes, tests, and what CI and production need. */
import type { Command } from "commander";
import type { Initialised } from "./init-project.ts";

interface InitFlags {
  readonly name?: string;
  readonly remit?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addInitCommand(program: Command): void {
  program
    .command("init")
    .argument("[dir]", "folder to write it to; this one without", ".")
    .description("Write a project: three tools with scopes and tests, a container file, and what CI checks.")
    .option("--name <name>", "name of the project; that of the folder without")
    .option("--remit <spec>", "what package.json names as the version of remit, such as file:../remit-0.1.0.tgz")
    .option("--force", "write over files that are there; each is named")
    .option("--json", "print JSON")
    .action(async (folder: string, flags: InitFlags) => {
      const { initProject } = await import("./init-project.ts");
      const done = await initProject({ folder, ...flags });
      console.log(flags.json === true ? JSON.stringify(done) : describe(done));
    });
}

function describe({ folder, name, files, told }: Initialised): string {
  const rows = files.map(({ path, done }) => `  ${done.padEnd(9)} ${path}`);
  const changes = told.map((change) => `  package.json: ${change}`);
  const enter = folder === "." ? "" : `  cd ${folder}\n`;
  return `${name} is in ${folder === "." ? "this folder" : folder}.\n\n${[...rows, ...changes].join("\n")}\n\nNext:\n\n${enter}  npm install\n  npm test\n  npx remit start\n`;
}
