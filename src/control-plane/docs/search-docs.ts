import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { readSections } from "./sections.ts";
import { createTextIndex, type TextIndex } from "./text-index.ts";

const MAX_RESULTS = 5;
const NOTHING = toolError(
  "Nothing in the documentation has any of these words. Try others, such as the name of a thing that you want to change.",
);

let index: Promise<TextIndex> | undefined;

export const searchDocs = defineTool({
  name: "search_docs",
  title: "Search docs",
  description: "Searches the documentation of this server.",
  scopes: ["docs:read"],
  effect: "read",
  input: z.object({ query: z.string().trim().min(2).max(200).describe("A few words.") }),
  output: z.object({ sections: z.array(z.object({ page: z.string(), heading: z.string(), text: z.string() })) }),
  examples: [
    {
      title: "How to rotate keys",
      input: { query: "rotate signing keys" },
      output: {
        sections: [{ page: "reference/cli.md", heading: "Command line › remit key rotate", text: "Lets the next signing key take over." }],
      },
    },
  ],
  async run({ query }) {
    // Read when they are first asked for; a failed reading is tried again by the next call.
    index ??= readSections().then(createTextIndex);
    const found = await index.catch((error: unknown) => {
      index = undefined;
      throw error;
    });
    const sections = found.search(query, MAX_RESULTS);
    return sections.length === 0 ? NOTHING : { sections: [...sections] };
  },
});
