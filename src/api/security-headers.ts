/**
 * For pages. Scripts come from our own files only. Styles may stand in the page, because Mantine writes its variables
 * and responsive rules into <style> elements at run time; a style cannot run code, and `connect-src 'self'` keeps it
 * from carrying anything away beyond this origin.
 */
const pagePolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** For answers that are data: nothing in them may load or run anything, should a browser show one as a page. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** On every answer, whatever it is. Answers that are not files are never stored by anybody. */
export function addSecurityHeaders(headers: Pick<Headers, "get" | "has" | "set">, secure: boolean): void {
  const isPage = headers.get("content-type")?.startsWith("text/html") === true;
  headers.set("content-security-policy", isPage ? pagePolicy : dataPolicy);
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("referrer-policy", "no-referrer");
  headers.set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (secure) headers.set("strict-transport-security", "max-age=31536000");
}
