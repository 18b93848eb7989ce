import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { BootError } from "../../../errors.ts";
import type { Clock } from "../../../lib/clock.ts";
import { seal, unseal } from "../../../lib/secret.ts";
import type { SigningKeyRow, SigningKeyStore } from "../../../store/index.ts";
import { SIGNING_ALG } from "../../token-rules.ts";

/** The key that signs now. */
export interface ActiveKey {
  readonly kid: string;
  readonly privateJwk: JWK;
}

/**
 * The signing keys, shared by all processes through the store. A key is published before it signs (pending), signs (active), and stays
 * published while tokens that it signed can be valid (retiring).
 */
export interface KeyRing {
  active(): ActiveKey;
  /** JWK Set (RFC 7517 §5) as JSON. */
  jwks(): string;
  /** Reads the ring again when it was read longer than half a minute ago, as another process may have turned it. */
  refresh(): Promise<void>;
  /** Turns the ring by one. Of any number of processes and calls at once, one does it: true for that one. */
  rotate(): Promise<boolean>;
  /** Turns the ring when the active key is older than `rotateAfterMs`, and drops keys whose tokens have all expired. */
  maintain(): Promise<{ readonly isRotated: boolean }>;
  /** The keys as last read. */
  rows(): readonly SigningKeyRow[];
}

export interface KeyRingOptions {
  readonly store: SigningKeyStore;
  readonly sealKey: Uint8Array;
  readonly now: Clock;
  readonly rotateAfterMs: number;
  /** At least the life of an access token, the leeway of clocks and the time in which every process notices a rotation. */
  readonly retireAfterMs: number;
}

const FRESH_MS = 30_000;

/** Makes one active and one pending key on the first start. Throws BootError when the master key does not open the keys. */
export async function createKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { store, sealKey, now } = options;
  let rows: readonly SigningKeyRow[] = [];
  let active: ActiveKey | undefined;
  let jwks = "";
  let readAt = 0;

  function take(next: readonly SigningKeyRow[]): void {
    const row = next.find((key) => key.state === "active");
    if (row !== undefined && row.kid !== active?.kid) active = { kid: row.kid, privateJwk: openKey(row, sealKey) };
    rows = next;
    jwks = JSON.stringify({ keys: next.map((key) => JSON.parse(key.public_jwk) as JWK) });
    readAt = now();
  }

  /** False when another process was first; its ring is taken over then. */
  async function replace(expected: readonly SigningKeyRow[], next: readonly SigningKeyRow[]): Promise<boolean> {
    const isMine = await store.replace(expected, next);
    take(isMine ? next : await store.list());
    return isMine;
  }

  async function rotate(): Promise<boolean> {
    const present = await store.list();
    const promoted = present.find((key) => key.state === "pending") ?? (await createKey(options));
    return replace(present, turn(present, { promoted, fresh: await createKey(options), at: now() }));
  }

  take(await store.list());
  if (active === undefined) await rotate();

  return {
    active() {
      if (active === undefined) throw new Error("The store holds no active signing key.");
      return active;
    },
    jwks: () => jwks,
    async refresh() {
      if (Math.abs(now() - readAt) >= FRESH_MS) take(await store.list());
    },
    rotate,
    async maintain() {
      const present = await store.list();
      const kept = present.filter((key) => key.state !== "retiring" || key.state_at + options.retireAfterMs > now());
      if (kept.length < present.length) await replace(present, kept);
      else take(present);
      const isDue = rows.some((key) => key.state === "active" && key.state_at + options.rotateAfterMs <= now());
      return { isRotated: isDue && (await rotate()) };
    },
    rows: () => rows,
  };
}

/** The ring one step on. */
function turn(present: readonly SigningKeyRow[], step: { promoted: SigningKeyRow; fresh: SigningKeyRow; at: number }): SigningKeyRow[] {
  const rest = present.filter((key) => key.kid !== step.promoted.kid);
  const retired = rest.map((key) => (key.state === "active" ? enter(key, "retiring", step.at) : key));
  return [...retired, enter(step.promoted, "active", step.at), step.fresh];
}

function enter(key: SigningKeyRow, state: SigningKeyRow["state"], at: number): SigningKeyRow {
  return { ...key, state, state_at: at };
}

async function createKey({ sealKey, now }: KeyRingOptions): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair(SIGNING_ALG, { extractable: true });
  const { d, ...publicJwk } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const published = { ...publicJwk, kid, alg: SIGNING_ALG, use: "sig" };
  const at = now();
  return {
    kid,
    alg: SIGNING_ALG,
    state: "pending",
    public_jwk: JSON.stringify(published),
    sealed_private_jwk: seal(sealKey, JSON.stringify({ ...published, d }), sealContext(kid)),
    created_at: at,
    state_at: at,
  };
}

function openKey(row: SigningKeyRow, sealKey: Uint8Array): JWK {
  try {
    return JSON.parse(unseal(sealKey, row.sealed_private_jwk, sealContext(row.kid))) as JWK;
  } catch {
    throw new BootError([
      "the master key does not open the signing keys of this store; give REMIT_MASTER_KEY, or restore the key file, with which it was first started",
    ]);
  }
}

/** Binds the sealed key to its id, so that one cannot be put in the place of another. */
function sealContext(kid: string): string {
  return `signing-key ${kid}`;
}
