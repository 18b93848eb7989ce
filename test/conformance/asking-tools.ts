/** Tools that need something from the client before they can answer (MCP 2026-07-28 multi-round-trip requests). */
import * as z from "zod";
import { defineTool, inputRequired, type Tool } from "../../src/index.ts";
import { plainTool, titleOf } from "./declare.ts";
import { accepted, elicit, rootsOf, sample, sampledText } from "./rounds.ts";

const Name = z.object({ name: z.string() });
const Ok = z.object({ ok: z.boolean() });

const askName = elicit("What is your name?", { name: { type: "string" } });
const askRoots = { method: "roots/list", params: {} } as const;

/** Asks one thing, and again until the answer is one. */
const singleTools: readonly Tool[] = [
  plainTool("test_input_required_result_elicitation", "Asks for a name and greets.", ({ input }) => {
    const answer = accepted(Name, input.responses["user_name"]);
    return answer === undefined ? inputRequired({ user_name: askName }) : `Hello, ${answer.name}!`;
  }),
  plainTool("test_input_required_result_sampling", "Asks the client's model a question.", ({ input }) => {
    const answer = sampledText(input.responses["capital_question"]);
    return answer ?? inputRequired({ capital_question: sample("What is the capital of France?", 100) });
  }),
  plainTool("test_input_required_result_list_roots", "Asks for the client's roots.", ({ input }) => {
    const roots = rootsOf(input.responses["client_roots"]);
    return roots === undefined ? inputRequired({ client_roots: askRoots }) : `The roots are ${roots.join(", ")}.`;
  }),
  plainTool("test_input_required_result_capabilities", "Asks for what this client can give.", (context) => {
    const { responses } = context.input;
    const answer = sampledText(responses["greeting"]) ?? accepted(Name, responses["user_name"])?.name;
    if (answer !== undefined) return `The answer is ${answer}.`;
    return inputRequired({
      ...(context.hasCapability({ sampling: {} }) ? { greeting: sample("Generate a greeting", 50) } : {}),
      ...(context.hasCapability({ elicitation: {} }) ? { user_name: askName } : {}),
    });
  }),
];

function confirmingTool(name: string): Tool {
  return plainTool(name, "Asks for a confirmation and knows its state again.", ({ input }) => {
    const answer = accepted(Ok, input.responses["confirm"]);
    if (answer === undefined || input.state === undefined)
      return inputRequired({ confirm: elicit("Please confirm", { ok: { type: "boolean" } }) }, { asked: "confirm" });
    return `state-ok, the answer is ${answer.ok}`;
  });
}

const statefulTools: readonly Tool[] = [
  confirmingTool("test_input_required_result_request_state"),
  confirmingTool("test_input_required_result_tampered_state"),
  plainTool(
    "test_input_required_result_multiple_inputs",
    "Asks for a name, a greeting and the roots at once.",
    ({ input: { responses, state } }) => {
      const person = accepted(Name, responses["user_name"]);
      const greeting = sampledText(responses["greeting"]);
      const roots = rootsOf(responses["client_roots"]);
      if (state === undefined || person === undefined || greeting === undefined || roots === undefined) {
        return inputRequired({ user_name: askName, greeting: sample("Generate a greeting", 50), client_roots: askRoots }, { asked: 3 });
      }
      return `${greeting} ${person.name}, with ${roots.length} roots.`;
    },
  ),
  plainTool("test_input_required_result_multi_round", "Asks for a name, then for a color.", ({ input: { responses, state } }) => {
    const known = Name.safeParse(state).data;
    const color = accepted(z.object({ color: z.string() }), responses["step2"])?.color;
    if (known !== undefined && color !== undefined) return `${known.name} likes ${color}.`;
    const name = known?.name ?? (state === undefined ? undefined : accepted(Name, responses["step1"])?.name);
    if (name === undefined)
      return inputRequired({ step1: elicit("Step 1: What is your name?", { name: { type: "string" } }) }, { round: 1 });
    return inputRequired({ step2: elicit("Step 2: What is your favorite color?", { color: { type: "string" } }) }, { name });
  }),
];

