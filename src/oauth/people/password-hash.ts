import { argon2, randomBytes } from "node:crypto";
import { isEqualSecret } from "../../lib/secret.ts";

/** Argon2id parameters (RFC 9106 §3.1). */
export interface HashParameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly tagBytes: number;
}

/** Derives the tag of a password. Injectable, so that tests can count. */
export type DeriveKey = (password: string, parameters: HashParameters) => Promise<Uint8Array>;

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const COST = { memoryKib: 19_456, passes: 2, lanes: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Each takes 19 MiB and a thread of the pool that also serves files and DNS. */
const MAX_PARALLEL = 2;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

export interface PasswordHasher {
  /** A string in PHC form that says how it was made. */
  hash(password: string): Promise<string>;
  /** Compares with a stored hash. Without one it does the same work and says no, so that nobody learns from the time which accounts exist. */
  verify(password: string, stored: string | null): Promise<boolean>;
}

export function createPasswordHasher(derive: DeriveKey = deriveArgon2): PasswordHasher {
  const gate = createGate(MAX_PARALLEL);
  const run: DeriveKey = (password, parameters) => gate(() => derive(canonicalPassword(password), parameters));
  // Its tag is random: there is no password for it.
  const decoy = formatPhc({ ...COST, salt: randomBytes(SALT_BYTES), tagBytes: TAG_BYTES }, randomBytes(TAG_BYTES));
  return {
    async hash(password) {
      const parameters = { ...COST, salt: randomBytes(SALT_BYTES), tagBytes: TAG_BYTES };
      return formatPhc(parameters, await run(password, parameters));
    },
    async verify(password, stored) {
      const { parameters, tag } = parsePhc(stored ?? decoy);
      const isRight = isEqualSecret(await run(password, parameters), tag);
      return isRight && stored !== null;
    },
  };
}

/** One form for what keyboards write differently (NIST SP 800-63B §3.1.1.2). */
export function canonicalPassword(password: string): string {
  return password.normalize("NFKC");
}

const deriveArgon2: DeriveKey = (password, { memoryKib, passes, lanes, salt, tagBytes }) =>
  new Promise((resolve, reject) => {
    const parameters = { message: password, nonce: salt, parallelism: lanes, tagLength: tagBytes, memory: memoryKib, passes };
    argon2("argon2id", parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)));
  });

function formatPhc({ memoryKib, passes, lanes, salt }: HashParameters, tag: Uint8Array): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}

/** Throws for what `hash` never wrote: only a broken store has such a row. */
function parsePhc(text: string): { readonly parameters: HashParameters; readonly tag: Uint8Array } {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(text) ?? [];
  if (salt === undefined || tag === undefined) throw new Error("a stored password hash is not argon2id in PHC form");
  const bytes = Buffer.from(tag, "base64");
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  return { parameters: { ...cost, salt: Buffer.from(salt, "base64"), tagBytes: bytes.length }, tag: bytes };
}

/** Lets a few run at a time; the others wait for their turn. */
function createGate(limit: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await run();
    } finally {
      // The place goes to the next in line, or becomes free.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
