/** Tools for an API that is there already, proposed from its description. */
import type { Command } from "commander";
import { EXIT } from "../exit.ts";

interface ImportFlags {
  readonly out?: string;
  readonly server?: string;
  readonly json?: boolean;
}

export function addImportCommands(program: Command): void {
  program
    .command("import")
    .argument("<file>", "an OpenAPI 3.0 or 3.1 document, YAML or JSON")
    .description("Propose tools for an API from its OpenAPI document, as source files to review.")
    .option("--out <dir>", "write them to a folder that is not there yet; without, only what they would be is printed")
    .option("--server <url>", "base URL of the API, instead of the one in the document")
    .option("--json", "print JSON")
    .action(async (file: string, flags: ImportFlags) => {
      const { importOpenapi } = await import("./import-openapi.ts");
      const { text, isEmpty } = await importOpenapi(file, flags);
      console.log(text);
      if (isEmpty) process.exitCode = EXIT.failed;
    });
}
