import { findHidden } from "../../tool/index.ts";
import { valuesOf } from "../places.ts";
import { eachTool, type Rule, type ToolView } from "../rule.ts";
import { meaningOf } from "../words.ts";

const MIN_CHARS = 40;
const MAX_CHARS = 1024;
const PLACEHOLDER =
  /\bT[O]DO\b|\bFIX[M]E\b|\bTBD\b|lorem ipsum|\b(?:your|add|insert|enter) (?:a )?description\b|\bdescription (?:goes )?here\b|^\s*(?:string|description|placeholder|tool|test|n\/a|none|\.+|-+)\s*$/i;

/** Sentences that speak to the model about its instructions, its user or its other tools. */
const INJECTIONS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ignore|disregard|forget|override)\b[^.]{0,30}\b(?:previous|prior|above|earlier|all|other|system)\b[^.]{0,20}\b(?:instructions?|prompts?|rules|messages?)/i,
    "tells the model to ignore its instructions",
  ],
  [
    /<\/?\s*(?:system|important|instructions?|assistant|user|admin|secret|hidden|prompt)\b[^>]*>/i,
    "has a tag that looks like one of a prompt",
  ],
  [/\[\/?(?:INST|SYSTEM)\]|<\|[a-z_]+\|>/i, "has a mark that separates the turns of a prompt"],
  [
    /\b(?:do not|don't|never)\s+(?:tell|inform|mention|reveal|show|say)\b[^.]{0,30}\b(?:user|person|human|anyone)/i,
    "tells the model to hide something from its user",
  ],
  [/\byou are now\b|\bnew instructions?\s*:/i, "gives the model another role"],
  [/\b(?:before|instead of) (?:using|calling) any other tool\b/i, "pushes itself before all other tools"],
];

/** All texts of a tool that a model reads. */
function textsOf({ title, description, inputSchema, outputSchema }: ToolView): readonly string[] {
  const inner = [...valuesOf(inputSchema, "description"), ...valuesOf(outputSchema, "description"), ...valuesOf(inputSchema, "title")];
  return [title, description, ...inner.filter((text) => typeof text === "string")];
}

function injectionIn(tool: ToolView): string | undefined {
  const hidden = findHidden(JSON.stringify([tool.name, tool.title, tool.description, tool.inputSchema, tool.outputSchema]));
  if (hidden !== undefined) return `Its texts have the hidden character ${hidden}, which a model reads and a reviewer does not see.`;
  for (const text of textsOf(tool)) {
    for (const [pattern, what] of INJECTIONS) {
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) return `A text of it ${what}: "${found.slice(0, 80)}".`;
    }
  }
  return undefined;
}

function restates({ name, title, description }: ToolView): boolean {
  const known = new Set([...meaningOf(name), ...meaningOf(title)]);
  const said = meaningOf(description);
  return said.length > 0 && said.every((word) => known.has(word));
}

const WHEN = /\b(?:when|whenever|if|use|useful|instead|before|after|first|only|for|so that|in order to|to (?:find|get|check|see|learn))\b/i;
const RETURN = /\b(?:returns?|answers?|gives?|lists?|tells?|shows?|outputs?|responds?|yields?|result|counts?)\b/i;
const WARNING =
  /\b(?:permanent(?:ly)?|irreversib\w+|cannot be undone|can be undone|undo|undone|undoes|lose|loses|lost|destroy\w*|with (?:all|everything)|destructive|careful\w*|confirm\w*|approv\w+|forever|no longer|stops?|restore\w*|left without)\b/i;

export const descriptionRules: readonly Rule[] = [
  {
    id: "desc-missing",
    group: "description",
    severity: "error",
    about: "Without a description a model guesses from the name what the tool does.",
    fix: "Say what it does, when to use it and what comes back.",
    check: eachTool(({ description }) => (description.trim() === "" ? "It has no description." : undefined)),
  },
  {
    id: "desc-placeholder",
    group: "description",
    severity: "error",
    about: "The description is a note to whoever was to write it.",
    fix: "Write it.",
    check: eachTool(({ description }) => {
      const found = PLACEHOLDER.exec(description)?.[0].trim();
      return found === undefined || description.trim() === "" ? undefined : `The description is not written yet: "${found}".`;
    }),
  },
  {
    id: "desc-injection",
    group: "description",
    severity: "error",
    about:
      "A text holds hidden characters, orders to the model about its instructions or its user, or tags of a prompt: tool poisoning, or a description that works like it.",
    fix: "Remove it. Describe the tool; leave the model's instructions to its host.",
    check: eachTool(injectionIn),
  },
  {
    id: "desc-short",
    group: "description",
    severity: "warning",
    about: `Under ${MIN_CHARS} characters a description does not say what the tool does, when to use it and what comes back.`,
    fix: "Describe it as to a new colleague.",
    check: eachTool(({ description }) => {
      const { length } = description.trim();
      return length > 0 && length < MIN_CHARS ? `The description has ${length} characters.` : undefined;
    }),
  },
  {
    id: "desc-restates-name",
    group: "description",
    severity: "warning",
    about: "The description has no word that the name does not have.",
    fix: "Say what the name leaves open: of what, for what, what comes back.",
    check: eachTool((tool) => (restates(tool) ? `"${tool.description.trim()}" says nothing that the name does not.` : undefined)),
  },
  {
    id: "desc-long",
    group: "description",
    severity: "warning",
    about: `More than ${MAX_CHARS.toLocaleString("en")} characters: everybody who lists the tools pays for it, on every turn.`,
    fix: "Keep what decides whether and how to call it; put the rest into errors, results or documentation.",
    check: eachTool(({ description }) =>
      description.length > MAX_CHARS ? `The description has ${description.length} characters.` : undefined,
    ),
  },
  {
    id: "desc-no-when",
    group: "description",
    severity: "info",
    about: "The description does not say when to use the tool.",
    fix: 'Add the occasion: "Use it when …".',
    check: eachTool(({ description }) =>
      description.trim() === "" || WHEN.test(description) ? undefined : "It does not say when to use it.",
    ),
  },
  {
    id: "desc-no-return",
    group: "description",
    severity: "info",
    about: "Neither the description nor an output schema says what comes back.",
    fix: "Declare an output schema, or say what the answer holds.",
    check: eachTool(({ description, outputSchema }) =>
      outputSchema !== undefined || description.trim() === "" || RETURN.test(description) ? undefined : "It does not say what comes back.",
    ),
  },
  {
    id: "desc-no-warning",
    group: "description",
    severity: "info",
    about: "The tool is destructive and its description does not say what is lost.",
    fix: "Say what is lost and whether it can be undone.",
    check: eachTool(({ description, annotations }) =>
      annotations?.["destructiveHint"] === true &&
      annotations["readOnlyHint"] !== true &&
      !WARNING.test(description) &&
      description.trim() !== ""
        ? "It is destructive and does not say what is lost."
        : undefined,
    ),
  },
];
