import type { Clock } from "../../lib/clock.ts";
import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import type { EventSink } from "../events.ts";
import type { OwnAccounts } from "./external/index.ts";
import type { DeriveKey } from "./password-hash.ts";

/** An OpenID Connect provider at which this server is a client. */
export interface ExternalProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A sign-in that failed, for counting. */
export interface SignInRefusal {
  readonly method: "password" | "link" | "passkey" | "external";
  readonly address: string | undefined;
}

export interface PeopleDeps {
  readonly store: Pick<Store, "db" | "oidcPayloads">;
  readonly masterKey: Uint8Array;
  /** The public origin, without a slash at its end. */
  readonly url: string;
  readonly now: Clock;
  readonly onEvent: EventSink;
  /** Failures are counted and not recorded one by one, as anybody can cause as many as they like. */
  readonly onSignInRefused?: ((refusal: SignInRefusal) => void) | undefined;
  /** Where people may sign in too. */
  readonly external?: ExternalProvider | undefined;
  /** The application whose people may sign in too. */
  readonly own?: OwnAccounts | undefined;
  readonly fetch: GuardedFetch;
  readonly log: Log;
  /** Argon2 by default. */
  readonly deriveKey?: DeriveKey | undefined;
}
