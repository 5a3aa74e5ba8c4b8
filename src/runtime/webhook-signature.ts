import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";

/** How webhooks are signed here and elsewhere; always over the bytes as they are sent, never over what they mean. */
export type WebhookScheme = "standard" | "github" | "gitlab" | "jenkins";

export type WebhookHeaders = Readonly<Record<string, string>>;

/** A secret as Standard Webhooks write it: 32 random bytes. */
export function newStandardSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** A secret of the form that the scheme's sender takes. */
export function newHookSecret(scheme: WebhookScheme): string {
  return scheme === "standard" ? newStandardSecret() : randomBytes(32).toString("hex");
}

/** Header fields of a message that we send (Standard Webhooks 1.0): id, time in epoch seconds, HMAC-SHA256. */
export function signStandard(
  message: { readonly id: string; readonly body: string; readonly secret: string },
  nowSeconds: number,
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const key = Buffer.from(message.secret.replace(/^whsec_/, ""), "base64");
  const signed = `${message.id}.${nowSeconds}.${message.body}`;
  const signature = createHmac("sha256", key).update(signed, "utf8").digest("base64");
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(nowSeconds),
    "webhook-signature": `v1,${signature}`,
  };
}

/** Seconds that the time of a signed message may differ from ours: that of Standard Webhooks. */
const toleranceSeconds = 300;

/**
 * Whether the bytes were signed with one of the secrets. Every secret is tried, and texts are compared in constant time.
 * `stale`: the scheme has a time, and it is not now. Whatever headers hold, it answers and does not throw.
 */
export function verifyWebhook(
  scheme: WebhookScheme,
  secrets: readonly string[],
  headers: WebhookHeaders,
  bytes: Uint8Array,
  nowSeconds: number,
): "good" | "bad" | "stale" {
  const good = secrets.map((secret) => isGood(scheme, secret, headers, bytes)).some(Boolean);
  if (scheme !== "standard") return good ? "good" : "bad";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const isNow = /^\d{1,12}$/.test(timestamp) && Math.abs(nowSeconds - Number(timestamp)) <= toleranceSeconds;
  if (!isNow) return "stale";
  return good ? "good" : "bad";
}

function isGood(scheme: WebhookScheme, secret: string, headers: WebhookHeaders, bytes: Uint8Array): boolean {
  switch (scheme) {
    case "standard":
      return isStandard(secret, headers, bytes);
    case "github": {
      const expected = `sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`;
      return isEqual(headers["x-hub-signature-256"] ?? "", expected);
    }
    case "gitlab":
      return isEqual(headers["x-gitlab-token"] ?? "", secret);
    case "jenkins":
      return isEqual(headers["x-tidegate-token"] ?? "", secret);
  }
}

/** Bytes that are not UTF-8 could be read in two ways, so they are signed by nobody. */
function isStandard(secret: string, headers: WebhookHeaders, bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    new Webhook(secret).verify(text, { ...headers }, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

/** Compares digests, so that neither the length nor the place of a difference shows in the time. */
function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}
