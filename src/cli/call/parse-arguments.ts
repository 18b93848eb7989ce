import { isRecord } from "../../lib/is-record.ts";
import { EXIT, ExitError } from "../exit.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** Arguments as they were typed: `name=text`, `name:=JSON`, or one JSON object. Throws ExitError that says which word is none of these. */
export function parseArguments(words: readonly string[]): Arguments {
  const [only] = words;
  if (words.length === 1 && only !== undefined && /^\s*\{/.test(only)) return parseObject(only);
  const parsed = words.map(parseWord);
  const twice = parsed.find(([name], i) => parsed.findIndex(([other]) => other === name) !== i);
  if (twice !== undefined)
    throw new ExitError(EXIT.usage, `The argument ${twice[0]} is given twice. Give a list as ${twice[0]}:='["a","b"]'.`);
  return Object.fromEntries(parsed);
}

/** All arguments as one JSON object. */
export function parseObject(text: string): Arguments {
  const value = parseJson(text, "The arguments");
  if (!isRecord(value)) throw new ExitError(EXIT.usage, 'The arguments are no JSON object, such as {"name":"text"}.');
  return value;
}

function parseWord(word: string): readonly [string, unknown] {
  const [, name, mark, value] = /^([^=:]+)(:?=)([\s\S]*)$/.exec(word) ?? [];
  if (name === undefined || value === undefined)
    throw new ExitError(EXIT.usage, `${JSON.stringify(word)} is no argument. Write name=text, name:=JSON, or one JSON object.`);
  return [name, mark === ":=" ? parseJson(value, name) : value];
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ExitError(EXIT.usage, `${what}: this is no JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
}
