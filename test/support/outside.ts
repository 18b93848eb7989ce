/** Servers on loopback that stand for the internet: https with a certificate authority made for the test, and a count of everything that arrives. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP, type AddressInfo } from "node:net";
import type { TestContext } from "node:test";

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size =
    body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => tlv(0x06, Buffer.from(bytes));
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const VALIDITY = sequence(tlv(0x17, Buffer.from("200101000000Z")), tlv(0x17, Buffer.from("491231235959Z")));

const nameOf = (text: string): Buffer => sequence(tlv(0x31, sequence(oid(0x55, 0x04, 0x03), tlv(0x0c, Buffer.from(text)))));
/** basicConstraints with CA:TRUE. */
const AUTHORITY = sequence(oid(0x55, 0x1d, 0x13), TRUE, tlv(0x04, sequence(TRUE)));
/** subjectAltName. */
const hostsOf = (hosts: readonly string[]): Buffer =>
  sequence(
    oid(0x55, 0x1d, 0x11),
    tlv(
      0x04,
      sequence(
        ...hosts.map((host) => (isIP(host) === 4 ? tlv(0x87, Buffer.from(host.split(".").map(Number))) : tlv(0x82, Buffer.from(host)))),
      ),
    ),
  );

interface Certified {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}

/** An X.509 certificate (RFC 5280) as PEM. */
function certify({ subject, publicKey, extension }: Certified, issuerKey: KeyObject, serial: number): string {
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([serial])),
    ECDSA_SHA256,
    nameOf("Test authority"),
    VALIDITY,
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(extension)),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign("sha256", body, issuerKey));
  const pem = sequence(body, ECDSA_SHA256, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${pem.match(/.{1,64}/g)?.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
/** The authority's certificate, as PEM. */
export const TEST_CA = certify(
  { subject: "Test authority", publicKey: authority.publicKey, extension: AUTHORITY },
  authority.privateKey,
  1,
);

export interface Outside {
  readonly port: number;
  /** TCP connections so far. */
  connections(): number;
  /** Requests so far, as `host path`. */
  readonly requests: string[];
}

export type Answering = (req: IncomingMessage, res: ServerResponse) => void;

/** An https server for these hosts. */
export async function startOutside(t: Pick<TestContext, "after">, hosts: readonly string[], answer: Answering): Promise<Outside> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const cert = certify({ subject: "Test server", publicKey, extension: hostsOf(hosts) }, authority.privateKey, 2);
  const requests: string[] = [];
  let connections = 0;
  const server: Server = createServer({ cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) }, (req, res) => {
    requests.push(`${req.headers.host ?? ""} ${req.url ?? ""}`);
    answer(req, res);
  });
  server.on("connection", () => connections++);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections, requests };
}

/** A name service that knows every name at 127.0.0.1. */
export const loopbackLookup = async (): Promise<readonly { address: string; family: 4 | 6 }[]> => [{ address: "127.0.0.1", family: 4 }];
