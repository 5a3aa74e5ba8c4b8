import { createPrivateKey, sign, type KeyObject } from "node:crypto";
import { z } from "zod";
import { gitHubConnection, type GitHubConnection, type GitHubConnectionInput } from "#connectors/github/settings.ts";
import { toFailure, toReview } from "#connectors/github/translate.ts";
import { readBounded } from "#connectors/bounded-body.ts";
import { callbackRun } from "#connectors/hooks/github.ts";
import type { Failure, RuleAnswerer } from "#connectors/port.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A token of an app lives for ten minutes at most; its clock may stand behind ours. */
const appTokenSeconds = 300;
const clockSkewSeconds = 60;
const maxAnswerBytes = 256 * 1024;

/** Answers deployment protection rules as a GitHub App. Throws if the settings are not valid. */
export function gitHubAnswerer(input: GitHubConnectionInput, nowSeconds: () => number): RuleAnswerer {
  const settings = gitHubConnection.parse(input);
  const key = createPrivateKey(settings.privateKey);
  return {
    id: "github",
    answer: async ({ url, installation, ...review }) => {
      // The address came in an event: only the callback of a run at the very server that we speak to gets our token.
      const isOurs = URL.canParse(url) && new URL(url).origin === new URL(settings.apiUrl).origin;
      if (!isOurs || callbackRun(url) === null) {
        const message = `The callback is not one of ${new URL(settings.apiUrl).origin}: nothing was sent.`;
        return err({ code: "foreign-callback", message, retry: "never" });
      }
      const token = await installationToken(settings, appToken(settings, key, nowSeconds()), installation);
      if (!token.ok) return token;
      const sent = await post(settings, url, token.value, toReview(review));
      return sent.ok ? ok(undefined) : sent;
    },
  };
}

/** RFC 7519 with RS256, as GitHub wants it of an app. */
function appToken({ appId }: GitHubConnection, key: KeyObject, now: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iat: now - clockSkewSeconds, exp: now + appTokenSeconds, iss: appId };
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

const issued = z.object({ token: z.string().min(1).max(1000) });

async function installationToken(
  settings: GitHubConnection,
  app: string,
  installation: number,
): Promise<Result<string, Failure>> {
  const url = `${settings.apiUrl.replace(/\/+$/, "")}/app/installations/${installation}/access_tokens`;
  const answered = await post(settings, url, app, {});
  if (!answered.ok) return answered;
  const read = issued.safeParse(answered.value);
  const message = "GitHub's answer holds no token; it will be tried again.";
  return read.success ? ok(read.data.token) : err({ code: "bad-answer", message, retry: "later" });
}

async function post(
  { answerWithinMs }: GitHubConnection,
  url: string,
  token: string,
  body: object,
): Promise<Result<unknown, Failure>> {
  const { host, pathname } = new URL(url);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      signal: AbortSignal.timeout(answerWithinMs),
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        "content-type": "application/json",
        "user-agent": "tidegate",
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return err(toFailure(response.status, pathname));
    }
    return ok(await readBounded(response, maxAnswerBytes));
  } catch {
    const message = `${host} did not answer within ${answerWithinMs / 1000} s, or cannot be reached; it will be tried again.`;
    return err({ code: "unreachable", message, retry: "later" });
  }
}
