import { isBefore } from "#core/span.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { StoredSignature } from "#usecases/plan/step-records.ts";
import type { Records } from "#usecases/records.ts";

/** Long enough to send the answer, too short to be kept. */
export const signatureLives = { minutes: 5 } as const;

const pattern = /^sg_([0-9a-f]{32})_([0-9a-f]{64})$/;

/** As its owner holds it for those minutes: `sg_<id>_<secret>`. */
export function toSignatureText(id: string, secret: string): string {
  return `sg_${id.slice("sig_".length)}_${secret}`;
}

export interface SignatureDeps {
  /** Signatures live on the clock of credentials, like tokens. */
  readonly credentialNow: () => Temporal.Instant;
  readonly secrets: {
    readonly make: () => string;
    readonly hash: (secret: string) => string;
    readonly equal: (a: string, b: string) => boolean;
  };
}

/** What a signature has to be for. */
export interface Signed {
  readonly step: StepKey;
  readonly person: string;
  /** Digest of the answer as it was sent. */
  readonly digest: string;
}

/**
 * Uses up the signature of an answer; null when it is not one: unknown, somebody else's, for another step or another
 * answer, too old, or used before. Which of these it is, the sender does not learn.
 */
export async function useSignature(
  deps: SignatureDeps,
  records: Records,
  text: string,
  { step, person, digest }: Signed,
): Promise<StoredSignature | null> {
  const [, id, secret] = pattern.exec(text) ?? [];
  const found = id === undefined ? null : await records.signatures.find(`sig_${id}`);
  const matches = deps.secrets.equal(deps.secrets.hash(secret ?? ""), found?.secretHash ?? "0".repeat(64));
  const now = deps.credentialNow();
  if (found === null || !matches || found.usedAt !== null || !isBefore(now, found.expiresAt)) return null;
  const isSame =
    found.person === person &&
    found.digest === digest &&
    found.step.run === step.run &&
    found.step.part === step.part &&
    found.step.name === step.name;
  if (!isSame) return null;
  await records.signatures.use(found.id, now);
  return found;
}

/** How a signature stands in the audit record of what it signs. */
export function signatureEntry({
  id,
  account,
  token,
  digest,
  createdAt,
}: StoredSignature): Readonly<Record<"id" | "account" | "token" | "digest" | "givenAt", string>> {
  return { id, account, token, digest, givenAt: createdAt.toString() };
}
