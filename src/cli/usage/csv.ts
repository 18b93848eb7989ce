/** Rows as CSV (RFC 4180), lines ended by CR LF. What a spreadsheet would take for a formula is given as text. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(value: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(value) && !/^-?\d/.test(value);
  const text = isFormula ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
