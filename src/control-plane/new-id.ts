/** An unguessable id (122 random bits) such as `org_9f1c…`: the prefix and 32 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}