const capabilityTools: readonly Tool[] = [
  plainTool("test_missing_capability", "Works only with a client that samples.", (context) => {
    context.requireCapability({ sampling: {} });
    return "The client samples.";
  }),
  plainTool("test_streaming_elicitation", "Streams progress, then asks for a name.", async ({ input, progress }) => {
    const answer = accepted(Name, input.responses["user_name"]);
    if (answer !== undefined) return `Hello, ${answer.name}!`;
    await progress(1, 2, "About to ask");
    return inputRequired({ user_name: askName });
  }),
];

/** What older clients know as requests of the server. */
const olderTools: readonly Tool[] = [
  askingTool(
    "test_sampling",
    { prompt: z.string() },
    {
      key: "sampled",
      ask: ({ prompt }) => sample(prompt ?? "", 100),
      answer: (response) => {
        const text = sampledText(response);
        return text === undefined ? undefined : `LLM response: ${text}`;
      },
    },
  ),
  askingTool(
    "test_elicitation",
    { message: z.string() },
    {
      key: "user",
      ask: ({ message }) =>
        elicit(message ?? "", {
          username: { type: "string", description: "User's response" },
          email: { type: "string", description: "User's email address" },
        }),
      answer: describeElicited("User response"),
    },
  ),
  askingTool(
    "test_elicitation_sep1034_defaults",
    {},
    {
      key: "user",
      ask: () =>
        elicit("Check the values", {
          name: { type: "string", default: "John Doe" },
          age: { type: "integer", default: 30 },
          score: { type: "number", default: 95.5 },
          status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
          verified: { type: "boolean", default: true },
        }),
      answer: describeElicited("Elicitation completed"),
    },
  ),
  askingTool(
    "test_elicitation_sep1330_enums",
    {},
    {
      key: "user",
      ask: () =>
        elicit("Choose", {
          untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
          titledSingle: { type: "string", oneOf: titled("value", ["First Option", "Second Option", "Third Option"]) },
          legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["Option One", "Option Two", "Option Three"] },
          untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
          titledMulti: { type: "array", items: { anyOf: titled("value", ["First Choice", "Second Choice", "Third Choice"]) } },
        }),
      answer: describeElicited("Elicitation completed"),
    },
  ),
];

type Request = Parameters<typeof inputRequired>[0][string];

interface Asking {
  readonly key: string;
  ask(input: Readonly<Record<string, string>>): Request;
  answer(response: unknown): string | undefined;
}

/** A tool that asks one thing made from its arguments. */
function askingTool(name: string, shape: Readonly<Record<string, z.ZodString>>, { key, ask, answer }: Asking): Tool {
  return defineTool({
    name,
    title: titleOf(name),
    description: "Asks the client for something and tells what came back.",
    scopes: ["fixture:read"],
    effect: "read",
    input: z.object(shape),
    examples: [{ title: "Plain call", input: Object.fromEntries(Object.keys(shape).map((argument) => [argument, "Say hello."])) }],
    run: (input, context) => answer(context.input.responses[key]) ?? inputRequired({ [key]: ask(input) }),
  });
}

function describeElicited(before: string): (response: unknown) => string | undefined {
  const Elicited = z.object({ action: z.enum(["accept", "decline", "cancel"]), content: z.unknown() });
  return (response) => {
    const { data } = Elicited.safeParse(response);
    return data === undefined ? undefined : `${before}: action=${data.action}, content=${JSON.stringify(data.content ?? {})}`;
  };
}

function titled(value: string, titles: readonly string[]) {
  return titles.map((title, i) => ({ const: `${value}${i + 1}`, title }));
}

export const tools: readonly Tool[] = [...singleTools, ...statefulTools, ...capabilityTools, ...olderTools];
