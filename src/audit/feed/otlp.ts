import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import type { FeedRecord } from "./feed-record.ts";

export interface OtlpOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly service: string;
  readonly post: GuardedFetch;
}

/** Severity numbers of OpenTelemetry's log data model. */
const INFO = { severityNumber: 9, severityText: "INFO" };
const WARN = { severityNumber: 13, severityText: "WARN" };

/** Sends records as logs (OTLP/HTTP 1.x, JSON). Rejects when they were not taken. */
export function createOtlpSender({ url, token, service, post }: OtlpOptions): (records: readonly FeedRecord[]) => Promise<void> {
  const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return async (records) => {
    const scopeLogs = [{ scope: { name: "remit.ledger" }, logRecords: records.map(logRecordOf) }];
    const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: [attribute("service.name", service)] }, scopeLogs }] });
    const { status } = await post(url, { method: "POST", headers, body });
    if (status < 200 || status > 299) throw new Error(`the collector answered ${status}`);
  };
}

function logRecordOf({ seq, at, name, isWarning, trace, line }: FeedRecord) {
  return {
    timeUnixNano: `${at}000000`,
    ...(isWarning ? WARN : INFO),
    eventName: name,
    body: { stringValue: line },
    attributes: [{ key: "remit.ledger.seq", value: { intValue: String(seq) } }],
    ...(trace !== undefined && /^[0-9a-f]{32}$/.test(trace) ? { traceId: trace } : {}),
  };
}

function attribute(key: string, value: string) {
  return { key, value: { stringValue: value } };
}
