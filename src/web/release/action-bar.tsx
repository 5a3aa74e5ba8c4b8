import type { ReactElement } from "react";
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { WayBackFacts } from "#web/rollback/way-back-facts.tsx";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { offersOf, worthShowing, type KnownAction, type Offer } from "./actions.ts";
import { subjectOf, type DeploymentDetail } from "./deployment.ts";

interface ActionsProps {
  readonly deployment: DeploymentDetail;
  /** Name of the action whose dialog is open, from the URL. */
  readonly asking: string | undefined;
  readonly onAsk: (name: string | undefined) => void;
}

/** What the viewer may do. What they may not do stands there too and says why. */
export function DeploymentActions({ deployment, asking, onAsk }: ActionsProps): ReactElement | null {
  const offers = worthShowing(offersOf(deployment.actions), deployment.state);
  if (offers.length === 0) return null;
  const refused = offers.filter((offer) => !offer.allowed);
  const asked = offers.find((offer) => offer.name === asking && offer.allowed);
  return (
    <>
      <div className="actions">
        {offers.map((offer) => (
          <OfferButton key={offer.name} offer={offer} onAsk={() => onAsk(offer.name)} />
        ))}
      </div>
      {refused.length > 0 && (
        <div className="actions-because small dim">
          {reasonsOf(refused).map(({ because, labels }) => (
            <p key={because} id={`because-${labels.join("-")}`}>
              {labels.join(", ")}: {because}
            </p>
          ))}
        </div>
      )}
      {asked !== undefined && <ActionDialog deployment={deployment} offer={asked} onClose={() => onAsk(undefined)} />}
    </>
  );
}

/** Refusals with the same reason say it once. */
function reasonsOf(
  refused: readonly Offer[],
): readonly { readonly because: string; readonly labels: readonly string[] }[] {
  const reasons = new Map<string, string[]>();
  for (const { because, label } of refused) reasons.set(because, [...(reasons.get(because) ?? []), label]);
  return [...reasons].map(([because, labels]) => ({ because, labels }));
}

function OfferButton({ offer, onAsk }: { readonly offer: Offer; readonly onAsk: () => void }): ReactElement {
  if (offer.allowed) {
    const color = offer.tone === "bad" ? "red" : "tide";
    return (
      <Button size="xs" variant={offer.name === "approve" ? "filled" : "outline"} color={color} onClick={onAsk}>
        {offer.label}
      </Button>
    );
  }
  // Still reachable by keyboard, so that its reason is heard.
  return (
    <Button
      size="xs"
      variant="default"
      data-disabled
      aria-disabled="true"
      title={offer.because}
      onClick={(event) => event.preventDefault()}
    >
      {offer.label}
      <span className="hidden-visually">: not possible. {offer.because}</span>
    </Button>
  );
}

interface DialogProps {
  readonly deployment: DeploymentDetail;
  readonly offer: Offer;
  readonly onClose: () => void;
}

function ActionDialog({ deployment, offer, onClose }: DialogProps): ReactElement {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: (reason: string | null) => answered(perform(offer.name, deployment, reason)),
    onSuccess: async (changed) => {
      queries.setQueryData(["deployment", changed.id], changed);
      await queries.invalidateQueries({ queryKey: ["inbox"] });
      if (changed.id === deployment.id) onClose();
      else await navigate({ to: "/deployments/$id", params: { id: changed.id } });
    },
  });
  return (
    <ReasonDialog
      title={offer.label}
      subject={subjectOf(deployment)}
      consequence={offer.consequence}
      reason={offer.reason}
      confirm={offer.label}
      tone={offer.tone}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    >
      {movesTraffic(offer.name, deployment) && <WayBackFacts id={deployment.id} />}
    </ReasonDialog>
  );
}

/** Going back, or passing by the chance of it: what it means belongs in view. */
function movesTraffic(name: KnownAction, { state }: DeploymentDetail): boolean {
  return name === "go-on" || name === "go-back" || name === "roll-back" || (name === "abort" && state === "running");
}

type Performed =
  | ReturnType<typeof api.decideApproval>
  | ReturnType<typeof api.abortDeployment>
  | ReturnType<typeof api.decideHeld>;

/** What was shown is what is decided on: the digest of the content goes along. */
function perform(name: KnownAction, { id, contentDigest }: DeploymentDetail, reason: string | null): Performed {
  const params = { id };
  const calls: Readonly<Record<KnownAction, () => Performed>> = {
    approve: () => api.decideApproval({ params, body: { decision: "approved", reason, contentDigest } }),
    reject: () => api.decideApproval({ params, body: { decision: "rejected", reason, contentDigest } }),
    abort: () => api.abortDeployment({ params, body: { reason: reason ?? "" } }),
    "go-on": () => api.decideHeld({ params, body: { decision: "go-on", reason: reason ?? "" } }),
    "go-back": () => api.decideHeld({ params, body: { decision: "go-back", reason: reason ?? "" } }),
    "roll-back": () => api.rollBackDeployment({ params, body: { reason: reason ?? "" } }),
  };
  return calls[name]();
}
