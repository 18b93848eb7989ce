import { eachTool, type Rule, type ToolView } from "../rule.ts";
import { isLosingName, isMutatingName } from "../words.ts";

function hint({ annotations }: ToolView, name: string): unknown {
  return annotations?.[name];
}

const isUnannotated = (tool: ToolView): boolean =>
  typeof hint(tool, "readOnlyHint") !== "boolean" && typeof hint(tool, "destructiveHint") !== "boolean";

export const annotationRules: readonly Rule[] = [
  {
    id: "annot-conflict",
    group: "annotations",
    severity: "error",
    about: "readOnlyHint and destructiveHint are both true: clients that ask before destructive calls cannot know which holds.",
    fix: "Set readOnlyHint to false, or destructiveHint to false.",
    check: eachTool((tool) =>
      hint(tool, "readOnlyHint") === true && hint(tool, "destructiveHint") === true
        ? "It says that it only reads and that it may destroy."
        : undefined,
    ),
  },
  {
    id: "annot-lie",
    group: "annotations",
    severity: "warning",
    about: "The name says that something is changed, the annotations that nothing is: clients let such calls pass without asking.",
    fix: "Set readOnlyHint to false, or rename the tool.",
    check: eachTool((tool) =>
      hint(tool, "readOnlyHint") === true && isMutatingName(tool.name)
        ? `"${tool.name}" sounds like a change but says readOnlyHint: true.`
        : undefined,
    ),
  },
  {
    id: "annot-destructive",
    group: "annotations",
    severity: "warning",
    about: "The name says that something is lost, the annotations that nothing is: clients do not ask the person first.",
    fix: 'Set destructiveHint to true (in a declaration: effect: "destructive"), or rename the tool.',
    check: eachTool((tool) =>
      hint(tool, "destructiveHint") === false && hint(tool, "readOnlyHint") !== true && isLosingName(tool.name)
        ? `"${tool.name}" sounds as if something is lost but says destructiveHint: false.`
        : undefined,
    ),
  },
  {
    id: "annot-missing",
    group: "annotations",
    severity: "warning",
    about:
      "Without annotations a client must take a tool for destructive and reaching outside, which is the default (MCP ToolAnnotations).",
    fix: "Say readOnlyHint, or destructiveHint for what writes.",
    *check({ tools }) {
      const without = tools.filter(isUnannotated);
      if (without.length === tools.length && without.length > 1) {
        yield { message: `None of the ${without.length} tools has annotations; a recording may have left them out.` };
        return;
      }
      for (const { name } of without) yield { tool: name, message: "It says neither readOnlyHint nor destructiveHint." };
    },
  },
];
