import { refuse, type Refused } from "#api/handler.ts";

export interface SiteSettings {
  readonly allowedHosts: readonly string[];
  readonly origins: readonly string[];
}

/**
 * The host that the caller believes to speak to must be ours, in the header and in an absolute request line alike.
 * Forwarded headers are not looked at: whoever puts a proxy in front lists its host.
 */
export function refuseForeignHost(settings: SiteSettings, url: URL, headers: Headers): Refused | null {
  const named = [url.host.toLowerCase(), headers.get("host")?.toLowerCase() ?? url.host.toLowerCase()];
  if (named.every((host) => settings.allowedHosts.includes(host))) return null;
  return refuse("unknown-host", "Call the server by a name from its list of hosts, or add this name to the list.");
}

/**
 * Browsers say where a request comes from. What they send for another site is refused, cookie or not; what changes
 * something by the cookie must say that it comes from our own page.
 */
export function refuseForeignOrigin(
  settings: SiteSettings,
  headers: Headers,
  request: { readonly sensitive: boolean; readonly byCookie: boolean },
): Refused | null {
  if (!request.sensitive) return null;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const foreign =
    (origin !== null && !settings.origins.includes(origin)) ||
    (site !== null && site !== "same-origin" && site !== "none");
  const silent = origin === null && site !== "same-origin";
  if (!foreign && !(request.byCookie && silent)) return null;
  return refuse(
    "foreign-origin",
    "Only pages of this server may do this with the session of a browser; scripts use a token.",
  );
}
