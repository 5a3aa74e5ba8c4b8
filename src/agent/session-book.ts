/** Sessions of one service that were heard of, by version: whoever keeps the cookie that the proxy gave is one. */
export interface SessionBook {
  /** Value of the cookie of a session that begins with the version. */
  readonly begin: (version: string) => string;
  /** The version that a cookie names. Cookies of agents before name nothing but that, and count as one each for a version. */
  readonly versionIn: (cookie: string) => string;
  readonly hear: (cookie: string) => void;
  /** How many were heard of within so many seconds. */
  readonly count: (version: string, idleSeconds: number) => number;
}

/** More at a time are counted as so many: what is kept of each must not fill the memory. */
const mostSessions = 200_000;
/** As long as a session may be silent at most, and a little. */
const keptMs = 900_000;
/** No character of a version. */
const mark = "~";

export function sessionBook(nowMs: () => number): SessionBook {
  const heard = new Map<string, number>();
  const own = nowMs().toString(36);
  let count = 0;
  return {
    begin: (version) => {
      count += 1;
      return `${version}${mark}${own}${count.toString(36)}`;
    },
    versionIn,
    hear: (cookie) => {
      const now = nowMs();
      // The newest last, so that the oldest are found first.
      heard.delete(cookie);
      heard.set(cookie, now);
      for (const [oldest, at] of heard) {
        if (heard.size <= mostSessions && now - at <= keptMs) break;
        heard.delete(oldest);
      }
    },
    count: (version, idleSeconds) => {
      const from = nowMs() - idleSeconds * 1000;
      let found = 0;
      for (const [cookie, at] of heard) if (at >= from && versionIn(cookie) === version) found += 1;
      return found;
    },
  };
}

function versionIn(cookie: string): string {
  const at = cookie.indexOf(mark);
  return at === -1 ? cookie : cookie.slice(0, at);
}
