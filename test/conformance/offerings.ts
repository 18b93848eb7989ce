/** The prompts and resources that the suite asks for. */
import * as z from "zod";
import { definePrompt, defineResource, inputRequired, type PromptDeclaration, type ResourceDeclaration } from "../../src/index.ts";
import { PNG } from "./declare.ts";
import { accepted, elicit } from "./rounds.ts";

const scopes = ["fixture:read"] as const;
const CITIES = ["paris", "park", "party", "test"];

export const prompts: readonly PromptDeclaration[] = [
  definePrompt({
    name: "test_simple_prompt",
    title: "Simple prompt",
    description: "A prompt without arguments.",
    scopes,
    run: () => [{ role: "user", content: { type: "text", text: "This is a simple prompt for testing." } }],
  }),
  definePrompt({
    name: "test_prompt_with_arguments",
    title: "Prompt with arguments",
    description: "A prompt that repeats its two arguments.",
    scopes,
    arguments: {
      arg1: { description: "First test argument", required: true, complete: (value) => CITIES.filter((city) => city.startsWith(value)) },
      arg2: { description: "Second test argument", required: true },
    },
    run: ({ arg1, arg2 }) => [{ role: "user", content: { type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` } }],
  }),
  definePrompt({
    name: "test_prompt_with_embedded_resource",
    title: "Prompt with a resource",
    description: "A prompt that embeds a resource.",
    scopes,
    arguments: { resourceUri: { description: "URI of the resource to embed", required: true } },
    run: ({ resourceUri = "" }) => [
      {
        role: "user",
        content: {
          type: "resource",
          resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        },
      },
      { role: "user", content: { type: "text", text: "Please process the embedded resource above." } },
    ],
  }),
  definePrompt({
    name: "test_prompt_with_image",
    title: "Prompt with an image",
    description: "A prompt that shows an image.",
    scopes,
    run: () => [
      { role: "user", content: { type: "image", data: PNG, mimeType: "image/png" } },
      { role: "user", content: { type: "text", text: "Please analyze the image above." } },
    ],
  }),
  definePrompt({
    name: "test_input_required_result_prompt",
    title: "Prompt that asks",
    description: "A prompt that asks which context to use.",
    scopes,
    run(_args, { input }) {
      const answer = accepted(z.object({ context: z.string() }), input.responses["user_context"]);
      if (answer === undefined)
        return inputRequired({ user_context: elicit("What context should the prompt use?", { context: { type: "string" } }) });
      return [{ role: "user", content: { type: "text", text: `Use this context: ${answer.context}` } }];
    },
  }),
];

export const resources: readonly ResourceDeclaration[] = [
  defineResource({
    uri: "test://static-text",
    name: "static-text",
    title: "Static text",
    description: "A text that never changes.",
    scopes,
    mimeType: "text/plain",
    read: (_variables, { uri }) => [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }],
  }),
  defineResource({
    uri: "test://static-binary",
    name: "static-binary",
    title: "Static image",
    description: "An image that never changes.",
    scopes,
    mimeType: "image/png",
    read: (_variables, { uri }) => [{ uri, mimeType: "image/png", blob: PNG }],
  }),
  defineResource({
    uri: "test://watched-resource",
    name: "watched-resource",
    title: "Watched text",
    description: "A text to subscribe to.",
    scopes,
    mimeType: "text/plain",
    read: (_variables, { uri }) => [{ uri, mimeType: "text/plain", text: "Nothing happened yet." }],
  }),
  defineResource({
    uri: "test://template/{id}/data",
    name: "template-data",
    title: "Data by id",
    description: "The data that belongs to an id.",
    scopes,
    mimeType: "application/json",
    read: ({ id }, { uri }) => [
      { uri, mimeType: "application/json", text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) },
    ],
  }),
];
