/** What a server offers: its manifest, whether that is genuine, and what changed between two. */
import type { Command } from "commander";
import { EXIT, ExitError } from "../exit.ts";

interface ShowFlags {
  readonly out?: string;
  readonly json?: boolean;
}

interface VerifyFlags {
  readonly issuer?: string;
  readonly keys?: string;
  readonly json?: boolean;
}

interface DiffFlags {
  readonly failOn: string;
  readonly json?: boolean;
}

const SOURCE =
  "URL of a server, file of a manifest, or module that exports scopes and tools; that of this project without, or else the control plane";

export function addManifestCommands(program: Command): void {
  const manifest = program.command("manifest").description("What a server offers, to sign, keep and compare.");
  manifest
    .command("show", { isDefault: true })
    .argument("[source]", SOURCE)
    .description("Print the tools with their scopes, effects and schemas, and the SHA-256 of all that.")
    .option("--out <file>", "write it to a file, to be committed and compared with later")
    .option("--json", "print JSON")
    .action(async (source: string | undefined, flags: ShowFlags) => {
      const { show } = await import("./show.ts");
      console.log(await show(source, flags));
    });
  manifest
    .command("verify")
    .argument("<source>", "URL of a server, or file of a manifest")
    .description("Check the hash and the signature of a manifest. The exit code is 1 when it is not genuine.")
    .option("--issuer <url>", "origin of the server that must have signed it; for a URL its own")
    .option("--keys <file>", "its keys as a JWK Set that was kept; they are read from the issuer without")
    .option("--json", "print JSON")
    .action(async (source: string, flags: VerifyFlags) => {
      const { verify } = await import("./verify.ts");
      const { text, isGenuine } = await verify(source, flags);
      console.log(text);
      if (!isGenuine) process.exitCode = EXIT.failed;
    });
  manifest
    .command("diff")
    .argument("<old>", "what was reviewed: URL, file or module")
    .argument("<new>", "what it is now: URL, file or module")
    .description("Say for each change whether it is breaking, widening or wording.")
    .option("--fail-on <kinds>", "kinds for which the exit code is 1, separated by commas, or none", "breaking,widening")
    .option("--json", "print JSON")
    .action(async (old: string, now: string, { failOn, json }: DiffFlags) => {
      const { compare, parseKinds } = await import("./compare.ts");
      const kinds = parseKinds(failOn);
      if (typeof kinds === "string") throw new ExitError(EXIT.usage, kinds);
      const { text, isFailed } = await compare(old, now, { kinds, json: json ?? false });
      console.log(text);
      if (isFailed) process.exitCode = EXIT.failed;
    });
}
