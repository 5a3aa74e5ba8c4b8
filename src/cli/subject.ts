import { usage } from "./exit.ts";

/** `SERVICE@VERSION` as people write it. */
export function parseSubject(text: string): { readonly service: string; readonly version: string } {
  const at = text.lastIndexOf("@");
  const service = text.slice(0, at);
  const version = text.slice(at + 1);
  if (at <= 0 || version === "") throw usage(`"${text}" is not SERVICE@VERSION; write for example cart@1.1.0.`);
  return { service, version };
}
