import { redeemGate } from "#contract/gate.ts";
import type { RedeemRefusal } from "#usecases/release/gate-types.ts";
import { answer, defineHandler, refuse, type Refused } from "#api/handler.ts";
import { presentGate } from "#api/release/present-gate.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const redeemGateHandler = defineHandler(redeemGate, async (deps, call) => {
  const { id } = call.params;
  const redeemed = await deps.gates.redeem({ id, ...call.body }, callOf(call));
  if (!redeemed.ok) return refusalOf(redeemed.error, id);
  const { view, lease, fence, expiresAt } = redeemed.value;
  const gate = presentGate(view, deps.clock.now(), deps.settings);
  return answer(200, { gate, lease, fence, expiresAt: expiresAt.toString() });
});

type Code =
  | "no-such-gate"
  | "wrong-gate-token"
  | "token-used"
  | "token-void"
  | "token-expired"
  | "wrong-target"
  | "content-changed"
  | "not-allowed";

function refusalOf(refused: RedeemRefusal, id: string): Refused<Code> {
  if (refused.code === "no-such-gate") return refuse(refused.code, `There is no gate ${id}.`);
  const code = refused.code === "bad-token" ? "wrong-gate-token" : refused.code;
  const next =
    code === "token-used"
      ? "Ask again in a new run."
      : code === "wrong-target"
        ? "Deploy what was asked for, or ask for what you deploy."
        : `Ask for another token: POST /v1/gates/${id}/token.`;
  return refuse(code, `Nothing may be deployed with this token: ${refused.reason}. ${next}`);
}
