import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** What a checkpoint says: how many records there were, and the root of the tree over them (RFC 6962 §2.1). */
export interface Checkpoint {
  /** Names the ledger; no spaces and no plus sign. */
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

/** Signs checkpoints as text (C2SP signed-note and tlog-checkpoint). */
export interface Signer {
  readonly origin: string;
  /** The public half, as `NAME+HASH+KEY`; whoever has it checks a ledger without trusting the server. */
  readonly verifierKey: string;
  sign(checkpoint: Omit<Checkpoint, "origin">): string;
}

const ED25519 = 1;
const SEED_BYTES = 32;
/** The frames of PKCS #8 and SubjectPublicKeyInfo around 32 bytes (RFC 8410 §10). */
const PRIVATE_FRAME = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_FRAME = Buffer.from("302a300506032b6570032100", "hex");

/** `seed` is 32 secret bytes. */
export function createSigner(origin: string, seed: Uint8Array): Signer {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_FRAME, seed.subarray(0, SEED_BYTES)]),
    format: "der",
    type: "pkcs8",
  });
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(PUBLIC_FRAME.length);
  const id = keyId(origin, raw);
  return {
    origin,
    verifierKey: `${origin}+${id.toString("hex")}+${Buffer.concat([Buffer.from([ED25519]), raw]).toString("base64")}`,
    sign({ size, root }) {
      const text = textOf({ origin, size, root });
      const signature = sign(null, Buffer.from(text), privateKey);
      return `${text}\n— ${origin} ${Buffer.concat([id, signature]).toString("base64")}\n`;
    },
  };
}

/** Checks signed checkpoints with a public key. */
export type Verifier = (note: string) => Checkpoint | undefined;

/** Undefined when this is no such key. */
export function parseVerifierKey(text: string): Verifier | undefined {
  const [, origin = "", hex = "", base64 = ""] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64, "base64");
  const raw = bytes.subarray(1);
  if (bytes[0] !== ED25519 || raw.length !== SEED_BYTES || keyId(origin, raw).toString("hex") !== hex) return undefined;
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_FRAME, raw]), format: "der", type: "spki" });
  return (note) => verifyNote(note, { origin, key, id: Buffer.from(hex, "hex") });
}

interface Known {
  readonly origin: string;
  readonly key: KeyObject;
  readonly id: Buffer;
}

const NOTE = /^(([^\s+]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n)\n— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n$/;

/** What a note says, whoever signed it; undefined when it is no checkpoint. */
export function parseNote(note: string): Checkpoint | undefined {
  const [, , origin = "", size = "", root = ""] = NOTE.exec(note) ?? [];
  return origin === "" ? undefined : { origin, size: Number(size), root: Buffer.from(root, "base64").toString("hex") };
}

function verifyNote(note: string, { origin, key, id }: Known): Checkpoint | undefined {
  const [, text = "", named, , , signer, base64 = ""] = NOTE.exec(note) ?? [];
  const bytes = Buffer.from(base64, "base64");
  if (named !== origin || signer !== origin || !bytes.subarray(0, id.length).equals(id)) return undefined;
  if (!verify(null, Buffer.from(text), key, bytes.subarray(id.length))) return undefined;
  return parseNote(note);
}

function textOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\n`;
}

/** The first four bytes of SHA-256 over the name, a line feed, the kind of signature and the key (C2SP signed-note). */
function keyId(origin: string, raw: Uint8Array): Buffer {
  return createHash("sha256")
    .update(`${origin}\n`)
    .update(Buffer.from([ED25519]))
    .update(raw)
    .digest()
    .subarray(0, 4);
}
