/** A tool more for a project. */
import { Option, type Command } from "commander";
import type { Effect } from "../../tool/index.ts";
import type { NewTool } from "./new-tool.ts";

interface ToolFlags {
  readonly effect: Effect;
  readonly scope?: string;
  readonly description?: string;
  readonly json?: boolean;
}

export function addNewCommands(program: Command): void {
  const made = program.command("new").description("Add to a project.");
  made
    .command("tool")
    .argument("<name>", "what agents call it by: words of a to z and 0 to 9 with _ between them, a verb first")
    .description("Write a tool and its test, and put it in src/tools/index.ts.")
    .addOption(new Option("--effect <effect>", "what calling it does").choices(["read", "write", "destructive"]).default("read"))
    .option("--scope <scope>", "declared scope that opens it; the first that fits the effect without")
    .option("--description <text>", "what it does, when to use it, what comes back; for the model")
    .option("--json", "print JSON")
    .action(async (name: string, flags: ToolFlags) => {
      const { newTool } = await import("./new-tool.ts");
      const done = await newTool({ name, ...flags });
      console.log(flags.json === true ? JSON.stringify(done) : describe(done));
    });
}

function describe({ tool, scope, files, isListed, binding }: NewTool): string {
  const rows = files.map(({ path, done }) => `  ${done.padEnd(9)} ${path}`);
  const listed = isListed
    ? []
    : ["", `src/tools/index.ts has no list that ${binding} could be put in. Import it there, and add it to tools.`];
  return [
    `${tool} is a tool now, opened by ${scope}.`,
    "",
    ...rows,
    ...listed,
    "",
    "Next: npm test, then npm run manifest:accept",
    "",
  ].join("\n");
}
