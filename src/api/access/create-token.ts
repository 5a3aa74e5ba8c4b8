import { answer, defineHandler, refuse } from "#api/handler.ts";
import { createToken } from "#contract/access.ts";

export const createTokenHandler = defineHandler(createToken, async (deps, call) => {
  const result = await deps.access.createToken(call.body, call);
  if (result.ok) {
    const { id, text, expiresAt } = result.value;
    return answer(200, { id, token: text, expiresAt: expiresAt.toString() });
  }
  const until = call.identity.credential.grantedUntil.toString();
  const details = {
    "not-your-account": "Tokens are made for one's own accounts. Your accounts are in the configuration.",
    "outlives-its-maker": `The token you came with ends at ${until}. Ask for fewer hours.`,
  };
  return refuse(result.error, details[result.error]);
});
