import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { authenticate, NO_POLICY } from "../../../src/call/index.ts";
import { isRefusal } from "../../../src/errors.ts";
import { createChallenges, type TokenVerifier } from "../../../src/oauth/index.ts";
import { ENGINES } from "../../store/support/engines.ts";
import { ath, createProver, type Prover } from "../support/prover.ts";
import { createRows, RESOURCE, type Rows } from "../support/resource-rows.ts";

const challenges = createChallenges({ resource: RESOURCE, baseline: ["org:read"] });
const policies = { of: () => NO_POLICY };

/** The reason of the refusal with its challenge, or `accepted`. */
async function send(verifier: TokenVerifier, headers: readonly [string, string][], method = "POST"): Promise<string> {
  const first = new Map(headers.toReversed().map(([name, value]) => [name.toLowerCase(), value]));
  const presented = { method, url: RESOURCE, headers: Object.fromEntries(first), rawHeaders: headers.flat(), search: "", connection: {} };
  const result = await authenticate({ verifier, challenges, policies }, presented);
  if (!isRefusal(result)) return "accepted";
  return `${result.refused}: ${result.headers?.["www-authenticate"]}`;
}

interface Bound {
  readonly rows: Rows;
  readonly prover: Prover;
  readonly bound: string;
  readonly plain: string;
  proof(claims?: Readonly<Record<string, unknown>>): Promise<string>;
}

async function createBound(rows: Rows): Promise<Bound> {
  const client = await rows.client();
  const grant = await rows.grant({ kind: "standing", client_id: client.id, subject: client.id });
  const prover = await createProver();
  const bound = await rows.token(grant, { cnf: { jkt: prover.jkt } });
  return {
    rows,
    prover,
    bound,
    plain: await rows.token(grant),
    proof: (claims = {}) => prover.prove({ htm: "POST", htu: RESOURCE, iat: Math.floor(rows.now() / 1000), ath: ath(bound), ...claims }),
  };
}

describe("a token that is bound to a key (RFC 9449 §7)", () => {
  test("with a proof of its key it is accepted, as often as a new proof comes, under any spelling of the scheme", async (t) => {
    const { rows, bound, proof } = await createBound(await createRows(t));
    for (const scheme of ["DPoP", "dpop", "DPOP "]) {
      const headers: [string, string][] = [
        ["Authorization", `${scheme} ${bound}`],
        ["DPoP", await proof()],
      ];
      assert.equal(await send(rows.verifier, headers), "accepted");
    }
  });

  const INVALID_PROOF = /^invalid_dpop_proof: DPoP error="invalid_dpop_proof", .*resource_metadata="https:.*", algs="ES256 /;
  const INVALID_TOKEN = /^invalid_token: DPoP error="invalid_token", .*resource_metadata="https:.*", algs="ES256 /;
  const cases: [string, (given: Bound) => Promise<[string, string][]>, RegExp][] = [
    ["sent as a bearer token", async ({ bound }) => [["Authorization", `Bearer ${bound}`]], INVALID_TOKEN],
    [
      "sent as a bearer token with its proof",
      async ({ bound, proof }) => [
        ["Authorization", `Bearer ${bound}`],
        ["DPoP", await proof()],
      ],
      INVALID_TOKEN,
    ],
    ["without a proof", async ({ bound }) => [["Authorization", `DPoP ${bound}`]], INVALID_PROOF],
    [
      "with two proofs",
      async ({ bound, proof }) => [
        ["Authorization", `DPoP ${bound}`],
        ["DPoP", await proof()],
        ["dpop", await proof()],
      ],
      INVALID_PROOF,
    ],
    [
      "with a proof of another key",
      async ({ bound, rows }) => {
        const other = await createProver();
        const claims = { htm: "POST", htu: RESOURCE, iat: Math.floor(rows.now() / 1000), ath: ath(bound) };
        return [
          ["Authorization", `DPoP ${bound}`],
          ["DPoP", await other.prove(claims)],
        ];
      },
      INVALID_PROOF,
    ],
    [
      "with a proof for another token",
      async ({ bound, plain, proof }) => [
        ["Authorization", `DPoP ${bound}`],
        ["DPoP", await proof({ ath: ath(plain) })],
      ],
      INVALID_PROOF,
    ],
    [
      "with a proof for the token endpoint",
      async ({ bound, proof }) => [
        ["Authorization", `DPoP ${bound}`],
        ["DPoP", await proof({ htu: "https://mcp.example.com/token" })],
      ],
      INVALID_PROOF,
    ],
    [
      "a token that is not bound, with the scheme of those that are",
      async ({ plain, proof }) => [
        ["Authorization", `DPoP ${plain}`],
        ["DPoP", await proof({ ath: ath(plain) })],
      ],
      INVALID_TOKEN,
    ],
    [
      "a token that is none",
      async ({ proof }) => [
        ["Authorization", "DPoP abc"],
        ["DPoP", await proof({ ath: ath("abc") })],
      ],
      INVALID_TOKEN,
    ],
    [
      "two Authorization headers",
      async ({ bound, plain, proof }) => [
        ["Authorization", `DPoP ${bound}`],
        ["Authorization", `Bearer ${plain}`],
        ["DPoP", await proof()],
      ],
      /^token_in_wrong_place/,
    ],
  ];
  for (const [title, headers, expected] of cases) {
    test(`T16: ${title}: refused`, async (t) => {
      const given = await createBound(await createRows(t));
      assert.match(await send(given.rows.verifier, await headers(given)), expected);
    });
  }

  test("T16: a proof is for one method", async (t) => {
    const { rows, bound, proof } = await createBound(await createRows(t));
    const headers: [string, string][] = [
      ["Authorization", `DPoP ${bound}`],
      ["DPoP", await proof()],
    ];
    assert.match(await send(rows.verifier, headers, "GET"), INVALID_PROOF);
  });

  for (const engine of ENGINES) {
    test(`T16: a proof is good once, for all processes together and after a restart, on ${engine.name}`, async (t) => {
      const { rows, bound, proof } = await createBound(await createRows(t, engine));
      const [here, there] = [rows.verifier, await rows.elsewhere()];
      const headers: [string, string][] = [
        ["Authorization", `DPoP ${bound}`],
        ["DPoP", await proof()],
      ];
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % 2 === 0 ? here : there, headers)));
      assert.equal(answers.filter((answer) => answer === "accepted").length, 1);
      assert.ok(answers.every((answer) => answer === "accepted" || INVALID_PROOF.test(answer)));
      assert.match(await send(await rows.elsewhere(), headers), INVALID_PROOF, "after a restart");
      rows.advance(59_000);
      await rows.verifier.refresh();
      assert.match(await send(rows.verifier, headers), INVALID_PROOF, "as long as it is in time");
    });
  }

  test("a bearer token needs no promise when it is known, and a header named DPoP beside it changes nothing", async (t) => {
    const { rows, plain } = await createBound(await createRows(t));
    const headers: [string, string][] = [
      ["Authorization", `Bearer ${plain}`],
      ["DPoP", "x"],
    ];
    assert.equal(await send(rows.verifier, headers), "accepted");
    const presented = {
      method: "POST",
      url: RESOURCE,
      headers: { authorization: `Bearer ${plain}` },
      rawHeaders: headers.flat(),
      search: "",
      connection: {},
    };
    const again = authenticate({ verifier: rows.verifier, challenges, policies }, presented);
    assert.ok(!(again instanceof Promise));
  });
});
