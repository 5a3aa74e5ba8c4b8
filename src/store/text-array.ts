/** `pg_type.oid` of text. */
const textOid = 25;
const headerBytes = 20;

/**
 * A `text[]` in the binary form of the protocol (PostgreSQL's `array_send`): the driver passes a buffer on as it is. In
 * the text form every element is searched for quotes and backslashes here and read again character by character there,
 * which costs more than everything else about storing a verdict. Write `::text[]` behind it in the statement.
 */
export function textArray(list: readonly (string | null)[]): Buffer {
  let size = headerBytes;
  for (const text of list) size += 4 + (text === null ? 0 : Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32BE(list.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(list.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(textOid, 8);
  // Without elements there is no dimension either, and the header ends here.
  if (list.length === 0) return bytes.subarray(0, 12);
  bytes.writeInt32BE(list.length, 12);
  bytes.writeInt32BE(1, 16);
  let place = headerBytes;
  for (const text of list) {
    const written = text === null ? -1 : bytes.write(text, place + 4);
    bytes.writeInt32BE(written, place);
    place += 4 + Math.max(0, written);
  }
  return bytes;
}
