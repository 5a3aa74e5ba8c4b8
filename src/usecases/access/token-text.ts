/**
 * A token as its owner holds it: `tg_<id>_<secret>`, the id being the hexadecimal part of `tok_…`. The prefix lets
 * scanners of repositories find a lost one; the id is looked up by key, so no hash is searched for.
 */
const pattern = /^tg_([0-9a-f]{32})_([0-9a-f]{64})$/;

export function toTokenText(id: string, secret: string): string {
  return `tg_${id.slice("tok_".length)}_${secret}`;
}

export function fromTokenText(text: string): { readonly id: string; readonly secret: string } | null {
  const match = pattern.exec(text);
  const [, id, secret] = match ?? [];
  return id === undefined || secret === undefined ? null : { id: `tok_${id}`, secret };
}
