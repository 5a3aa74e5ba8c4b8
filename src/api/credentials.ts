import type { Presented } from "#usecases/access/identity.ts";
import type { SessionChange } from "#api/handler.ts";

/** `__Host-` makes browsers insist on Secure, path `/` and no domain; plain http on loopback cannot have it. */
function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-tidegate" : "tidegate";
}

/**
 * What the caller shows. A bearer token goes before the cookie and is never mended by it: whoever sends a broken
 * `Authorization` is nobody. Two session cookies (one tossed in from another place) are none.
 */
export function presentedIn(headers: Headers, secure: boolean): Presented | null {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [, text] = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(authorization) ?? [];
    return text === undefined ? null : { kind: "token", text };
  }
  const found = cookiesNamed(headers.get("cookie") ?? "", sessionCookieName(secure));
  const [text] = found;
  return text === undefined || found.length > 1 ? null : { kind: "session", text };
}

function cookiesNamed(header: string, name: string): readonly string[] {
  const values: string[] = [];
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) values.push(pair.slice(at + 1).trim());
  }
  return values;
}

/** Not readable by scripts, sent to this site by this site only. */
export function sessionCookie(change: SessionChange, secure: boolean): string {
  const value = change.kind === "begin" ? change.text : "";
  const maxAge = change.kind === "begin" ? change.maxAgeSeconds : 0;
  const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
  return `${sessionCookieName(secure)}=${value}; ${flags}${secure ? "; Secure" : ""}`;
}
