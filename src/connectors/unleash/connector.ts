import { readBounded } from "#connectors/bounded-body.ts";
import type { Failure, FlagKeeper, FlagPlace } from "#connectors/port.ts";
import { unleashConnection, type UnleashConnectionInput } from "#connectors/unleash/settings.ts";
import { featureEnvironment, pathOf, toFailure } from "#connectors/unleash/translate.ts";
import { err, ok, type Result } from "#core/result.ts";

const maxAnswerBytes = 1024 * 1024;

/** Reads and switches flags of an Unleash server, by its Admin API. Throws if the settings are not valid. */
export function unleashFlags(input: UnleashConnectionInput): FlagKeeper {
  const { url, token, answerWithinMs } = unleashConnection.parse(input);
  const base = url.replace(/\/+$/, "");
  const ask = async (place: FlagPlace, method: "GET" | "POST", verb: string): Promise<Result<unknown, Failure>> => {
    try {
      const response = await fetch(`${base}${pathOf(place)}${verb}`, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMs),
        headers: { authorization: token, accept: "application/json", "user-agent": "tidegate" },
      });
      if (response.ok) return ok(await readBounded(response, maxAnswerBytes));
      await response.body?.cancel();
      return err(toFailure(response.status, place));
    } catch {
      const message = `${new URL(url).host} did not answer within ${answerWithinMs / 1000} s, or cannot be reached; it will be tried again.`;
      return err({ code: "unreachable", message, retry: "later" });
    }
  };
  return {
    id: "unleash",
    read: async (place) => {
      const answered = await ask(place, "GET", "");
      if (!answered.ok) return answered;
      const read = featureEnvironment.safeParse(answered.value);
      const message = `Unleash's answer about ${place.flag} does not say whether it is on; it will be tried again.`;
      return read.success ? ok({ isOn: read.data.enabled }) : err({ code: "bad-answer", message, retry: "later" });
    },
    switch: async ({ isOn, ...place }) => {
      const answered = await ask(place, "POST", isOn ? "/on" : "/off");
      return answered.ok ? ok(undefined) : answered;
    },
  };
}
