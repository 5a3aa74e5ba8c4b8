import { answer, definePublicHandler, refuse } from "#api/handler.ts";
import { presentMe } from "#api/access/present.ts";
import { logIn } from "#contract/access.ts";

/** Attempts are counted before the handler is asked (`server.ts`), so that guessing is slow whatever is guessed. */
export const logInHandler = definePublicHandler(logIn, async (deps, call) => {
  const result = await deps.access.logIn({ token: call.body.token, requestId: call.requestId });
  if (!result.ok) return refuse("bad-token", "The token is unknown, expired or revoked. Ask for a new one.");
  const { identity, text, lifeSeconds } = result.value;
  return answer(200, presentMe(identity), {
    session: { kind: "begin", text, maxAgeSeconds: lifeSeconds },
  });
});
