/** What the tools of all servers answer, so that they differ in nothing but how they serve it. */

/** Progress events before the result of the streamed call. */
export const STEPS = 10;

const REPORT_BYTES = 1_000_000;

/** Rows that come to 1 MB (10^6 bytes) of JSON. */
export function makeReport() {
  const rows = [];
  for (let bytes = 0; bytes < REPORT_BYTES;) {
    const n = rows.length + 1;
    const row = {
      id: `org_${String(n).padStart(12, "0")}`,
      name: `Organization ${n}`,
      email: `billing+${n}@organization-${n}.example`,
      seats: n % 500,
      active: n % 7 !== 0,
      note: `Row ${n} of a list that is long enough to be noticed, with a line of text such as lists have.`,
    };
    bytes += JSON.stringify(row).length + 1;
    rows.push(row);
  }
  return rows;
}
